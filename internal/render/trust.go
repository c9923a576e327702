package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// trusted says in a few words who may assume a role, a phrase for each
// statement of its trust policy that allows it.
func trusted(trust guardrails.Text) []string {
	doc, ds := policy.Parse("trust policy", []byte(trust))
	if ds.HasErrors() {
		return []string{"nobody: the trust policy cannot be read"}
	}
	var who []string
	for _, s := range doc.Statements {
		if s.Effect == policy.Allow && s.Principal != nil {
			who = append(who, trustedBy(s))
		}
	}
	if len(who) == 0 {
		return []string{"nobody"}
	}
	return who
}

const (
	mfa    = "with MFA"
	mfaAge = "MFA at most "
)

func trustedBy(s policy.Statement) string {
	var names, narrowed []string
	p := s.Principal
	if p.Everyone {
		names = append(names, "everyone")
	}
	for _, arn := range p.AWS {
		names = append(names, principal(arn))
	}
	for _, service := range p.Service {
		names = append(names, Escape(service))
	}
	for _, provider := range p.Federated {
		names = append(names, principal(provider))
	}
	for _, operator := range slices.Sorted(maps.Keys(s.Condition)) {
		for _, key := range slices.Sorted(maps.Keys(s.Condition[operator])) {
			values := s.Condition[operator][key]
			if group := groupOf(key, values); group != "" && len(names) == 1 {
				names[0] = "group " + group + " of " + strings.TrimPrefix(names[0], "account ")
				continue
			}
			narrowed = append(narrowed, condition(operator, key, values))
		}
	}
	narrowed = unique(narrowed)
	// A maximal age says that there must be MFA at all.
	if slices.ContainsFunc(narrowed, func(s string) bool { return strings.HasPrefix(s, mfaAge) }) {
		narrowed = slices.DeleteFunc(narrowed, func(s string) bool { return s == mfa })
	}
	who := strings.Join(names[:min(len(names), 4)], ", ")
	if more := len(names) - 4; more > 0 {
		who += " and " + number(more) + " more"
	}
	if len(narrowed) > 0 {
		who += " (" + strings.Join(narrowed, ", ") + ")"
	}
	return who
}

// groupOf is the group that a principal tag of ours stands for.
func groupOf(key string, values []string) string {
	const tag = "aws:PrincipalTag/orgrails:group/"
	if len(values) == 1 && values[0] == "member" && len(key) > len(tag) && strings.EqualFold(key[:len(tag)], tag) {
		return Escape(key[len(tag):])
	}
	return ""
}

// arnForm is an ARN of an account's IAM: the account, the kind, the name.
var arnForm = regexp.MustCompile(`^arn:[a-z-]+:(?:iam|sts)::(\{\{id:[^}]*\}\}|[^:]*):([a-z-]+)(?:/(.*))?$`)

var kinds = map[string]string{"saml-provider": "SAML provider", "oidc-provider": "OIDC provider"}

// principal is an ARN in words: "role Deploy of payments-prod".
func principal(arn string) string {
	m := arnForm.FindStringSubmatch(arn)
	if m == nil {
		return Escape(arn)
	}
	account := "account " + accountName(m[1])
	if m[2] == "root" {
		return account
	}
	kind := m[2]
	if kinds[kind] != "" {
		kind = kinds[kind]
	}
	return fmt.Sprintf("%s %s of %s", kind, Escape(m[3]), strings.TrimPrefix(account, "account "))
}

// accountName is an account's key where a reference names it, else its id.
func accountName(id string) string {
	if refs := guardrails.Text(id).Refs(); len(refs) == 1 && string(guardrails.Ref(refs[0])) == id {
		return Escape(strings.TrimPrefix(refs[0], "account:"))
	}
	return Escape(id)
}

// condition is one condition of a trust policy in words.
func condition(operator, key string, values []string) string {
	list := several(values, 3)
	switch low := strings.ToLower(key); {
	case low == "aws:multifactorauthpresent" && list == "true":
		return mfa
	case low == "aws:multifactorauthage" && strings.HasPrefix(operator, "NumericLessThan"):
		if n, err := strconv.Atoi(list); err == nil {
			return mfaAge + seconds(n) + " old"
		}
	case low == "aws:sourceip" && operator == "IpAddress":
		return "from " + list
	case low == "aws:currenttime" && operator == "DateLessThan":
		return "until " + list
	case low == "aws:principalarn" && strings.HasPrefix(operator, "Arn"):
		if _, set, ok := strings.Cut(list, "AWSReservedSSO_"); ok && len(values) == 1 {
			return "permission set " + strings.TrimSuffix(set, "_*")
		}
		if len(values) == 1 && strings.HasSuffix(values[0], ":user/*") {
			return "users only"
		}
		return "as " + strings.Join(principals(values), ", ")
	case low == "sts:externalid":
		return "with external id"
	case strings.HasSuffix(low, ":aud"):
		return "for " + list
	case strings.HasSuffix(low, ":sub"):
		return "subject " + list
	}
	return fmt.Sprintf("%s %s %s", Escape(key), Escape(operator), list)
}

func principals(arns []string) []string {
	out := make([]string, len(arns))
	for i, a := range arns {
		out[i] = principal(a)
	}
	return out
}

// seconds is a number of seconds as people say it: 1h, 15m, 1m30s.
func seconds(n int) string {
	var b strings.Builder
	for _, unit := range []struct {
		length int
		name   string
	}{{3600, "h"}, {60, "m"}, {1, "s"}} {
		if c := n / unit.length; c > 0 {
			fmt.Fprintf(&b, "%d%s", c, unit.name)
			n -= c * unit.length
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
