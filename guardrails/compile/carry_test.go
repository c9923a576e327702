package compile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/config"
)

// carrying compiles an organization whose management account carries
// guardrails. Blocks of the file in more come last.
func carrying(t *testing.T, what string, more ...string) (*guardrails.Plan, diag.Diagnostics) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"allow.json": `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`,
		"mixed.json": `{"Version": "2012-10-17", "Statement": [
			{"Sid": "Root", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
			{"Sid": "Buckets", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}`,
		"users.json":     `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/admin"}}}]}`,
		"elsewhere.json": `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::444444444444:user/admin"}}}]}`,
		"large.json":     `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::` + strings.Repeat("x", 3200) + `"}]}`,
		"small.json":     `{"Version": "2012-10-17", "Statement": [{"Sid": "Small", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}`,
		"callers.json": `{"Version": "2012-10-17", "Statement": [
			{"Sid": "Some", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole*", "Resource": "arn:aws:iam::*:role/other/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
			{"Sid": "All", "Effect": "Deny", "Principal": "*", "Action": "sts:Assume*", "Resource": "arn:aws:iam::*:role/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`,
		"wordy.json": `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/x": "` + strings.Repeat("x", 2000) + `"}}}]}`,
		"organization.yaml": `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, regions: [eu-central-1]}
root:
  guardrails: [restrict-regions]
  units:
    Workloads:
      guardrails: [protect-cloudtrail, data-perimeter-identity]
      accounts: {shop: {id: "444444444444", email: shop@acme.example}}
sets:
  foundation: [deny-leave-organization, protect-cloudtrail, deny-leave-organization]
permissionBoundaries:
  carrier: {guardrails: ` + what + `, targets: [management]}
` + strings.Join(more, ""),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return load(t, filepath.Join(dir, "organization.yaml"))
}

// held are the guardrails behind the boundary's own statements, each once.
func held(t *testing.T, p *guardrails.Plan) string {
	t.Helper()
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	valid(t, p)
	m := baseline(t, p, "management").Boundaries
	if len(m) != 1 || m[0].Name != "carrier" {
		t.Fatalf("%+v", m)
	}
	var names []string
	for _, s := range m[0].Statements {
		if len(names) == 0 || names[len(names)-1] != s.Guardrail {
			names = append(names, s.Guardrail)
		}
	}
	return strings.Join(names, " ")
}

func TestCarried(t *testing.T) {
	const scp, rcp = ", type: SERVICE_CONTROL_POLICY}", ", type: RESOURCE_CONTROL_POLICY}"
	for _, x := range []struct {
		what, held string
		reasons    []string // guardrail: words
		warned     string   // of the guardrails that are not carried at all
	}{
		{"root", "keep-boundary restrict-regions", nil, ""},
		{"Workloads", "keep-boundary restrict-regions protect-cloudtrail", []string{"data-perimeter-identity: what it demands of those who assume roles is carried"}, ""},
		{"shop", "keep-boundary restrict-regions protect-cloudtrail", []string{"data-perimeter-identity: what it demands"}, ""},
		{"[foundation, restrict-regions, foundation]", "keep-boundary deny-leave-organization protect-cloudtrail restrict-regions", nil, ""},
		{"[restrict-role-assumption, restrict-oidc-providers]", "keep-boundary", nil, ""},
		{"[require-s3-kms-encryption, {template: require-permissions-boundary, parameters: {boundaries: [developer]}}]", "keep-boundary", []string{"require-s3-kms-encryption: it is about s3:"}, "require-s3-kms-encryption"},
		{"[deny-root-user, {file: mixed.json" + scp + "]", "keep-boundary mixed.json",
			[]string{"deny-root-user: it is about the root user", "mixed.json: of its statements Root is about the root user"}, "deny-root-user"},
		{"[quarantine]", "keep-boundary deny-all", nil, ""},
		{"[declare-serial-console-off]", "keep-boundary", []string{"declare-serial-console-off: it is no boundary's: asked for at the root, a "}, "declare-serial-console-off"},
		{"[{file: allow.json" + scp + "]", "keep-boundary", []string{"allow.json: it denies nothing"}, "allow.json"},
		// An own document's exemptions are its own; but nobody with the boundary may make such a principal.
		{"[{file: users.json" + scp + "]", "keep-boundary", []string{"users.json: it spares user/admin, which nobody can be kept from making: users can be made"}, "users.json"},
		{"[{file: elsewhere.json" + scp + "]", "keep-boundary elsewhere.json", nil, ""},
		// What fits is taken, in the order of the list.
		{"[{file: large.json" + scp + ", restrict-regions, {file: small.json" + scp + "]", "keep-boundary large.json small.json",
			[]string{"restrict-regions: there is no room: it takes 1915 characters more, and "}, "restrict-regions"},
		{"[restrict-regions, {file: large.json" + scp + "]", "keep-boundary restrict-regions", []string{"large.json: there is no room: it takes 32"}, "large.json"},
		{"[{file: wordy.json" + rcp + "]", "keep-boundary", []string{"wordy.json: there is no room in the trust policy of the role Ops: with it that would be 2"}, "wordy.json"},
	} {
		p, ds := carrying(t, x.what, "roles: {Ops: {targets: [management], managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}}\n")
		if p == nil {
			t.Fatalf("%s: %s", x.what, show(ds))
		}
		if got := held(t, p); got != x.held {
			t.Errorf("%s: holds %q, want %q", x.what, got, x.held)
		}
		for i, want := range x.reasons {
			if i >= len(p.NotCarried) || !strings.HasPrefix(p.NotCarried[i].Guardrail+": "+p.NotCarried[i].Reason, want) {
				t.Errorf("%s: %+v, want %q", x.what, p.NotCarried, want)
			}
		}
		if len(p.NotCarried) != len(x.reasons) {
			t.Errorf("%s: %+v", x.what, p.NotCarried)
		}
		if got := show(ds); (x.warned == "") != !strings.Contains(got, "GR322") || x.warned != "" && !strings.Contains(got, "does not carry "+x.warned+" into") {
			t.Errorf("%s: warned %s", x.what, got)
		}
	}
}

