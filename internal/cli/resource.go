package cli

import (
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
	"RolePolicyAttachmentsExclusive": {"policies of role", "role-", "-attachments"},
	"Group":                          {"group", "group-", ""},
	"GroupPolicyAttachment":          {"policy of group", "group-", "-attachment"},
}

// resource names a resource of a stack for people: organizational unit
// Workloads/Prod, for organization-unit-Workloads/Prod.
func resource(stack string, o automation.Operation) string {
	kind := o.Type[strings.LastIndexByte(o.Type, ':')+1:]
	name := strings.TrimPrefix(o.Name, stack+"-")
	s, ok := spoken[kind]
	if ok {
		name = strings.TrimSuffix(strings.TrimPrefix(name, s.prefix), s.suffix)
	} else {
		s.noun = words(kind)
	}
	if name == s.noun {
		name = ""
	}
	return render.Escape(strings.TrimSpace(s.noun + " " + name))
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
