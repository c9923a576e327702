package templates_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
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
	{"identitystore:CreateGroupMembership", "arn:aws:identitystore:::group/a", "role/legacy"},
	{"rolesanywhere:UpdateTrustAnchor", "arn:aws:rolesanywhere:eu-central-1:" + owner + ":trust-anchor/a", "role/legacy"},
	{"ssm:SendCommand", "arn:aws:ec2:eu-central-1:" + owner + ":instance/i-0123456789abcdef0", "role/legacy"},
	{"ssm:StartSession", "arn:aws:ec2:eu-central-1:" + owner + ":instance/i-0123456789abcdef0", "role/legacy"},
	{"sso:CreateAccountAssignment", "arn:aws:sso:::account/" + owner, "role/legacy"},
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
	v := catalog.Vector{Name: action, Action: action, Resource: resource, Context: map[string]any{"aws:ResourceAccount": owner}}
	if boundary != "" {
		v.Context["iam:PermissionsBoundary"] = boundary
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

// A claim is that of a template: nobody who begins as one of the principals
// comes to be one without the boundary.
type claim struct {
	id, who, app string
	code         bool // says nothing of code that runs under a role already
}

var claims = []claim{
	{id: "cicd-boundary", who: "role/cicd/Deployer", app: "role/cicd/app"},
	{id: "data-scientist-boundary", who: "role/data-science/Scientist", app: "role/data-science/app"},
	{id: "operator-read-only-boundary", who: "role/Operator", app: "role/app"},
	{id: "keep-boundary", who: "role/Admin", app: "role/bounded/app", code: true},
	{id: "developer-boundary", who: "role/Developer", app: "role/developer/app", code: true},
}

// search makes every call that the document lets pass, until nothing new comes
// of it. It returns the principals that are held in the end and may lack the
// boundary, and the call that changes the boundary policy, or "".
func (c claim) search(t *testing.T, tm *catalog.Template, d policy.Document) (out []string, rewritten string) {
	w := &world{
		t: t, tm: tm, d: d,
		bounds: map[string]map[string]bool{
			c.who: {ownOf: true}, c.app: {ownOf: true}, "role/legacy": {"": true}, "role/other": {inOwner + "policy/other": true},
			"role/OrganizationAccountAccessRole": {"": true}, "user/alice": {"": true}, "root": {"": true},
		},
		trusts: map[string]bool{c.who: true, c.app: true, "role/legacy": true, "role/other": true, "role/OrganizationAccountAccessRole": true},
		held:   map[string]bool{c.who: true},
	}
	names := []string{c.who, c.app, c.app + "-new", "role/new", "role/legacy", "role/other", "role/OrganizationAccountAccessRole", "user/alice", "user/new"}
	for before := 0; before != w.size(); {
		before = w.size()
		for _, name := range names {
			w.step(name)
		}
		for _, door := range doors {
			if service, _, _ := strings.Cut(door.action, ":"); c.code && slices.Contains([]string{"cloudformation", "ec2-instance-connect", "ecs", "ssm"}, service) {
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
	for _, p := range slices.Sorted(maps.Keys(w.held)) {
		if w.held[p] && (len(w.bounds[p]) != 1 || !w.bounds[p][ownOf]) {
			out = append(out, p)
		}
	}
	return out, w.rewritten
}

// No chain of calls by those with the boundary yields a principal without it,
// or changes the boundary. What the templates' notes list as remaining, code
// that runs under a role already, is not tried.
func TestNoChainLeadsOutOfTheBoundary(t *testing.T) {
	for _, c := range claims {
		tm := lookup(t, c.id)
		out, rewritten := c.search(t, tm, instantiate(t, tm, nil))
		if rewritten != "" {
			t.Errorf("%s: %s changes the boundary itself", c.id, rewritten)
		}
		if len(out) > 0 {
			t.Errorf("%s: a chain of calls leads to %s", c.id, strings.Join(out, ", "))
		}
	}
}

// beside are statements that close no way which the search goes, and why.
var beside = map[string]string{
	"developer-boundary: DenyGroupPolicies":   "what members of a group that have the boundary may do stays within it",
	"developer-boundary: DenyPrivilegedRoles": "by default it is about roles of other accounts, and about what nobody with the boundary may change",
	"keep-boundary: LeavePrivilegedRoles":     "it is about what nobody with the boundary may change",
	"keep-boundary: LeaveTheDeployRole":       "it is about the deploy roles of other accounts",
}

// The search finds a way where there is one: to a role that a parameter vouches
// for and that lacks the boundary, and wherever a statement is missing.
func TestAWayOutIsFound(t *testing.T) {
	for _, door := range doors {
		for _, mistake := range misplaced(catalog.Vector{Principal: inOwner + "role/Admin", Action: door.action, Resource: door.resource}) {
			t.Error(mistake)
		}
	}
	for _, c := range claims {
		tm := lookup(t, c.id)
		for _, name := range []string{"boundedRoles", "roles"} {
			if _, ok := tm.Parameters[name]; !ok {
				continue
			}
			out, _ := c.search(t, tm, instantiate(t, tm, map[string]any{name: []any{"role/lega*"}}))
			if !slices.Contains(out, "role/legacy") {
				t.Errorf("%s: %s holds role/legacy, which has no boundary, and no way to it is found", c.id, name)
			}
		}
		whole := instantiate(t, tm, nil)
		for i, s := range whole.Statements {
			if s.Effect != policy.Deny {
				continue
			}
			name := c.id + ": " + s.Sid
			without := policy.Document{Version: whole.Version, Statements: slices.Delete(slices.Clone(whole.Statements), i, i+1)}
			out, rewritten := c.search(t, tm, without)
			switch found := len(out) > 0 || rewritten != ""; {
			case !found && beside[name] == "":
				t.Errorf("%s: no way out is found without it", name)
			case found && beside[name] != "":
				t.Errorf("%s: without it there is a way to %s %s", name, strings.Join(out, ", "), rewritten)
			}
		}
	}
}

func lookup(t *testing.T, id string) *catalog.Template {
	t.Helper()
	tm, ok := load(t).Lookup(id)
	if !ok {
		t.Fatalf("no template is named %s", id)
	}
	return tm
}

// With the longest name that a policy may have, and five roles of the longest
// names in each list, a boundary still fits into a managed policy.
func TestBoundariesLeaveRoom(t *testing.T) {
	env := catalog.ExampleEnv()
	env.Values["boundaryName"] = strings.Repeat("b", 128)
	limit := awsdata.Quotas{}.WithDefaults().ManagedPolicySize
	roles := []any{}
	for i := range 5 {
		roles = append(roles, fmt.Sprintf("role/%s%d", strings.Repeat("r", 63), i))
	}
	for _, c := range claims {
		tm := lookup(t, c.id)
		values := map[string]any{}
		for name := range tm.Parameters {
			values[name] = roles
		}
		ss, ds := tm.Instantiate(env, catalog.Parameters(values), diag.Range{File: c.id})
		if ds != nil {
			t.Fatalf("%s: %+v", c.id, ds)
		}
		n := policy.Size(policy.Document{Version: policy.Version2012, Statements: ss}.JSON())
		if n > limit {
			t.Errorf("%s: %d characters of %d", c.id, n, limit)
		}
	}
}
