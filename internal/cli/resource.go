package cli

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks/automation"
)

// spoken is how resources of a Pulumi type are called, and what their logical
// names have around what people call them.
var spoken = map[string]struct{ noun, prefix, suffix string }{
	"OrganizationalUnit":             {"organizational unit", "unit-", ""},
	"Account":                        {"account", "account-", ""},
	"OrganizationsFeatures":          {"central root access", "root-access", ""},
	"DelegatedAdministrator":         {"delegated administrator", "administrator-", ""},
	"AccountPasswordPolicy":          {"password policy", "password-policy", ""},
	"Role":                           {"role", "role-", ""},
	"RolePolicyAttachmentsExclusive": {"attached policies of role", "role-", "-attachments"},
	"Group":                          {"group", "group-", ""},
	"GroupPolicyAttachment":          {"attached policy of group", "group-", "-attachment"},
}

// resource names a resource of a stack for people: organizational unit
// Workloads/Prod, for organization-unit-Workloads/Prod.
func resource(stack string, o automation.Operation) string {
	kind := o.Type[strings.LastIndexByte(o.Type, ':')+1:]
	name := strings.TrimPrefix(o.Name, stack+"-")
	s, ok := spoken[kind]
	if kind == "Policy" {
		s.noun, name = policyOf(name)
	} else if ok {
		name = strings.TrimSuffix(strings.TrimPrefix(name, s.prefix), s.suffix)
	} else {
		s.noun = words(kind)
	}
	if name == s.noun {
		name = ""
	}
	return render.Escape(strings.TrimSpace(s.noun + " " + name))
}

// policyOf tells the policies of an account apart, by their logical names:
// boundary-developer, role-Operator-policy-Reports, group-auditors-policy.
func policyOf(name string) (noun, rest string) {
	if b, ok := strings.CutPrefix(name, "boundary-"); ok {
		return "boundary", b
	}
	if g, ok := strings.CutPrefix(name, "group-"); ok && strings.HasSuffix(g, "-policy") {
		return "policy of group", strings.TrimSuffix(g, "-policy")
	}
	if _, p, ok := strings.Cut(name, "-policy-"); ok && strings.HasPrefix(name, "role-") {
		return "policy", p
	}
	return "policy", name
}

// property is how properties that change are called.
var property = map[string]string{
	"parentId":                   "moves to another unit",
	"awsServiceAccessPrincipals": "trusted services",
	"enabledPolicyTypes":         "policy types",
	"assumeRolePolicy":           "trust policy",
	"maxSessionDuration":         "session duration",
	"content":                    "document",
	"policy":                     "document",
	"policyArns":                 "policies",
	"permissionsBoundary":        "permissions boundary",
}

// properties names the properties that change, each once.
func properties(diffs []string) []string {
	var out []string
	for _, d := range diffs {
		d, _, _ = strings.Cut(strings.TrimLeft(d, "+-~"), "[")
		if p := property[d]; p != "" {
			d = p
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// words takes a type's name apart: PolicyAttachment is a policy attachment.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte(' ')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
