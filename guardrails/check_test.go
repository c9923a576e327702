package guardrails

import (
	"strings"
	"testing"
)

func TestCheckTakesTheSample(t *testing.T) {
	if err := sample().Check(); err != nil {
		t.Fatal(err)
	}
}

func TestCheckRefuses(t *testing.T) {
	swap := func(old, new string) func(*Plan) {
		return func(p *Plan) {
			c := &p.Policies[0]
			if !strings.Contains(string(c.Content), old) {
				panic("no " + old)
			}
			c.Content = Text(strings.Replace(string(c.Content), old, new, 1))
			c.Size = c.Content.Size(p.IDLengths)
		}
	}
	tests := []struct {
		name   string
		change func(*Plan)
		want   string
	}{
		{"version", func(p *Plan) { p.Version = 0 }, "version 0"},
		{"ends never", func(p *Plan) { p.Exceptions[0].Expires, p.Exceptions[0].InPolicy = "", true }, "ends in the policy and never ends"},
		{"packed for nothing", func(p *Plan) {
			p.Policies[0].Statements[0].Packed = &Packed{Lines: []string{}, AskedAt: []string{}, Merged: []Merged{}}
		}, "write null"},
		{"asked for nowhere", func(p *Plan) { p.Policies[0].Statements[1].Packed.AskedAt = []string{"unit:Nowhere"} }, "asked for at \"unit:Nowhere\""},
		{"merged of no statement", func(p *Plan) { p.Policies[0].Statements[1].Packed.Merged[0].Statement = `{ }` }, "merged: not a canonical"},
		{"merged of no guardrail", func(p *Plan) { p.Policies[0].Statements[1].Packed.Merged[0].Guardrail = "" }, "without a guardrail"},
		{"ours and elsewhere", func(p *Plan) { p.Elsewhere[0].Name = "orgrails-scp-root" }, "is in the plan as well"},
		{"elsewhere at nothing", func(p *Plan) { p.Elsewhere[0].Targets = []string{"unit:x"} }, "which is no root, unit or account"},
		{"elsewhere in another language", func(p *Plan) { p.Elsewhere[1].Content = p.Elsewhere[0].Content }, "managed elsewhere,: not a canonical"},
		{"beside somebody unknown", func(p *Plan) { p.Beside = []string{"terraform"} }, "is nobody known"},
		{"must work, of many actions", func(p *Plan) { p.MustWork[0].Action = "s3:*" }, "has the action"},
		{"must work, of no level", func(p *Plan) { p.MustWork[0].Level = "may" }, "has the level \"may\""},
		{"null list", func(p *Plan) { p.Baselines[1].Roles[0].ManagedPolicies = nil }, "baselines/payments/roles/Admin/managedPolicies is null"},
		{"null map", func(p *Plan) { p.IDs = nil }, "ids is null"},
		{"unsorted strings", func(p *Plan) { p.Organization.Regions = []string{"b", "a"} }, "regions is not sorted"},
		{"string twice", func(p *Plan) { p.Organization.Regions = []string{"a", "a"} }, "regions is not sorted"},
		{"unsorted units", func(p *Plan) { p.Units[0], p.Units[1] = p.Units[1], p.Units[0] }, "units are not sorted"},
		{"unsorted baselines", func(p *Plan) { p.Baselines[0], p.Baselines[1] = p.Baselines[1], p.Baselines[0] }, "baselines are not sorted"},
		{"account twice", func(p *Plan) { p.Accounts = append(p.Accounts, p.Accounts[0]) }, "accounts are not sorted"},
		{"policy twice", func(p *Plan) { p.Policies = append(p.Policies, p.Policies[0]) }, "policies are not sorted"},
		{"no UTF-8", func(p *Plan) { p.Units[0].Name = "\xff" }, "units/Workloads/name is not UTF-8"},
		{"no UTF-8 text", func(p *Plan) { p.Baselines[1].Roles[0].Boundary = "\xff" }, "not UTF-8"},
		{"parent", func(p *Plan) { p.Units[1].Parent = "root" }, `has the parent "root"`},
		{"no parent", func(p *Plan) { p.Units = p.Units[1:] }, `has the parent "Workloads"`},
		{"unit named root", func(p *Plan) { p.Units[0].Path = "root" }, `path "root"`},
		{"unit was a unit", func(p *Plan) { p.Units[0].Was = []string{"Workloads/Prod"} }, "which is a unit"},
		{"account parent", func(p *Plan) { p.Accounts[0].Parent = "Sandbox" }, `has the parent "Sandbox"`},
		{"where new accounts wait", func(p *Plan) { p.Organization.NewAccounts = "Sandbox" }, `wait in "Sandbox", which is no unit`},
		{"account quota", func(p *Plan) { p.Organization.AccountQuota = -1 }, "takes -1 accounts"},
		{"account management", func(p *Plan) { p.Accounts[0].Key = "management" }, `key "management"`},
		{"id of nothing", func(p *Plan) { p.IDs["unit:Sandbox"] = "ou-ab12-12345678" }, "not in the plan"},
		{"id of AWS", func(p *Plan) { p.IDs["root"] = "r-ab12/x" }, "AWS would not give"},
		{"lengths", func(p *Plan) { p.IDLengths.Unit = 0 }, "unit and account are 34, 34, 0 and 12, and"},
		{"other lengths", func(p *Plan) { p.IDLengths.Account = 1 }, "has the size"},
		{"delegated", func(p *Plan) { p.Organization.DelegatedAdministrators[0].Account = "nobody" }, `"nobody"`},
		{"baseline", func(p *Plan) { p.Baselines[1].Account = "nobody" }, `"nobody"`},
		{"analyzer", func(p *Plan) { p.Analyzers[0].Administrator = "nobody" }, `"nobody"`},
		{"dangling text", func(p *Plan) { p.Analyzers[0].Analyzers[0].ExcludeAccounts[0] = Ref("account:nobody") }, "reference to account:nobody"},
		{"open text", func(p *Plan) { p.Baselines[1].Roles[0].Boundary = "a{{id:root" }, "without its end"},
		{"no such reference", func(p *Plan) { p.Baselines[1].Roles[0].Boundary = Ref(`x","y":"`) }, "no reference is named"},
		{"dangling document", swap("account:payments", "account:nobody"), "reference to account:nobody"},
		{"attachment of nothing", func(p *Plan) { p.Attachments[0].Policy = "x" }, "not in the plan"},
		{"found in no JSON", func(p *Plan) { p.Policies[0].AsFound = "Deny" }, "no JSON object"},
		{"found with a reference", func(p *Plan) { p.Policies[0].AsFound = `{"a":"{{id:root}}"}` }, "no JSON object"},
		{"found with white space", func(p *Plan) { p.Policies[0].AsFound = `{"a": 1}` }, "white space"},
		{"found as wanted", func(p *Plan) {
			p.Policies[0].AsFound = Text(strings.ReplaceAll(string(p.Policies[0].Content), "{{id:", ""))
			p.Policies[0].Content = p.Policies[0].AsFound
		}, "leave it empty"},
		{"IAM's language in a declarative policy", func(p *Plan) {
			p.Organization.PolicyTypes = []string{"SERVICE_CONTROL_POLICY", "TAG_POLICY"}
			p.Policies = append(p.Policies, p.Policies[0])
			p.Policies[len(p.Policies)-1].Type = "TAG_POLICY"
		}, "not a canonical declarative document"},
		{"attachment of another type", func(p *Plan) { p.Attachments[0].Type = "RESOURCE_CONTROL_POLICY" }, "not in the plan"},
		{"attachment to nothing", func(p *Plan) { p.Attachments[0].Target = "unit:x" }, `attached to "unit:x"`},
		{"attachment to the organization", func(p *Plan) { p.Attachments[0].Target = "organization" }, `attached to "organization"`},
		{"size", func(p *Plan) { p.Policies[0].Size-- }, "has the size"},
		{"managed size", func(p *Plan) { p.Baselines[0].Groups[0].Policy.Size++ }, "has the size"},
		{"white space", swap(`,"Resource"`, `, "Resource"`), "not a canonical policy document"},
		{"white space at the end", func(p *Plan) { p.Policies[0].Content += "\n"; p.Policies[0].Size++ }, "more than one value"},
		{"escape", swap(`<x>`, `\u003cx\u003e`), "does not require"},
		{"hidden reference", swap(`<x>`, `\u007b{id:root}}`), "does not require"},
		{"name twice", swap(`"Effect":"Deny"`, `"Effect":"Deny","Effect":"Deny"`), `"Effect" twice`},
		{"unsorted values", swap(`["a:B","a:C"]`, `["a:C","a:B"]`), "not sorted"},
		{"list of one", swap(`["a:B","a:C"]`, `["a:B"]`), "list of one"},
		{"number", swap(`["a:B","a:C"]`, `7`), "neither a string"},
		{"Sid", swap(`"Sid":"A"`, `"Sid":"Z"`), `the Sid "Z", and not "A"`},
		{"statement too many", func(p *Plan) { p.Policies[0].Statements = p.Policies[0].Statements[:1] }, "2 statements, and not 1"},
		{"no origin", func(p *Plan) { p.Policies[0].Statements[0].Origin = "" }, "no origin"},
		{"unknown exception", func(p *Plan) { p.Policies[0].Statements[0].Exceptions[0] = "two" }, `exception "two"`},
		{"exception of nothing", func(p *Plan) { p.Exceptions[0].Policies[0] = "x" }, `narrows "x"`},
		{"pending as full", func(p *Plan) { p.Policies[0].Pending.Content = p.Policies[0].Content }, "while a boundary is missing"},
		{"pending for nothing", func(p *Plan) { p.Policies[0].Pending.Needs = []BoundaryNeed{} }, "waits for no boundary"},
		{"pending for no account", func(p *Plan) { p.Policies[0].Pending.Needs[0].Account = "management" }, "where the plan puts none"},
		{"policy names twice", func(p *Plan) { p.Baselines[1].Roles[0].Policies[0].Name = "Developer" }, "two managed policies"},
		{"same id", func(p *Plan) { p.IDs["account:payments"] = "111111111111" }, "the same id 111111111111"},
		{"attachment to the management account", func(p *Plan) { p.Attachments[0].Target = "account:management" }, "has no effect"},
		{"policy type", func(p *Plan) { p.Organization.PolicyTypes = []string{} }, "which the plan does not enable"},
		{"policy was a policy", func(p *Plan) {
			p.Policies = append(p.Policies, p.Policies[0])
			p.Policies[1].Name, p.Policies[1].Was = "orgrails-scp-x", []string{"orgrails-scp-root"}
		}, "which is another policy"},
		{"pending with more", func(p *Plan) {
			p.Policies[0].Pending.Content = Text(strings.Replace(string(p.Policies[0].Pending.Content), `"Deny"`, `"Allow"`, 1))
		}, "that it lacks otherwise"},
		{"deploy role", func(p *Plan) { p.Baselines[1].Roles[0].Name = "organizationaccountaccessrole" }, "the name of the deploy role"},
		{"role name", func(p *Plan) { p.Baselines[1].Roles[0].Name = "a/b" }, `the name "a/b"`},
		{"role path", func(p *Plan) { p.Baselines[1].Roles[0].Path = "/x:role/" }, `the path "/x:role/"`},
		{"wide role path", func(p *Plan) { p.Baselines[1].Roles[0].Path = "/*/" }, `the path "/*/"`},
		{"reserved role path", func(p *Plan) { p.Baselines[1].Roles[0].Path = "/aws-reserved/sso.amazonaws.com/" }, "where AWS makes roles"},
		{"policy path", func(p *Plan) { p.Baselines[1].Boundaries[0].Path = "" }, `the path ""`},
		{"group name", func(p *Plan) { p.Baselines[0].Groups[0].Name = "*" }, `the name "*"`},
		{"trust in everyone", func(p *Plan) {
			p.Baselines[1].Roles[0].Trust = `{"Version":"2012-10-17","Statement":[{"Sid":"T","Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
		}, "trusts everyone"},
		{"denial to everyone that allows", func(p *Plan) {
			p.Baselines[1].Roles[0].Trust = `{"Version":"2012-10-17","Statement":[{"Sid":"T","Effect":"Deny","effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
		}, "trusts everyone"},
		{"denial to all but some", func(p *Plan) {
			p.Baselines[1].Roles[0].Trust = `{"Version":"2012-10-17","Statement":[{"Sid":"T","Effect":"Deny","NotPrincipal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}`
		}, "trusts everyone"},
		{"not carried by a boundary of elsewhere", func(p *Plan) { p.NotCarried[0].Boundary = "developer" }, "no boundary of the management account"},
		{"not carried without a reason", func(p *Plan) { p.NotCarried[0].Reason = "" }, "one of these is missing"},
		{"not carried twice", func(p *Plan) { p.NotCarried = append(p.NotCarried, p.NotCarried[0]) }, "guardrails not carried are not sorted"},
		{"managed policy", func(p *Plan) { p.Baselines[1].Roles[0].ManagedPolicies[0] = Ref("account:payments") }, "has the managed policy"},
		{"managed policy of another account", func(p *Plan) {
			p.Baselines[1].Roles[0].ManagedPolicies[0] = "arn:aws:iam::" + Ref("account:management") + ":policy/x"
		}, "has the managed policy"},
		{"boundary of another account", func(p *Plan) {
			p.Baselines[1].Roles[0].Boundary = "arn:aws:iam::" + Ref("account:management") + ":policy/developer"
		}, "does not put into its account"},
		{"boundary of AWS", func(p *Plan) { p.Baselines[1].Roles[0].Boundary = "arn:aws:iam::aws:policy/AdministratorAccess" }, "does not put into its account"},
		{"excluded unit", func(p *Plan) { p.Analyzers[0].Analyzers[0].ExcludeAccounts[0] = Ref("unit:Workloads") }, "which is no account"},
		{"trust", func(p *Plan) { p.Baselines[1].Roles[0].Trust = `{"Version":"2012-10-17","Statement":[]}` }, "no statements"},
	}
	for _, tt := range tests {
		p := sample()
		tt.change(p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		// Encode mends null lists and bytes that are no UTF-8; nothing else gets through.
		mended := strings.HasPrefix(tt.name, "null") || strings.HasPrefix(tt.name, "no UTF-8")
		if _, err := Decode(Encode(p)); err == nil && !mended {
			t.Errorf("%s: decoded", tt.name)
		}
	}
}

// A trust policy may deny to everyone: it trusts nobody by that.
func TestDenialToEveryoneIsNoTrust(t *testing.T) {
	p := sample()
	p.Baselines[1].Roles[0].Trust = `{"Version":"2012-10-17","Statement":[{"Sid":"T","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"},{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}
