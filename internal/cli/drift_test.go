package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/internal/drift/planned"
	awslive "github.com/orgrails/orgrails/internal/live"
)

// drifting is a world whose organization has drifted; its file is in a folder
// of its own.
func newDrifting(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	file, err := os.ReadFile(filepath.Join("testdata", "organization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "organization.yaml", string(file))
	w.Read = detached(t, w)
	return w
}

func TestDriftJSON(t *testing.T) {
	w := newDrifting(t)
	if code := w.Main([]string{"drift", "--as-of", "2026-11-22", "--json"}); code != ExitFindings {
		t.Fatalf("exit code %d\n%s", code, w.errors.String())
	}
	var r struct {
		Findings []struct{ Kind, Where, Origin, Stack string }
		Plan     string
	}
	if err := json.Unmarshal(w.out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.Kind+" "+f.Where+" "+f.Origin+" "+f.Stack)
	}
	want := []string{"account-unknown root  ", "policy-detached unit:Workloads organization.yaml:16:22 policies"}
	if !slices.Equal(got, want) || !strings.HasPrefix(r.Plan, "sha256:") {
		t.Errorf("%q, plan %s", got, r.Plan)
	}
	if len(w.drove) > 0 {
		t.Errorf("drove %v", w.drove)
	}
	if !strings.Contains(w.errors.String(), "the oldest answer is 4s old") {
		t.Errorf("stderr: %s", w.errors.String())
	}
}

func TestDriftSARIF(t *testing.T) {
	w := newDrifting(t)
	if code := w.Main([]string{"drift", "--as-of", "2026-11-22", "--format", "sarif"}); code != ExitFindings {
		t.Fatalf("exit code %d\n%s", code, w.errors.String())
	}
	for _, want := range []string{
		`"id": "policy-detached"`, `"text": "a policy of the file was detached"`, "docs/cli.md#drift", `"startLine": 16`, `"startColumn": 22`, "organization.yaml", `"level": "error"`, `"level": "warning"`,
	} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, w.out.String())
		}
	}
}

// --fix runs the stacks that have drifted, whatever their digests, with what is
// deployed read first; what was read decides, and a second look the exit code.
func TestDriftFix(t *testing.T) {
	w := newDrifting(t)
	reads := 0
	read := w.Read
	w.Read = func(ctx context.Context, home string, r awslive.ReadOptions) (*awslive.Snapshot, string, error) {
		reads++
		if want := 5 - 5*min(reads-1, 1); int(r.MaxAge.Minutes()) != want {
			t.Errorf("read %d takes answers of %s", reads, r.MaxAge)
		}
		if r.Role != "Reader" || !strings.HasSuffix(r.Cache, filepath.Join(".orgrails", "live")) {
			t.Errorf("role %q, cache %q", r.Role, r.Cache)
		}
		return read(ctx, home, r)
	}
	args := []string{"drift", "--as-of", "2026-11-22", "--max-age", "5m", "--role", "Reader", "--fix"}
	if code := w.Main(args); code != ExitUsage || len(w.drove) > 0 {
		t.Fatalf("without a yes: exit code %d, drove %v\n%s", code, w.drove, w.errors.String())
	}
	reads = 0
	if code := w.Main(append(args, "--yes")); code != ExitFindings {
		t.Fatalf("exit code %d\n%s", code, w.errors.String())
	}
	if !slices.Equal(w.drove, []string{"up"}) || !slices.Equal(w.options.Only, []string{"policies"}) || !w.options.All || !w.options.Refresh {
		t.Errorf("drove %v with %+v", w.drove, w.options)
	}
	if reads != 2 {
		t.Errorf("%d reads", reads)
	}
}

