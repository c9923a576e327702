package templates_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
)

const (
	inOwner = "arn:aws:iam::" + owner + ":"
	ownOf   = "arn:aws:iam::" + owner + ":policy/developer" // the boundary, as the example organization names it
	wide    = "arn:aws:iam::aws:policy/AdministratorAccess"
)

// doors are calls that hand over a principal without saying which: what they
// open in this world stands beside them.
var doors = []struct{ action, resource, opens string }{
	{"account-access:CreateEntitlement", "arn:aws:account-access:eu-central-1:" + owner + ":application/a", "role/legacy"},
	{"account:StartPrimaryEmailUpdate", "*", "root"},
	{"cloudformation:CreateChangeSet", "arn:aws:cloudformation:eu-central-1:" + owner + ":stack/legacy/a", "role/legacy"},
	{"cloudformation:CreateStackInstances", "arn:aws:cloudformation:eu-central-1:" + owner + ":stackset/legacy:a", "role/legacy"},
	{"cloudformation:UpdateStack", "arn:aws:cloudformation:eu-central-1:" + owner + ":stack/legacy/a", "role/legacy"},
	{"cloudformation:UpdateStackSet", "arn:aws:cloudformation:eu-central-1:" + owner + ":stackset/legacy:a", "role/legacy"},
	{"ec2-instance-connect:SendSSHPublicKey", "arn:aws:ec2:eu-central-1:" + owner + ":instance/i-0123456789abcdef0", "role/legacy"},
	{"ecs:ExecuteCommand", "arn:aws:ecs:eu-central-1:" + owner + ":task/main/a", "role/legacy"},
	{"iam:AcceptDelegationRequest", inOwner + "delegation-request/a", "role/legacy"},
	{"iam:CreateOpenIDConnectProvider", inOwner + "oidc-provider/example.com", "role/legacy"},
	{"iam:CreateSAMLProvider", inOwner + "saml-provider/okta", "role/legacy"},
	{"iam:UpdateAccountEmailAddress", "*", "root"},
	{"iam:UpdateOpenIDConnectProviderThumbprint", inOwner + "oidc-provider/example.com", "role/legacy"},
	{"iam:UpdateSAMLProvider", inOwner + "saml-provider/okta", "role/legacy"},
	{"rolesanywhere:UpdateTrustAnchor", "arn:aws:rolesanywhere:eu-central-1:" + owner + ":trust-anchor/a", "role/legacy"},
	{"ssm:SendCommand", "arn:aws:ec2:eu-central-1:" + owner + ":instance/i-0123456789abcdef0", "role/legacy"},
	{"ssm:StartSession", "arn:aws:ec2:eu-central-1:" + owner + ":instance/i-0123456789abcdef0", "role/legacy"},
	{"sso:CreateAccountAssignment", "*", "role/legacy"},
	{"sts:AssumeRoot", inOwner + "root", "root"},
	{"sts:GetDelegatedAccessToken", "*", "role/legacy"},
}

// A world is an account as somebody with a boundary finds it, and what they
// can bring about there. It only ever grows: what could be done once stays
// possible, so that no chain of calls is missed, in whatever order.
type world struct {
	t         *testing.T
	tm        *catalog.Template
	d         policy.Document
	bounds    map[string]map[string]bool // principal: the boundaries that it may come to have; "" is none
	trusts    map[string]bool            // roles whose trust policy lets them in
	held      map[string]bool            // principals as which they can act
	rewritten string                     // the call that changes the boundary policy
}

// may reports whether somebody who is held, and has the boundary, can make a call.
func (w *world) may(action, resource, boundary string) bool {
	v := catalog.Vector{Name: action, Action: action, Resource: resource}
	if boundary != "" {
		v.Context = map[string]any{"iam:PermissionsBoundary": boundary}
	}
	return slices.ContainsFunc(slices.Sorted(maps.Keys(w.held)), func(p string) bool {
		v.Principal = inOwner + p
		return w.held[p] && w.bounds[p][ownOf] && !denies(w.t, w.tm, w.d, v)
	})
}

// gets notes that a principal may come to have a boundary.
func (w *world) gets(principal, boundary string) {
	if w.bounds[principal] == nil {
		w.bounds[principal] = map[string]bool{}
	}
	w.bounds[principal][boundary] = true
}

