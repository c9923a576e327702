package catalog

import (
	"maps"
	"regexp"
	"slices"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

var (
	vectorAction    = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)
	vectorPrincipal = regexp.MustCompile(`^(arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:\S+|[a-z0-9.-]+\.amazonaws\.com)?$`)
	vectorResource  = regexp.MustCompile(`^(\*|arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws)?:\S+)?$`)
	// The claims of an OIDC token stand behind the issuer, which may have a path.
	contextKey = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9._~/-]*:\S+$`)
)

// vectors checks that the guardrail carries enough requests, and that they are
// well-formed. Whether the answers are right is for an engine to say.
func (c *checker) vectors() {
	names := map[string]bool{}
	count := map[string]int{}
	for _, v := range c.t.Vectors {
		bad := func(hint, format string, args ...any) {
			c.errorf("GR208", hint, "vector %q: "+format, append([]any{v.Name}, args...)...)
		}
		if v.Name == "" || names[v.Name] {
			bad("say in a few words what the request is", "its name is missing, or stands twice")
		}
		names[v.Name] = true
		count[v.Expect]++
		if v.Expect != "deny" && v.Expect != "allow" {
			bad("expected allow or deny", "it expects %q", v.Expect)
		}
		if !vectorAction.MatchString(v.Action) {
			bad("expected one action, such as s3:PutObject", "%q is no action", v.Action)
		}
		if !vectorPrincipal.MatchString(v.Principal) {
			bad("expected the ARN of a role, user, root or session, a service principal, or nothing", "%q is no principal", v.Principal)
		}
		if !vectorResource.MatchString(v.Resource) {
			bad("expected an ARN or *", "%q is no resource", v.Resource)
		}
		for _, key := range slices.Sorted(maps.Keys(v.Context)) {
			_, isList := list(v.Context[key])
			_, isString := v.Context[key].(string)
			if !contextKey.MatchString(key) || !isList && !isString {
				bad("expected service:key and a string or a list of strings", "the context key %q is malformed", key)
			}
		}
		for _, d := range c.t.Check(Parameters(v.Parameters), diag.Range{}) {
			bad(d.Hint, "%s", d.Summary)
		}
	}
	if count["deny"] < 2 || count["allow"] < 2 {
		c.errorf("GR208", "expected at least two requests that it must deny and two that must pass",
			"it has %d vectors that deny and %d that allow", count["deny"], count["allow"])
	}
}

// spread makes one vector of each action.
func spread(vs []Vector) []Vector {
	var list []Vector
	for _, v := range vs {
		also := v.Also
		v.Also = nil
		list = append(list, v)
		for _, action := range also {
			more := v
			more.Action, more.Name = action, v.Name+": "+action
			list = append(list, more)
		}
	}
	return list
}

// Parameters are values as a use would give them, without places: those of a
// vector or a setting.
func Parameters(values map[string]any) map[string]org.Parameter {
	params := map[string]org.Parameter{}
	for name, v := range values {
		params[name] = org.Parameter{Value: v}
	}
	return params
}
