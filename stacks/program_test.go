package stacks

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// live is what getOrganization answers: somebody trusted a service and enabled
// a policy type by hand, and an account is called differently.
func live() map[string]any {
	return map[string]any{
		"id": "o-a1b2c3d4e5", "masterAccountId": "111111111111",
		"awsServiceAccessPrincipals": []any{"sso.amazonaws.com", "iam.amazonaws.com"},
		"enabledPolicyTypes":         []any{"TAG_POLICY"},
		"roots":                      []any{map[string]any{"id": "r-ab12", "arn": "arn:root", "name": "Root"}},
		"accounts": []any{
			map[string]any{"id": "777777777777", "email": "identity@acme.example", "name": "identity"},
			map[string]any{"id": "444444444444", "email": "old@acme.example", "name": "Payments"},
		},
	}
}

// register runs the program of a stack of the fixture and returns the monitor.
func register(t *testing.T, stack string, opts Options) (*monitor, error) {
	t.Helper()
	program, err := Program(fixture(), stack, opts)
	if err != nil {
		t.Fatal(err)
	}
	m := &monitor{organization: live()}
	return m, m.run(t, stack, false, program)
}

// deployed are the outputs that the organization and two accounts exported.
func deployed() Known {
	p := fixture()
	return Known{
		organizationStack: {
			DigestOutput: List(p)[0].Digest, OrganizationIDOutput: "o-a1b2c3d4e5", RootIDOutput: "r-ab12", ManagementAccountIDOutput: "111111111111",
			UnitIDsOutput:    map[string]any{"Security": "ou-ab12-11111111", "Workloads": "ou-ab12-22222222", "Workloads/Prod": "ou-ab12-33333333"},
			AccountIDsOutput: map[string]any{"identity": "777777777777", "payments": "444444444444", "sandbox": "555555555555"},
		},
		"account-payments": {BoundariesOutput: map[string]any{"developer": "arn:developer"}},
		"account-sandbox":  {BoundariesOutput: map[string]any{}},
	}
}

func TestProgramRegisters(t *testing.T) {
	list := List(fixture())
	if len(list) == 0 {
		t.Fatal("the fixture has no stacks")
	}
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) {
			m, err := register(t, s.Name, Options{Reader: deployed()})
			if err != nil {
				t.Fatal(err)
			}
			got := m.text()
			file := filepath.Join("testdata", s.Name+".jsonl")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs:\n%s", file, got)
			}
		})
	}
}

// What a program registers is what LogicalNames says: recovery relies on it.
func TestLogicalNamesAreWhatIsRegistered(t *testing.T) {
	for _, s := range List(fixture()) {
		known := deployed()
		known["account-sandbox"][BoundariesOutput] = map[string]any{"developer": "arn"}
		m, err := register(t, s.Name, Options{Reader: known})
		if err != nil {
			t.Fatal(err)
		}
		want := LogicalNames(fixture(), s)
		n := 0
		for _, line := range m.lines {
			var r struct {
				Name, Type string
				Inputs     map[string]any
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(r.Type, "aws:") {
				continue
			}
			n++
			if want[r.Name].Type != r.Type {
				t.Errorf("%s: %s is a %s, LogicalNames says %q", s.Name, r.Name, r.Type, want[r.Name].Type)
			}
			for k, v := range want[r.Name].By {
				if r.Inputs[k] != v {
					t.Errorf("%s: %s of %s is %v, LogicalNames says %v", s.Name, k, r.Name, r.Inputs[k], v)
				}
			}
		}
		if n != len(want) {
			t.Errorf("%s: registered %d resources, LogicalNames says %d", s.Name, n, len(want))
		}
	}
}

func TestUnknownStackListsTheRightOnes(t *testing.T) {
	_, err := Program(fixture(), "acount-payments", Options{})
	var unknown *UnknownStackError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v, want an UnknownStackError", err)
	}
	want := `no stack is named "acount-payments": did you mean "account-payments"? the file has: organization, account-identity, account-payments, analyzers-eu-west-1, policies`
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestStaleAndMissingOutputsAreRefused(t *testing.T) {
	stale := deployed()
	stale[organizationStack][DigestOutput] = "sha256:other"
	lacking := deployed()
	delete(lacking[organizationStack][AccountIDsOutput].(map[string]any), "sandbox")
	for name, known := range map[string]Known{"stale": stale, "missing": {}, "lacking": lacking} {
		_, err := register(t, "account-identity", Options{Reader: known})
		if err == nil || !strings.Contains(err.Error(), "pulumi up --stack organization") {
			t.Errorf("%s outputs: got %v, want a refusal with the way out", name, err)
		}
	}
	if _, err := register(t, "account-payments", Options{Reader: stale}); err != nil {
		t.Errorf("a stack that needs no outputs: %v", err)
	}
}

func TestImportsAreForTheNamedResourceOnly(t *testing.T) {
	m, err := register(t, "policies", Options{Reader: deployed(), Imports: map[string]string{"policies-orgrails-rcp-root": "p-12345678"}})
	if err != nil {
		t.Fatal(err)
	}
	got := m.text()
	if n := strings.Count(got, `"import"`); n != 1 || !strings.Contains(got, `"import":"p-12345678"`) {
		t.Errorf("got %d imports, want one:\n%s", n, got)
	}
}