// step tries every call on one principal, whether it is there yet or not.
func (w *world) step(name string) {
	arn, kind := inOwner+name, "Role"
	if strings.HasPrefix(name, "user/") {
		kind = "User"
	}
	for _, b := range []string{"", ownOf, inOwner + "policy/other", wide} {
		if w.may("iam:Create"+kind, arn, b) {
			w.gets(name, b)
			w.trusts[name] = true
		}
		if b != "" && w.bounds[name] != nil && w.may("iam:Put"+kind+"PermissionsBoundary", arn, b) {
			w.gets(name, b)
		}
	}
	for _, b := range slices.Sorted(maps.Keys(w.bounds[name])) {
		if w.may("iam:Delete"+kind+"PermissionsBoundary", arn, b) {
			w.gets(name, "")
		}
		if kind == "Role" {
			w.trusts[name] = w.trusts[name] || w.may("iam:UpdateAssumeRolePolicy", arn, b)
			w.held[name] = w.held[name] || w.may("iam:PassRole", arn, "") || w.trusts[name] && w.may("sts:AssumeRole", arn, "")
			continue
		}
		for _, action := range []string{"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:UpdateAccessKey", "iam:UpdateLoginProfile", "iam:UploadSigningCertificate", "iam:UploadSSHPublicKey"} {
			w.held[name] = w.held[name] || w.may(action, arn, "")
		}
	}
}

// size is how much of the world is known; it stops growing.
func (w *world) size() int {
	n := 0
	for _, b := range w.bounds {
		n += len(b)
	}
	for _, set := range []map[string]bool{w.trusts, w.held} {
		for _, yes := range set {
			if yes {
				n++
			}
		}
	}
	return n
}

// No chain of calls by those with the boundary yields a principal without it,
// or changes the boundary. What the templates' notes list as remaining, code
// that runs under a role already, is not tried. developer-boundary claims less,
// and shows that a way is found where there is one.
func TestNoChainLeadsOutOfTheBoundary(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		id, who, app, out string
		code              bool // claims nothing of code that runs under a role already
	}{
		{id: "cicd-boundary", who: "role/cicd/Deployer", app: "role/cicd/app"},
		{id: "data-scientist-boundary", who: "role/data-science/Scientist", app: "role/data-science/app"},
		{id: "operator-read-only-boundary", who: "role/Operator", app: "role/app"},
		{id: "keep-boundary", who: "role/Admin", app: "role/bounded/app", code: true},
		{id: "developer-boundary", who: "role/Developer", app: "role/app", out: "role/legacy"},
	} {
		tm, ok := c.Lookup(tt.id)
		if !ok {
			t.Fatal(tt.id)
		}
		w := &world{
			t: t, tm: tm, d: instantiate(t, tm, nil),
			bounds: map[string]map[string]bool{
				tt.who: {ownOf: true}, tt.app: {ownOf: true}, "role/legacy": {"": true}, "role/other": {inOwner + "policy/other": true},
				"role/OrganizationAccountAccessRole": {"": true}, "user/alice": {"": true}, "root": {"": true},
			},
			trusts: map[string]bool{tt.who: true, tt.app: true, "role/legacy": true, "role/other": true, "role/OrganizationAccountAccessRole": true},
			held:   map[string]bool{tt.who: true},
		}
		names := []string{tt.who, tt.app, tt.app + "-new", "role/new", "role/legacy", "role/other", "role/OrganizationAccountAccessRole", "user/alice", "user/new"}
		for before := 0; before != w.size(); {
			before = w.size()
			for _, name := range names {
				w.step(name)
			}
			for _, door := range doors {
				if service, _, _ := strings.Cut(door.action, ":"); tt.code && slices.Contains([]string{"cloudformation", "ec2-instance-connect", "ecs", "ssm"}, service) {
					continue
				}
				w.held[door.opens] = w.held[door.opens] || w.may(door.action, door.resource, "")
			}
			for _, action := range []string{"iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"} {
				if w.may(action, ownOf, "") {
					w.rewritten = action
				}
			}
		}
		if w.rewritten != "" {
			t.Errorf("%s: %s changes the boundary itself", tt.id, w.rewritten)
		}
		out := []string{}
		for _, p := range slices.Sorted(maps.Keys(w.held)) {
			if w.held[p] && (len(w.bounds[p]) != 1 || !w.bounds[p][ownOf]) {
				out = append(out, p)
			}
		}
		switch {
		case tt.out == "" && len(out) > 0:
			t.Errorf("%s: a chain of calls leads to %s", tt.id, strings.Join(out, ", "))
		case tt.out != "" && !slices.Contains(out, tt.out):
			t.Errorf("%s: no way to %s is found, where there is one", tt.id, tt.out)
		}
	}
}