// An exception reaches the management account if it names it, or principals of
// any account, and is listed with the boundary that it narrows.
func TestExceptionsOfWhatIsCarried(t *testing.T) {
	exception := func(more string) string {
		return "exceptions: {x: {guardrail: protect-buckets, " + more + ", reason: r, owner: o}}\n"
	}
	for _, x := range []struct{ exception, narrowed, refused string }{
		{"accounts: [management], actions: [s3:DeleteBucket]", "carrier", ""},
		{"principals: [role/storage/*]", "carrier", ""},
		{"principals: [role/storage/*], accounts: [management]", "carrier", ""},
		{"principals: [role/storage/*], accounts: [shop]", "", "GR040"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "organization.yaml")
		text := `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, regions: [eu-central-1]}
root:
  guardrails: [deny-leave-organization]
  accounts: {shop: {email: shop@acme.example}}
permissionBoundaries:
  carrier: {guardrails: [{template: protect-buckets, parameters: {buckets: ["logs-*"]}}], targets: [management]}
` + exception(x.exception)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, ds, err := config.Load(file, config.Options{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		if ds.HasErrors() {
			if x.refused == "" || !strings.Contains(show(ds), x.refused) {
				t.Errorf("%s: %s", x.exception, show(ds))
			}
			continue
		}
		p, ds := load(t, file)
		if p == nil || x.refused != "" {
			t.Fatalf("%s: %s", x.exception, show(ds))
		}
		if got := strings.Join(p.Exceptions[0].Policies, " "); got != x.narrowed {
			t.Errorf("%s: narrows %q", x.exception, got)
		}
		doc := string(baseline(t, p, "management").Boundaries[0].Document)
		if strings.Contains(x.exception, "role/storage") && strings.Count(doc, "role/storage/*") < 2 {
			t.Errorf("%s: who is spared can be made by anybody: %s", x.exception, doc)
		}
		valid(t, p)
	}
	// What is not carried cannot be narrowed.
	p, ds := carrying(t, "[restrict-regions]", "exceptions: {x: {guardrail: protect-cloudtrail, accounts: [management, shop], actions: [cloudtrail:DeleteTrail], reason: r, owner: o}}\n")
	expect(t, p, ds, "GR311", "names the account management, where protect-cloudtrail is not in force")
	// Neither can what there is no room for, which is not to say that it denies nothing.
	p, ds = carrying(t, "[{file: large.json, type: SERVICE_CONTROL_POLICY}, protect-buckets]", exception("accounts: [management], actions: [s3:DeleteBucket]"))
	expect(t, p, ds, "GR311", "the exception x would spare nobody: protect-buckets is not carried into the management account")
	if got := show(ds); strings.Count(got, "GR3") != 2 || !strings.Contains(got, "GR322") {
		t.Errorf("%s", got)
	}
}

// Every role of the management account gets the boundary, unless it has to
// work when nothing else does or has another one.
func TestRolesThatCarry(t *testing.T) {
	p, ds := carrying(t, "root, parameters: {boundedRoles: [role/apps/*]}", `  developer: {template: developer-boundary, targets: [root, management]}
roles:
  Ops: {targets: [root, management], managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}
  Named: {targets: [management], boundary: carrier, managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}
  Glass: {targets: [root, management], breakGlass: true, managedPolicies: [AdministratorAccess], trust: {users: [management/glass]}}
  Other: {targets: [management], boundary: developer, managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}
`)
	expect(t, p, ds, "GR323", "the role Other has the boundary developer in the management account")
	boundary := func(account, role string) string {
		for _, r := range baseline(t, p, account).Roles {
			if r.Name == role {
				return strings.TrimPrefix(string(r.Boundary), "arn:aws:iam::"+string(guardrails.Ref("account:"+account))+":policy/")
			}
		}
		t.Fatalf("no role %s in %s", role, account)
		return ""
	}
	for _, x := range [][3]string{
		{"management", "Ops", "carrier"}, {"management", "Named", "carrier"}, {"management", "Glass", ""}, {"management", "Other", "developer"},
		{"shop", "Ops", ""}, {"shop", "Glass", ""},
	} {
		if got := boundary(x[0], x[1]); got != x[2] {
			t.Errorf("%s of %s has %q, want %q", x[1], x[0], got, x[2])
		}
	}
	doc := string(baseline(t, p, "management").Boundaries[0].Document)
	if !strings.Contains(doc, `"NotResource":"arn:aws:iam::*:role/apps/*"`) || !strings.Contains(doc, "role/Glass") {
		t.Errorf("parameters and break-glass roles do not reach the boundary: %s", doc)
	}
	if strings.Contains(doc, "role/Ops") {
		t.Errorf("a role that is spared nothing is privileged: %s", doc)
	}
}

// What a resource control policy says of assuming roles denies in the trust as
// it would in the account: for the actions and the resources that it is about.
func TestTrustThatCarries(t *testing.T) {
	p, ds := carrying(t, "[{file: callers.json, type: RESOURCE_CONTROL_POLICY}]", `roles:
  Code: {targets: [management], managedPolicies: [ReadOnlyAccess], trust: {oidc: {provider: token.actions.githubusercontent.com, audience: sts.amazonaws.com, subjects: ["repo:acme/x:*"]}}}
  Ops: {targets: [management], managedPolicies: [ReadOnlyAccess], trust: {users: [management/alice]}}
  Other: {targets: [management], path: /other/, managedPolicies: [ReadOnlyAccess], trust: {services: [ec2.amazonaws.com]}}
`)
	if p == nil {
		t.Fatal(show(ds))
	}
	valid(t, p)
	const provider = "arn:aws:iam::{{id:account:management}}:oidc-provider/token.actions.githubusercontent.com"
	for i, want := range [][]string{
		{"All sts:AssumeRoleWithWebIdentity federated " + provider},
		{"All sts:AssumeRole aws *"},
		{"RefuseServicesForOthers sts:AssumeRole service ec2.amazonaws.com", "Some sts:AssumeRole service ec2.amazonaws.com", "All sts:AssumeRole service ec2.amazonaws.com"},
	} {
		var got []string
		for _, s := range parsed(t, baseline(t, p, "management").Roles[i].Trust).Statements {
			if s.Effect != policy.Deny {
				continue
			}
			text := s.Sid + " " + strings.Join(s.Action, ",")
			for kind, who := range map[string]policy.Values{"aws": s.Principal.AWS, "service": s.Principal.Service, "federated": s.Principal.Federated} {
				if len(who) > 0 {
					text += " " + kind + " " + strings.Join(who, ",")
				}
			}
			got = append(got, text)
		}
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("denies %q, want %q", got, want)
		}
	}
}

// Without a boundary that carries, or with one that reaches nobody, nothing changes.
func TestNothingIsCarriedElsewhere(t *testing.T) {
	p, ds := carrying(t, "root, exclude: [management]")
	if p == nil || len(baseline(t, p, "management").Boundaries) != 0 || len(p.NotCarried) != 0 || len(ds) != 0 {
		t.Errorf("%+v %s", p, show(ds))
	}
}
