package trial

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// managed is an organization whose management account has roles, and carries
// guardrails. Its ids are those of the example organization, but for the
// management account, which is the member account of the vectors.
const managed = `version: 1
organization: {id: o-a1b2c3d4e5, name: acme, managementAccount: {id: "222222222222"}, homeRegion: eu-central-1, regions: [eu-central-1, eu-west-1]}
root:
  guardrails: [restrict-regions, deny-leave-organization, data-perimeter-identity]
  accounts: {identity: {id: "777777777777", email: identity@acme.example}}
exceptions:
  platform: {guardrail: restrict-regions, principals: [role/platform/*], actions: ["bedrock:InvokeModel*"], reason: r, owner: o}
  identity: {guardrail: restrict-regions, accounts: [identity], actions: ["polly:*"], reason: r, owner: o}
  finance: {guardrail: restrict-regions, accounts: [management], principals: [role/Finance], actions: ["textract:*"], reason: r, owner: o}
permissionBoundaries:
  developer: {template: developer-boundary, targets: [root], required: true}
  carrier: {guardrails: root, targets: [management]}
identity:
  source: iam
  account: identity
  groups: {finance: {assume: [{role: Finance, in: [management]}]}}
roles:
  Finance: {targets: [management], managedPolicies: [job-function/Billing]}
  Vendor: {targets: [management], managedPolicies: [SecurityAudit], trust: {account: "999999999999", externalId: acme-7f3c}}
  BreakGlass: {targets: [management], breakGlass: true, managedPolicies: [AdministratorAccess], trust: {users: [management/break-glass]}}
`

