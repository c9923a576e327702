// Package inittest deploys an organization from its file with the real engine,
// and has orgrails write the file of what is there then.
package inittest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/world"
	"github.com/orgrails/orgrails/internal/config"
)

func TestMain(m *testing.M) { os.Exit(world.Main(m)) }

func run(t *testing.T, w *world.World, code int, args ...string) world.Output {
	t.Helper()
	out, err := w.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	if out.Code != code {
		t.Fatalf("orgrails %s: exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), out.Code, code, out.Stdout, out.Stderr)
	}
	return out
}

// A file that is written of what was deployed from the example has a plan with
// the policies of the deployed one, and places the same into the accounts.
func TestAcme(t *testing.T) {
	w, err := world.New(t.Context(), world.Orgrails, filepath.Join("..", "..", "..", "examples", "acme"), t.TempDir(), awstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	run(t, w, 0, "up", "--yes")
	deployed, err := w.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	perturb(t, w, deployed)

	w.Emulator.ResetCalls()
	out := run(t, w, 0, "init", "--from-aws", "-o", "found", "--regions", "eu-central-1,eu-west-1", "--trace", "-")
	t.Logf("stdout:\n%s", out.Stdout)
	if want := "9 accounts in 6 units, 6 roles, 3 groups, 1 permissions boundary, "; !strings.Contains(out.Stdout, want) {
		t.Errorf("it does not say %q", want)
	}
	for _, c := range w.Emulator.Calls() {
		if c.Write {
			t.Errorf("init calls %s:%s", c.Service, c.Operation)
		}
	}
	all := len(w.Emulator.Calls())
	if all < 30 || strings.Count(out.Stderr, `{"time":"`) < 30 || strings.Contains(out.Stdout+out.Stderr, world.SecretKey) {
		t.Errorf("%d calls, of which is said:\n%s", all, out.Stderr)
	}
	path := filepath.Join(w.Dir, "found", "organization.yaml")
	if text, err := os.ReadFile(path); err != nil {
		t.Fatal(err)
	} else {
		t.Logf("%s", text)
	}
	run(t, w, 0, "validate", filepath.Join("found", "organization.yaml"))
	file, ds, err := config.Load(path, config.Options{})
	if err != nil || ds.HasErrors() {
		t.Fatal(err, ds)
	}
	plan, ds := compile.Compile(file.Organization, file.Catalog, compile.Options{})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	same(t, deployed, plan)
	sameAccounts(t, deployed, plan)
	undrifted(t, w)
	adopted(t, w)

	templates := map[string]bool{}
	for _, p := range plan.Policies {
		for _, s := range p.Statements {
			if !strings.HasPrefix(s.Guardrail, "policies/") {
				templates[s.Guardrail] = true
			}
		}
	}
	example := []string{"deny-leave-organization", "deny-root-user", "restrict-regions", "protect-cloudtrail", "protect-guardduty", "protect-roles",
		"data-perimeter-identity", "require-imdsv2", "protect-s3-public-access-block", "protect-config", "deny-iam-users", "deny-all"}
	found := 0
	for _, id := range example {
		if templates[id] {
			found++
		} else {
			t.Logf("%s is kept as a document", id)
		}
	}
	t.Logf("%d of the %d guardrails of the example are recognised, and %d in all: %v", found, len(example), len(templates), slices.Sorted(maps.Keys(templates)))
	if found < len(example) {
		t.Error("fewer than all of them")
	}

	// The same comes out where AWS throttles one call in five.
	w.Emulator.SetFaults(awstest.Faults{Seed: 6, Throttled: 0.2})
	run(t, w, 0, "init", "--from-aws", "-o", "throttled", "--regions", "eu-central-1,eu-west-1")
	w.Emulator.SetFaults(awstest.Faults{})
	if a, b := withoutTime(t, path), withoutTime(t, filepath.Join(w.Dir, "throttled", "organization.yaml")); a != b {
		t.Errorf("throttled, the file is\n%s", b)
	}

	again := run(t, w, 0, "init", "--from-aws", "-o", "found", "--regions", "eu-central-1,eu-west-1", "--max-age", "1h")
	t.Logf("again: %s", again.Stderr)
	killed(t, w, all)
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := run(t, w, 2, "init", "--from-aws", "-o", "found"); !strings.Contains(out.Stderr, "was changed since init wrote it") {
		t.Errorf("stderr: %s", out.Stderr)
	}
}

// undrifted wants AWS to be as the file says, though every policy was rewritten.
func undrifted(t *testing.T, w *world.World) {
	t.Helper()
	if out := run(t, w, 0, "drift", filepath.Join("found", "organization.yaml")); !strings.Contains(out.Stdout, "Nothing has drifted") {
		t.Errorf("AWS is not as the file says: %s", out.Stdout)
	}
}

// adopted takes all of it under management by the file that was found, and
// wants nothing to be left to change.
func adopted(t *testing.T, w *world.World) {
	t.Helper()
	w.Emulator.ResetCalls()
	file := filepath.Join("found", "organization.yaml")
	out := run(t, w, 0, "adopt", "--yes", file)
	if !strings.Contains(out.Stdout, "nothing is left to change") {
		t.Errorf("adopt: %s\n%s", out.Stdout, out.Stderr)
	}
	if out := run(t, w, 0, "preview", file); !strings.Contains(out.Stdout, "0 changes to make") {
		t.Errorf("preview: %s", out.Stdout)
	}
	for _, c := range w.Emulator.Calls() {
		if c.Write {
			t.Errorf("adopting calls %s:%s", c.Service, c.Operation)
		}
	}
}

// withoutTime is a file less its first line, which says when AWS was read.
func withoutTime(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\n")
	return rest
}

// perturb rewrites every policy so that it means the same: its statements the
// other way round, without their names, with white space.
func perturb(t *testing.T, w *world.World, plan *guardrails.Plan) {
	t.Helper()
	o := organizations.NewFromConfig(w.Config)
	changed := 0
	for _, typ := range []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy} {
		out, err := o.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: typ})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Policies {
			if s.AwsManaged {
				continue
			}
			p, err := o.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: s.Id})
			if err != nil {
				t.Fatal(err)
			}
			doc, ds := policy.Parse(*s.Name, []byte(*p.Policy.Content))
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			slices.Reverse(doc.Statements)
			for i := range doc.Statements {
				doc.Statements[i].Sid = ""
			}
			content := strings.Replace(doc.JSON(), `"Statement":[`, `"Statement" :  [ `, 1)
			if _, err := o.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: s.Id, Content: aws.String(content)}); err != nil {
				t.Fatal(err)
			}
			changed++
		}
	}
	if changed != len(plan.Policies) {
		t.Fatalf("%d policies were rewritten, of %d", changed, len(plan.Policies))
	}
}