func TestDriftOfWhatCannotBeRead(t *testing.T) {
	for name, err := range map[string]error{
		"no credentials [GR401]": &awslive.Error{Code: "GR401", Summary: "no credentials", Hint: "give some"},
		"a broken wire":          errors.New("a broken wire"),
	} {
		for _, args := range [][]string{{"drift"}, {"plan", "--against", "live"}} {
			w := newDrifting(t)
			w.Read = func(context.Context, string, awslive.ReadOptions) (*awslive.Snapshot, string, error) {
				return nil, "", err
			}
			if code := w.Main(args); code != ExitFailure || !strings.Contains(w.errors.String(), name) || w.out.Len() > 0 {
				t.Errorf("%v: exit code %d\n%s", args, code, w.errors.String())
			}
		}
	}
	w := newDrifting(t)
	read := w.Read
	w.Read = func(ctx context.Context, home string, r awslive.ReadOptions) (*awslive.Snapshot, string, error) {
		s, at, err := read(ctx, home, r)
		if err == nil {
			s.Organization.ID = "o-another111"
		}
		return s, at, err
	}
	if code := w.Main([]string{"drift"}); code != ExitFailure || !strings.Contains(w.errors.String(), "the credentials are of organization o-another111") {
		t.Errorf("exit code %d\n%s", code, w.errors.String())
	}
}

// What could not be checked is said, and fails with --strict.
func TestDriftStrict(t *testing.T) {
	for strict, want := range map[string]int{"--strict=false": ExitOK, "--strict": ExitFindings} {
		w := newDrifting(t)
		w.Read = nearly(t, w)
		if code := w.Main([]string{"drift", "--as-of", "2026-11-22", strict}); code != want {
			t.Errorf("%s: exit code %d\n%s", strict, code, w.errors.String())
		}
		if !strings.Contains(w.out.String(), "Not checked\n  the content of policy orgrails-scp-root: AccessDenied: no") {
			t.Errorf("%s", w.out.String())
		}
	}
}

// CloudTrail's own log files are packed.
func TestDriftEvents(t *testing.T) {
	w := newDrifting(t)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, `{"Records":[{"eventTime":"2026-11-21T17:04:05Z","eventSource":"organizations.amazonaws.com","eventName":"DetachPolicy","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111111111111:user/jo"},"requestParameters":{"policyId":"p-00000000","targetId":"ou-ab12-00000002"}}]}`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w.write(t, "events.json.gz", b.String())
	w.write(t, "torn.json.gz", b.String()[:b.Len()-9])
	if code := w.Main([]string{"drift", "--as-of", "2026-11-22", "--events", "events.json.gz"}); code != ExitFindings || !strings.Contains(w.out.String(), "2026-11-21T17:04:05Z by arn:aws:iam::111111111111:user/jo, with organizations:DetachPolicy") {
		t.Errorf("exit code %d\n%s%s", code, w.out.String(), w.errors.String())
	}
	if code := w.Main([]string{"drift", "--as-of", "2026-11-22", "--events", "torn.json.gz"}); code != ExitFailure {
		t.Errorf("a torn file: exit code %d", code)
	}
}

// Slots are counted of as many as AWS has given this organization.
func TestDriftSlots(t *testing.T) {
	for quotas, want := range map[string]string{
		"":                               "3 of 10 slots are in use",
		"  quotas: {scpPerTarget: 15}\n": "3 of 15 slots are in use",
	} {
		w := newDrifting(t)
		file, err := os.ReadFile(filepath.Join("testdata", "organization.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, "organization.yaml", strings.Replace(string(file), "  name: acme\n", "  name: acme\n"+quotas, 1))
		w.Read = inPlace(t, w, func(s *awslive.Snapshot) {
			for i := range s.Policies {
				if s.Policies[i].Type == "SERVICE_CONTROL_POLICY" {
					planned.Edit(&s.Policies[i].Policies, func(list *[]awslive.Policy) {
						*list = append(*list, awslive.Policy{ID: "p-0000beef", Name: "billing", Content: planned.Answer(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ce:*","Resource":"*"}]}`),
							Targets: planned.Answer([]awslive.Target{{ID: "ou-ab12-00000002", Type: "ORGANIZATIONAL_UNIT"}})})
					})
				}
			}
		})
		if code := w.Main([]string{"drift", "--as-of", "2026-11-22"}); code != ExitFindings || !strings.Contains(w.out.String(), want) {
			t.Errorf("%q: exit code %d, want %q\n%s%s", quotas, code, want, w.out.String(), w.errors.String())
		}
	}
}
