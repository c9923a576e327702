package compile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// keeping compiles a file of two policies of one guardrail and one document,
// which keep what is said.
func keeping(t *testing.T, asFound string, files map[string]string) (*guardrails.Plan, diag.Diagnostics) {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"own.json":  `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:DeleteBucket","s3:DeleteBucketPolicy"],"Resource":"*"}]}`,
		"tags.json": `{"tags":{"team":{"tag_key":{"@@assign":"Team"}}}}`,
		"organization.yaml": `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, regions: [eu-central-1]}
root:
  guardrails:
    - {template: deny-leave-organization, policy: Nobody leaves}
    - {file: own.json, type: SERVICE_CONTROL_POLICY, policy: Buckets}
    - {file: tags.json, type: TAG_POLICY, policy: Tags}
  units:
    Workloads: {accounts: {shop: {id: "444444444444", email: shop@acme.example}}}
asFound:
` + asFound,
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return load(t, filepath.Join(dir, "organization.yaml"))
}

func policyNamed(t *testing.T, p *guardrails.Plan, name string) guardrails.Policy {
	t.Helper()
	for _, pol := range p.Policies {
		if pol.Name == name {
			return pol
		}
	}
	t.Fatalf("no policy is named %s", name)
	return guardrails.Policy{}
}

// A text that AWS has is kept as it is spelled while it means what the file
// asks for, and not when it means more, less or something else.
func TestAsFound(t *testing.T) {
	const spelled = `{"Statement":{"Resource":["*"],"Action":["s3:DeleteBucketPolicy","s3:DeleteBucket"],"Effect":"Deny","Sid":"ByHand"},"Version":"2012-10-17"}`
	for _, c := range []struct {
		name, file, text, says string
		kept                   bool
	}{
		{"another spelling", "Buckets", spelled, "", true},
		{"white space", "Buckets", strings.ReplaceAll(spelled, ",", " ,\n\t"), "", true},
		{"in two statements", "Buckets", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:DeleteBucketPolicy","Resource":"*"},{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}`, "", true},
		{"as it is written anyway", "Buckets", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["s3:DeleteBucket","s3:DeleteBucketPolicy"],"Resource":"*"}]}`, "", false},
		{"less", "Buckets", strings.Replace(spelled, `"s3:DeleteBucketPolicy",`, "", 1), "asks for something else", false},
		{"more", "Buckets", strings.Replace(spelled, `"s3:DeleteBucketPolicy"`, `"s3:Delete*"`, 1), "asks for something else", false},
		{"of some", "Buckets", strings.Replace(spelled, `"Sid":`, `"Condition":{"Bool":{"aws:ViaAWSService":"false"}},"Sid":`, 1), "asks for something else", false},
		{"allowing", "Buckets", strings.Replace(spelled, "Deny", "Allow", 1), "asks for something else", false},
		{"no policy", "Buckets", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*"}]}`, "GR106", false},
		{"a tag policy", "Tags", `{ "tags": {"team": {"tag_key": {"@@assign": "Team"}}} }`, "", false},
		{"another tag policy", "Tags", `{"tags":{"team":{"tag_key":{"@@assign":"TEAM"}}}}`, "asks for something else", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, ds := keeping(t, "  "+c.file+": {file: found.json, description: \"\"}\n", map[string]string{"found.json": c.text})
			if said := show(ds); !strings.Contains(said, c.says) || c.says == "" && said != "" {
				t.Errorf("said is %q, want %q", said, c.says)
			}
			if p == nil {
				if c.says != "GR106" {
					t.Fatal("no plan")
				}
				return
			}
			if err := p.Check(); err != nil {
				t.Error(err)
			}
			again, err := guardrails.Decode(guardrails.Encode(p))
			if err != nil || again.Digest() != p.Digest() {
				t.Error(err)
			}
			pol := policyNamed(t, p, c.file)
			if pol.Description != "" {
				t.Errorf("the description is %q", pol.Description)
			}
			if (pol.AsFound != "") != c.kept || c.kept && pol.Deployed() != pol.AsFound || !c.kept && pol.Deployed() != pol.Content {
				t.Errorf("deployed is\n%s\nof the content\n%s", pol.Deployed(), pol.Content)
			}
			if c.kept && strings.ContainsAny(string(pol.AsFound), " \n\t") {
				t.Errorf("white space is kept: %s", pol.AsFound)
			}
		})
	}
	_, ds := keeping(t, "  Gone: {description: x}\n", nil)
	if said := show(ds); !strings.Contains(said, `no`) || !strings.Contains(said, `"Gone"`) || !strings.Contains(said, "GR319") || ds.HasErrors() {
		t.Errorf("of a policy that is not there: %s", said)
	}
	p, ds := keeping(t, "  Nobody leaves: {description: Ours}\n", nil)
	if pol := policyNamed(t, p, "Nobody leaves"); pol.Description != "Ours" || pol.AsFound != "" || len(ds) > 0 {
		t.Errorf("%+v %s", pol, show(ds))
	}
}
