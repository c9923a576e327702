package eval_test

import (
	"math/big"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// An oracle decides a request the slow way, straight from the documents and in
// other words than the engine: regular expressions, rationals, package time.
// It knows no unknown keys and no NotPrincipal.
type oracle struct {
	org eval.Organization
	p   eval.Policies
	r   *eval.Request
}

func (o oracle) value(key string) []string {
	for k, v := range o.r.Context {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return nil
}

var variable = regexp.MustCompile(`\$\{([^{},]+?)(?:, *'([^']*)')?\}`)

// regexp turns a pattern into one for the package; ok is false where a
// variable has no value.
func (o oracle) regexp(pattern string, variables, wildcards bool) (*regexp.Regexp, bool) {
	var b strings.Builder
	b.WriteString(`\A(?s:`)
	plain := func(s string) {
		for _, r := range s {
			switch {
			case r == '*' && wildcards:
				b.WriteString(".*")
			case r == '?' && wildcards:
				b.WriteString(".")
			default:
				b.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
	}
	if !variables {
		plain(pattern)
		pattern = ""
	}
	for pattern != "" {
		m := variable.FindStringSubmatchIndex(pattern)
		if m == nil {
			plain(pattern)
			break
		}
		plain(pattern[:m[0]])
		name := pattern[m[2]:m[3]]
		values := o.value(name)
		switch {
		case name == "*" || name == "?" || name == "$":
			b.WriteString(regexp.QuoteMeta(name))
		case len(values) == 1:
			b.WriteString(regexp.QuoteMeta(values[0]))
		case len(values) == 0 && m[4] >= 0:
			b.WriteString(regexp.QuoteMeta(pattern[m[4]:m[5]]))
		default:
			return nil, false
		}
		pattern = pattern[m[1]:]
	}
	b.WriteString(`)\z`)
	return regexp.MustCompile(b.String()), true
}

func (o oracle) like(pattern, s string, variables, wildcards bool) bool {
	re, ok := o.regexp(pattern, variables, wildcards)
	return ok && re.MatchString(s)
}

func (o oracle) compare(op, want, got string, variables bool) bool {
	number := func(f func(int) bool) bool {
		a, okA := new(big.Rat).SetString(got)
		b, okB := new(big.Rat).SetString(want)
		return okA && okB && f(a.Cmp(b))
	}
	date := func(f func(int) bool) bool {
		parse := func(s string) (*big.Rat, bool) {
			if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return big.NewRat(at.UnixNano(), int64(time.Second)), true
			}
			return new(big.Rat).SetString(s)
		}
		a, okA := parse(got)
		b, okB := parse(want)
		return okA && okB && f(a.Cmp(b))
	}
	switch strings.Replace(op, "Not", "", 1) {
	case "StringEquals":
		return o.like(want, got, variables, false)
	case "StringEqualsIgnoreCase":
		re, ok := o.regexp(want, variables, false)
		return ok && regexp.MustCompile(`(?i)`+re.String()).MatchString(got)
	case "StringLike":
		return o.like(want, got, variables, true)
	case "ArnEquals", "ArnLike":
		w, g := strings.SplitN(want, ":", 6), strings.SplitN(got, ":", 6)
		if want == "*" {
			return true
		}
		ok := len(w) == 6 && len(g) == 6
		for i := 0; ok && i < 6; i++ {
			ok = o.like(w[i], g[i], variables, true)
		}
		return ok
	case "NumericEquals":
		return number(func(c int) bool { return c == 0 })
	case "NumericLessThan":
		return number(func(c int) bool { return c < 0 })
	case "NumericLessThanEquals":
		return number(func(c int) bool { return c <= 0 })
	case "NumericGreaterThan":
		return number(func(c int) bool { return c > 0 })
	case "NumericGreaterThanEquals":
		return number(func(c int) bool { return c >= 0 })
	case "DateEquals":
		return date(func(c int) bool { return c == 0 })
	case "DateLessThan":
		return date(func(c int) bool { return c < 0 })
	case "DateLessThanEquals":
		return date(func(c int) bool { return c <= 0 })
	case "DateGreaterThan":
		return date(func(c int) bool { return c > 0 })
	case "DateGreaterThanEquals":
		return date(func(c int) bool { return c >= 0 })
	case "Bool":
		w, g := strings.ToLower(want), strings.ToLower(got)
		return w == g && (w == "true" || w == "false")
	case "BinaryEquals":
		return want == got
	case "IpAddress":
		if !strings.Contains(want, "/") {
			return net.ParseIP(want) != nil && net.ParseIP(want).Equal(net.ParseIP(got))
		}
		_, n, err := net.ParseCIDR(want)
		return err == nil && net.ParseIP(got) != nil && n.Contains(net.ParseIP(got))
	}
	panic(op)
}

func (o oracle) holds(operator, key string, want policy.Values, variables bool) bool {
	set, op, ifExists, _ := policy.SplitOperator(operator)
	got := o.value(key)
	if op == "Null" {
		return slices.ContainsFunc(want, func(w string) bool {
			return strings.EqualFold(w, map[bool]string{true: "true", false: "false"}[len(got) == 0])
		})
	}
	negated := strings.Contains(op, "Not")
	any := func(g string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return o.compare(op, w, g, variables) })
	}
	empty := !slices.ContainsFunc(got, func(g string) bool { return g != "" })
	switch {
	case len(got) == 0 && ifExists:
		return true
	case set == "ForAllValues":
		return empty || !slices.ContainsFunc(got, func(g string) bool { return any(g) == negated })
	case set == "ForAnyValue":
		return !empty && slices.ContainsFunc(got, func(g string) bool { return any(g) != negated })
	}
	return slices.ContainsFunc(got, any) != negated
}

func (o oracle) matches(d policy.Document, s policy.Statement) bool {
	variables := d.Version == policy.Version2012
	anyOf := func(vs policy.Values, f func(string) bool) bool { return slices.ContainsFunc(vs, f) }
	action := func(p string) bool { return o.like(strings.ToLower(p), strings.ToLower(o.r.Action), false, true) }
	resource := func(p string) bool { return o.like(p, o.r.Resource, variables, true) }
	if s.Action != nil && !anyOf(s.Action, action) || s.NotAction != nil && anyOf(s.NotAction, action) ||
		s.Resource != nil && !anyOf(s.Resource, resource) || s.NotResource != nil && anyOf(s.NotResource, resource) {
		return false
	}
	if s.Principal != nil && len(o.names(s.Principal)) == 0 {
		return false
	}
	for operator, keys := range s.Condition {
		for key, want := range keys {
			if !o.holds(operator, key, want, variables) {
				return false
			}
		}
	}
	return true
}

// names lists the ways in which an element names the caller.
func (o oracle) names(p *policy.Principal) (ways []string) {
	who := o.r.Principal
	if p.Everyone || slices.Contains(p.AWS, "*") {
		ways = append(ways, "direct")
	}
	if slices.Contains(p.Service, who) && who != "" {
		ways = append(ways, "direct")
	}
	for _, a := range p.AWS {
		switch {
		case a == who && strings.Contains(who, ":role/"):
			ways = append(ways, "role")
		case a == who && !strings.HasSuffix(a, ":root"):
			ways = append(ways, "direct")
		case o.account() != "" && (a == o.account() || a == "arn:aws:iam::"+o.account()+":root"):
			ways = append(ways, "account")
		case strings.Contains(who, ":assumed-role/") && a == "arn:aws:iam::"+o.account()+":role/"+strings.Split(who, "/")[1]:
			ways = append(ways, "role")
		}
	}
	return ways
}

func (o oracle) account() string {
	if f := strings.Split(o.r.Principal, ":"); len(f) >= 6 {
		return f[4]
	}
	return ""
}

// decide is the chain, from the top of AWS's page to its bottom.
func (o oracle) decide() (eval.Decision, []eval.Layer) {
	blocked := map[eval.Layer]bool{}
	explicit := false
	look := func(layer eval.Layer, docs []eval.Document) (allowed bool) {
		for _, d := range docs {
			for _, s := range d.Policy.Statements {
				if !o.matches(d.Policy, s) {
					continue
				}
				if s.Effect == policy.Deny {
					explicit, blocked[layer] = true, true
				} else {
					allowed = true
				}
			}
		}
		return allowed
	}
	member := func(a string) bool {
		return a != "" && a != o.org.ManagementAccount && slices.Contains(o.org.Accounts, a)
	}
	linked := strings.Contains(o.r.Principal, ":role/aws-service-role/")
	if member(o.account()) && !linked {
		for _, l := range o.p.SCP {
			if !look(eval.SCP, l.Policies) {
				blocked[eval.SCP] = true
			}
		}
	}
	service := strings.ToLower(strings.Split(o.r.Action, ":")[0])
	if member(o.r.ResourceAccount) && !linked && slices.Contains([]string{"s3", "kms", "sts", "sqs"}, service) {
		for _, l := range o.p.RCP {
			look(eval.RCP, l.Policies)
		}
	}
	if o.p.VPCE != nil && !look(eval.VPCE, o.p.VPCE) {
		blocked[eval.VPCE] = true
	}
	ways := map[string]bool{}
	if o.p.Resource != nil {
		look(eval.Resource, []eval.Document{*o.p.Resource})
		for _, s := range o.p.Resource.Policy.Statements {
			if s.Effect == policy.Allow && o.matches(o.p.Resource.Policy, s) {
				for _, w := range o.names(s.Principal) {
					ways[w] = true
				}
			}
		}
	}
	identity := look(eval.Identity, o.p.Identity)
	boundary := len(o.p.Boundary) == 0 || look(eval.Boundary, o.p.Boundary)
	session := o.p.Session == nil || look(eval.Session, []eval.Document{*o.p.Session})
	same := o.account() != "" && o.account() == o.r.ResourceAccount
	isKey := service == "kms" && strings.Contains(o.r.Resource, ":key/")
	if (!same || isKey) && len(ways) == 0 {
		blocked[eval.Resource] = true
	}
	if o.account() != "" {
		rootUser := strings.HasSuffix(o.r.Principal, ":root")
		direct := same && ways["direct"]
		if !identity && !rootUser && !direct && !(same && ways["role"]) {
			blocked[eval.Identity] = true
		}
		if !boundary && !rootUser && !direct && !linked {
			blocked[eval.Boundary] = true
		}
		if !session && !direct {
			blocked[eval.Session] = true
		}
	}
	var layers []eval.Layer
	for l := range blocked {
		layers = append(layers, l)
	}
	slices.Sort(layers)
	switch {
	case explicit:
		return eval.ExplicitlyDenied, layers
	case len(layers) > 0:
		return eval.ImplicitlyDenied, layers
	}
	return eval.Allowed, nil
}