// A role of the management account is denied what the guardrails deny that are
// carried there; nobody else there is.
func TestCarriedGuardrailsHold(t *testing.T) {
	f := load(t, managed)
	own := map[string][]string{"iam:PermissionsBoundary": {"arn:aws:iam::222222222222:policy/carrier"}}
	for _, q := range []struct {
		Question
		want string
	}{
		{Question{As: "role/Finance", Action: "ec2:RunInstances", Resource: "*"}, "Allowed keep-boundary"},
		{Question{As: "role/Finance", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "role/Finance", Action: "polly:SynthesizeSpeech", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"}, // spared in another account
		{Question{As: "role/Finance", Action: "textract:AnalyzeDocument", Resource: "*", Context: region("us-east-1")}, "Allowed keep-boundary"},           // spared here
		{Question{As: "role/Finance", Action: "iam:TagRole", Resource: "arn:aws:iam::222222222222:role/Finance"}, "ExplicitlyDenied keep-boundary"},
		{Question{As: "role/Finance", Action: "bedrock:InvokeModel", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "role/Finance", Action: "organizations:LeaveOrganization", Resource: "*"}, "ExplicitlyDenied deny-leave-organization"},
		{Question{As: "role/BreakGlass", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "Allowed"},
		{Question{As: "role/Anyone", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "Allowed"},
		// Nobody is made without the boundary, and nobody of whom a guardrail is spared.
		{Question{As: "role/Finance", Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/app"}, "ExplicitlyDenied keep-boundary"},
		{Question{As: "role/Finance", Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/app", Context: own}, "Allowed keep-boundary"},
		{Question{As: "role/Finance", Action: "iam:CreateRole", Resource: "arn:aws:iam::222222222222:role/platform/app", Context: own}, "ExplicitlyDenied keep-boundary"},
		{Question{As: "role/Finance", Action: "iam:DeleteRole", Resource: "arn:aws:iam::222222222222:role/BreakGlass"}, "ExplicitlyDenied keep-boundary"},
	} {
		q.Account = "management"
		a := f.ask(t, q.Question)
		if got := strings.TrimSpace(a.Decision.String() + " " + strings.Join(a.Guardrails(), " ")); got != q.want {
			t.Errorf("%s %s %v: %s, want %s", q.As, q.Action, q.Context, got, q.want)
		}
	}
	if want := []guardrails.NotCarried{{Boundary: "carrier", Guardrail: "data-perimeter-identity", Origin: "organization.yaml:4:59",
		Reason: "what it demands of those who assume roles is carried, into their trust; what it says of dynamodb:*, kms:*, s3:* and 2 more is not"}}; !slices.Equal(f.plan.NotCarried, want) {
		t.Errorf("not carried: %+v", f.plan.NotCarried)
	}
}

// The file's own tests ask in the management account too, once something is
// carried there.
func TestTestsOfTheManagementAccount(t *testing.T) {
	const in = "as: role/Finance, in: management, action: \"ec2:RunInstances\", with: {\"aws:RequestedRegion\": us-east-1}, "
	for _, x := range []struct{ test, want string }{
		{in + "expect: deny, by: restrict-regions", ""},
		{in + "expect: deny, by: deny-leave-organization", "GR371"},
		{in + "expect: allow", "GR370"},
		{"as: role/Finance, in: management, action: \"iam:CreateUser\", expect: deny", ""},
		{"as: role/BreakGlass, in: management, action: \"iam:CreateUser\", expect: allow", ""},
	} {
		f := load(t, managed+"tests:\n  - {name: x, "+x.test+"}\n")
		_, ds := f.run(t)
		if got := show(ds); x.want == "" && len(ds) > 0 || !strings.Contains(got, x.want) {
			t.Errorf("%s: %s", x.test, got)
		}
	}
}

// Of a foreign vendor the trust demands what data-perimeter-identity demands
// of whoever assumes a role: to be of the organization, or trusted by the guardrail.
func TestCarriedTrust(t *testing.T) {
	const vendor = "arn:aws:iam::999999999999:role/Auditor"
	trusting := strings.Replace(managed, "data-perimeter-identity]", `{template: data-perimeter-identity, parameters: {trustedAccounts: ["999999999999"]}}]`, 1)
	alice := map[string][]string{"aws:PrincipalArn": {"arn:aws:iam::777777777777:user/alice"}, "aws:PrincipalTag/orgrails:group/finance": {"member"}, "aws:PrincipalOrgID": {"o-a1b2c3d4e5"}}
	for _, x := range []struct {
		file, role, principal string
		context               map[string][]string
		want                  string
	}{
		{managed, "Vendor", vendor, map[string][]string{"sts:ExternalId": {"acme-7f3c"}}, "ExplicitlyDenied DenyPrincipalsOfOthers"},
		{managed, "Vendor", vendor, map[string][]string{"sts:ExternalId": {"acme-7f3c"}, "aws:PrincipalOrgID": {"o-z9y8x7w6v5"}}, "ExplicitlyDenied DenyPrincipalsOfOthers"},
		{trusting, "Vendor", vendor, map[string][]string{"sts:ExternalId": {"acme-7f3c"}}, "Allowed"},
		{trusting, "Vendor", vendor, map[string][]string{"sts:ExternalId": {"other"}}, "ImplicitlyDenied"},
		{managed, "Finance", "arn:aws:iam::777777777777:user/alice", alice, "Allowed"},
	} {
		f := load(t, x.file)
		r := f.world.role("management", x.role, false)
		if r == nil {
			t.Fatalf("no role %s", x.role)
		}
		trust, err := f.world.document("trust", r.Trust, nil)
		if err != nil {
			t.Fatal(err)
		}
		account := accountOf(x.principal)
		q := &eval.Request{Principal: x.principal, Action: "sts:AssumeRole", Resource: "arn:aws:iam::222222222222:role/" + x.role, ResourceAccount: "222222222222",
			Context: map[string][]string{"aws:PrincipalArn": {x.principal}, "aws:PrincipalAccount": {account}, "aws:PrincipalIsAWSService": {"false"}}}
		for k, v := range x.context {
			q.Context[k] = v
		}
		set, err := eval.Compile(eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "222222222222", Accounts: []string{"222222222222", "777777777777"}},
			eval.Policies{Identity: []eval.Document{allowAll("all")}, Resource: &trust.Document})
		if err != nil {
			t.Fatal(err)
		}
		e := set.Explain(q)
		got := e.Decision.String()
		for _, reason := range e.Reasons {
			if reason.Decisive && e.Decision == eval.ExplicitlyDenied {
				got += " " + trust.Policy.Statements[reason.Statement].Sid
			}
		}
		if got != x.want {
			t.Errorf("%s as %s %v: %s, want %s", x.role, x.principal, x.context, got, x.want)
		}
	}
}

// aboutRoot are the templates that no boundary carries.
var aboutRoot = []string{"deny-root-access-keys", "deny-root-user", "restrict-root-user"}

// Each service control policy of the catalogue that is carried answers its own
// vectors in the boundary as it does as a policy: it denies what it must, and
// what it lets through nothing stops but the boundary's own statements. The
// deploy role is one of member accounts.
func TestVectorsHoldUnderTheBoundary(t *testing.T) {
	f := load(t, managed)
	byPolicy, vectors := map[string]bool{}, 0
	for _, tm := range f.Catalog.All() {
		if tm.Type != catalog.ServiceControlPolicy || tm.ID == "require-permissions-boundary" {
			continue
		}
		for i := range tm.Vectors {
			v := &tm.Vectors[i]
			params := catalog.Parameters(v.Parameters)
			m, lost := carried(t, f, org.GuardrailUse{Template: tm.ID, Parameters: params, Range: tm.Range})
			if lost != "" {
				if !slices.Contains(aboutRoot, tm.ID) {
					t.Errorf("%s is not carried: %s", tm.ID, lost)
				}
				byPolicy[tm.ID] = true
				break
			}
			vectors++
			d, err := f.world.document(m.Name, m.Document, m.Statements)
			if err != nil {
				t.Fatal(err)
			}
			boundary := catalog.Template{ID: m.Name, Type: catalog.PermissionsBoundary}
			r, p := vectorPolicies(&boundary, v, d.Policy.Statements)
			set, err := eval.Compile(eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "222222222222", Accounts: []string{"222222222222", "777777777777"}}, p)
			if err != nil {
				t.Fatal(err)
			}
			by := map[string]bool{}
			e := set.Explain(r)
			for _, reason := range e.Reasons {
				if reason.Layer == eval.Boundary && reason.Matched == eval.Yes && reason.Statement >= 0 && d.Policy.Statements[reason.Statement].Effect == policy.Deny {
					by[m.Statements[reason.Statement].Guardrail] = true
				}
			}
			if strings.HasSuffix(v.Principal, ":role/OrganizationAccountAccessRole") {
				continue // of another account: none of the management account is spared as that
			}
			if by[tm.ID] != (v.Expect == "deny") || !by[tm.ID] && e.Decision != eval.Allowed && !by["keep-boundary"] {
				t.Errorf("%s: %s: %v, denied by %v", tm.ID, v.Name, e.Decision, by)
			}
		}
	}
	for _, id := range aboutRoot {
		if !byPolicy[id] {
			t.Errorf("%s is carried", id)
		}
	}
	if vectors < 400 {
		t.Errorf("%d vectors", vectors)
	}
}

// carried is the boundary that carries one guardrail, or why it does not.
func carried(t *testing.T, f file, use org.GuardrailUse) (m guardrails.ManagedPolicy, lost string) {
	t.Helper()
	o := *f.Organization
	o.Exceptions = slices.DeleteFunc(slices.Clone(o.Exceptions), func(x org.Exception) bool { return x.Key == "finance" }) // of a guardrail that is not there now
	o.PermissionBoundaries = slices.Clone(o.PermissionBoundaries)
	i := slices.IndexFunc(o.PermissionBoundaries, func(b org.PermissionBoundary) bool { return b.Carries != nil })
	o.PermissionBoundaries[i].Carries = &org.Carried{Uses: []org.GuardrailUse{use}}
	p, ds := compile.Compile(&o, f.Catalog, opts)
	if p == nil {
		t.Fatalf("%s: %s", use.Template, show(ds))
	}
	for _, n := range p.NotCarried {
		return m, n.Reason
	}
	for _, b := range p.Baselines {
		if b.Account == "management" {
			return b.Boundaries[0], ""
		}
	}
	return m, "no boundary"
}

// No chain of IAM calls by a principal that has the boundary yields one of the
// account that lacks it. A chain is searched for: every call that makes,
// frees or takes over a principal, by every principal taken so far, until
// nothing is new.
func TestNobodyLeavesTheBoundary(t *testing.T) {
	f := load(t, managed)
	m := f.world.bases["management"].Boundaries[0]
	d, err := f.world.document(m.Name, m.Document, m.Statements)
	if err != nil {
		t.Fatal(err)
	}
	if free := escape(t, d.Policy.Statements); free != "" {
		t.Errorf("%s", free)
	}
	// Each of the statements is needed for it: the search finds what they deny.
	for _, sid := range []string{"MakeNobodyWithoutIt", "KeepIt", "KeepItsPolicy", "LeaveCredentialsOfOthers", "PassBoundedRolesOnly", "AssumeBoundedRolesOnly", "LeaveSignIn"} {
		without := slices.DeleteFunc(slices.Clone(d.Policy.Statements), func(s policy.Statement) bool { return s.Sid == sid })
		if len(without) == len(d.Policy.Statements) || escape(t, without) == "" {
			t.Errorf("without %s there is no way out either, or there is no such statement", sid)
		}
	}
}

// escape says how a principal with the boundary comes by one without; nothing,
// where it does not.
func escape(t *testing.T, statements []policy.Statement) string {
	const account, boundary = "222222222222", "arn:aws:iam::222222222222:policy/carrier"
	arn := func(name string) string { return "arn:aws:iam::" + account + ":" + name }
	doc := eval.Document{Name: "carrier", Policy: policy.Document{Version: policy.Version2012, Statements: statements}}
	// Every resource leaves the decision to the account, and every role trusts it.
	open := allowAll("open")
	open.Policy.Statements[0].Principal = &policy.Principal{AWS: policy.Values{account}}
	set, err := eval.Compile(eval.Organization{}, eval.Policies{Identity: []eval.Document{allowAll("all")}, Boundary: []eval.Document{doc}, Resource: &open})
	if err != nil {
		t.Fatal(err)
	}
	// Who there is, and the boundary of each.
	has := map[string]string{"role/Finance": boundary, "role/bounded/app": boundary, "role/Legacy": "", "role/BreakGlass": "", "user/alice": boundary, "user/bob": ""}
	taken := []string{"role/Finance", "user/alice"}
	may := func(who, action, on string, context map[string]string) bool {
		r := &eval.Request{Principal: arn(who), Action: action, Resource: arn(on), ResourceAccount: account, Context: map[string][]string{
			"aws:PrincipalArn": {arn(who)}, "aws:PrincipalAccount": {account}, "aws:ResourceAccount": {account},
		}}
		if name, ok := strings.CutPrefix(who, "user/"); ok {
			r.Context["aws:username"] = []string{name}
		}
		for k, v := range context {
			if v != "" {
				r.Context[k] = []string{v}
			}
		}
		return set.Authorize(r).Decision == eval.Allowed
	}
	now := func(on string) map[string]string { return map[string]string{"iam:PermissionsBoundary": has[on]} }
	for i := 0; i < len(taken); i++ { // taken grows
		who := taken[i]
		take := func(on string) {
			if !slices.Contains(taken, on) {
				taken = append(taken, on)
			}
		}
		for _, action := range []string{"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"} {
			if may(who, action, "policy/carrier", nil) {
				return who + " changes the boundary with " + action
			}
		}
		if may(who, "iam:UpdateSAMLProvider", "saml-provider/okta", nil) || may(who, "iam:AddUserToGroup", "group/administrators", nil) {
			return who + " signs in as anybody"
		}
		for _, kind := range []string{"Role", "User"} {
			for _, with := range []string{"", "arn:aws:iam::" + account + ":policy/wide"} {
				on := fmt.Sprintf("%s/new%d", strings.ToLower(kind), i)
				if may(who, "iam:Create"+kind, on, map[string]string{"iam:PermissionsBoundary": with}) {
					return who + " makes a " + kind + " with the boundary " + with
				}
				for on := range has {
					if strings.HasPrefix(on, strings.ToLower(kind)) && slices.Contains(taken, on) &&
						(may(who, "iam:Put"+kind+"PermissionsBoundary", on, map[string]string{"iam:PermissionsBoundary": with}) ||
							may(who, "iam:Delete"+kind+"PermissionsBoundary", on, now(on))) {
						return who + " frees " + on
					}
				}
			}
		}
		for on := range has {
			switch {
			case strings.HasPrefix(on, "role/"):
				if may(who, "iam:UpdateAssumeRolePolicy", on, now(on)) || may(who, "sts:AssumeRole", on, nil) ||
					may(who, "iam:PassRole", on, map[string]string{"iam:PassedToService": "lambda.amazonaws.com"}) {
					take(on)
				}
			default:
				for _, action := range []string{"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:ResetServiceSpecificCredential"} {
					if may(who, action, on, nil) {
						take(on)
					}
				}
			}
		}
		for _, on := range taken {
			if has[on] != boundary {
				return who + " becomes " + on
			}
		}
	}
	return ""
}