// same wants two plans to have the same policies: by name, meaning and
// attachments.
func same(t *testing.T, a, b *guardrails.Plan) {
	t.Helper()
	x, y := inAWS(t, a, b), inAWS(t, b, b)
	for name, content := range x {
		if y[name] != content {
			t.Errorf("%s was deployed as\n%s\nand comes out as\n%s", name, content, y[name])
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			t.Errorf("%s was not deployed", name)
		}
	}
	if len(x) < 9 {
		t.Errorf("only %d policies were compared", len(x))
	}
}

// inAWS are the policies of a plan with their attachments, in one spelling.
func inAWS(t *testing.T, plan, ids *guardrails.Plan) map[string]string {
	t.Helper()
	known := maps.Clone(ids.IDs)
	maps.Copy(known, plan.IDs)
	out := map[string]string{}
	for _, p := range plan.Policies {
		content, err := p.Content.Fill(known)
		if err != nil {
			t.Fatal(err)
		}
		doc, ds := policy.Parse(p.Name, []byte(content))
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		var list []string
		for _, s := range doc.Statements {
			list = append(list, recognize.Canonical(s))
		}
		slices.Sort(list)
		for _, a := range plan.Attachments {
			if a.Policy == p.Name && a.Type == p.Type {
				list = append(list, "at "+a.Target)
			}
		}
		out[fmt.Sprint(p.Type, " ", p.Name)] = strings.Join(list, "\n")
	}
	return out
}
