package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

func (v *validator) statement(i int, s Statement) {
	at := func(rest ...any) path { return append(path{"Statement", i}, rest...) }
	code, spoken := v.kind.code(), v.kind.spoken()
	if s.Effect != Allow && s.Effect != Deny {
		v.errorf(at("Effect", 0), "GR108", `expected "Allow" or "Deny"`, "%q is no effect", string(s.Effect))
	}
	if v.kind == ResourceControlPolicy && s.Effect == Allow {
		v.errorf(at("Effect", 0), code, "a resource control policy of your own denies; RCPFullAWSAccess allows", "%s has no Allow", spoken)
	}
	if v.kind == ResourceControlPolicy && s.NotAction != nil {
		v.errorf(at("NotAction"), code, "name the actions in Action", "%s has no NotAction", spoken)
	}
	v.pair(at, "Action", s.Action, "NotAction", s.NotAction, true)
	v.pair(at, "Resource", s.Resource, "NotResource", s.NotResource, v.kind != TrustPolicy)
	for _, e := range []struct {
		name string
		vs   Values
	}{{"Action", s.Action}, {"NotAction", s.NotAction}} {
		for j, a := range e.vs {
			v.action(at(e.name, j), e.name, a)
		}
	}
	for _, e := range []struct {
		name string
		vs   Values
	}{{"Resource", s.Resource}, {"NotResource", s.NotResource}} {
		if v.kind == TrustPolicy && e.vs != nil {
			v.errorf(at(e.name), code, "remove it; the resource is the role itself", "%s has no %s", spoken, e.name)
			continue
		}
		for j, r := range e.vs {
			v.resource(at(e.name, j), r)
		}
	}
	v.principals(i, s, at)
	v.conditions(i, s.Condition)
}

// pair checks two elements that exclude each other.
func (v *validator) pair(at func(...any) path, a string, as Values, b string, bs Values, needed bool) {
	switch {
	case as != nil && bs != nil:
		v.errorf(at(b), "GR107", "keep one of them, or make two statements", "a statement may not have both %s and %s", a, b)
	case as == nil && bs == nil && needed:
		v.errorf(at(), "GR106", "add one of them", "%s needs %s or %s in every statement", v.kind.spoken(), a, b)
	}
	for _, e := range []struct {
		name string
		vs   Values
	}{{a, as}, {b, bs}} {
		if e.vs != nil && len(e.vs) == 0 {
			v.errorf(at(e.name), "GR106", "add a value", "%s holds nothing", e.name)
		}
	}
}

// AWS's actions have letters and digits behind the colon.
var actionForm = regexp.MustCompile(`^([A-Za-z0-9*?_-]+):[A-Za-z0-9*?_-]+$`)

func (v *validator) action(at path, element, a string) {
	if strings.Contains(a, "${") {
		v.errorf(at, "GR111", "write the action itself", "%s may hold no policy variable", element)
		return
	}
	m := actionForm.FindStringSubmatch(a)
	if a != "*" && m == nil {
		v.errorf(at, "GR113", `expected "service:Action", such as "s3:PutObject", or "*"`, "%q is no action", a)
		return
	}
	switch v.kind {
	case ResourceControlPolicy:
		switch {
		case a == "*":
			v.errorf(at, v.kind.code(), `name a service, such as "s3:*"`, `a resource control policy may not name the action "*" alone`)
		case v.rules.RCPServices != nil && !slices.Contains(v.rules.RCPServices, strings.ToLower(m[1])):
			v.errorf(at, v.kind.code(), diag.DidYouMean(m[1], v.rules.RCPServices), "resource control policies do not know the service %q", m[1])
		}
	case TrustPolicy:
		if m == nil || !strings.EqualFold(m[1], "sts") {
			v.errorf(at, v.kind.code(), "expected sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, sts:TagSession, sts:SetSourceIdentity or sts:SetContext",
				"a trust policy holds actions of AWS STS only, not %q", a)
		}
	}
}

func (v *validator) resource(at path, r string) {
	v.variables(at, r)
	if r == "*" {
		return
	}
	if what, hint := malformedARN(r); what != "" {
		v.errorf(at, "GR112", hint, "%q %s", r, what)
	}
}

var accountField = regexp.MustCompile(`^([0-9]{12}|aws|[0-9?]*[*?][0-9*?]*|\{\{id:[^{}]*\}\}|.*\$\{[^}]*\}.*)?$`)

// malformedARN says what is wrong with an ARN pattern; "" is nothing.
func malformedARN(s string) (what, hint string) {
	const form = "expected arn:partition:service:region:account:resource, or *"
	fields := SplitARN(s)
	switch {
	case fields[0] != "arn":
		return "does not begin with arn:", form
	case len(fields) < 6:
		return fmt.Sprintf("has %d fields of an ARN's six", len(fields)), form
	case fields[1] == "" || fields[2] == "" || fields[5] == "":
		return "leaves a field of the ARN empty that it needs", form
	case fields[2] != strings.ToLower(fields[2]) && !strings.Contains(fields[2], "${"):
		return fmt.Sprintf("spells the service %q", fields[2]), "service names in ARNs are in small letters"
	case !accountField.MatchString(fields[4]):
		return fmt.Sprintf("has %q for an account id", fields[4]), "an account id has twelve digits"
	}
	return "", ""
}

// SplitARN splits an ARN, or a pattern of ARNs, at its first five colons. The
// colons of references {{id:…}} and of policy variables ${…} do not count.
func SplitARN(s string) []string {
	var fields []string
	start := 0
	for i := 0; i < len(s) && len(fields) < 5; i++ {
		closing := ""
		switch {
		case strings.HasPrefix(s[i:], "{{id:"):
			closing = "}}"
		case strings.HasPrefix(s[i:], "${"):
			closing = "}"
		case s[i] == ':':
			fields = append(fields, s[start:i])
			start = i + 1
		}
		if closing != "" {
			if j := strings.Index(s[i:], closing); j >= 0 {
				i += j + len(closing) - 1
			}
		}
	}
	return append(fields, s[start:])
}
