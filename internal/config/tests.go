package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

var testPrincipal = regexp.MustCompile(`^(root|(role|user)/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+)$`)

// tests resolves the file's tests.
func (l *loader) tests() {
	names := firstUse{}
	for i := range l.doc.Tests {
		in := &l.doc.Tests[i]
		t := org.Test{
			Name:     in.Name,
			As:       in.As,
			Action:   string(in.Action),
			Resource: or(in.Resource, "*"),
			Expect:   string(in.Expect),
			By:       in.By,
			Range:    in.rng("name"),
		}
		if t.Name != "" {
			if first, twice := names.taken(t.Name, t.Range); twice {
				d := l.ds.Errorf(t.Range, "GR062", "two tests have the name %s", quote(t.Name))
				d.Hint = "a test is known by its name; give one of them another"
				d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
			}
		}
		target, ok := l.target(string(in.In), in.rng("in"))
		if ok {
			t.In = target
			if target.Account == l.o.Management && t.Expect == "deny" && !l.carries() {
				l.ds.Errorf(in.rng("in"), "GR062", "no guardrail holds in the management account").
					Hint = "service and resource control policies never reach it, and no boundary carries them there; the test could not pass"
			}
		}
		l.testPrincipal(in, target, ok)
		if len(in.With) > 0 {
			t.With = make(map[string]org.Parameter, len(in.With))
			for _, key := range sorted(in.With) {
				t.With[key] = org.Parameter{Value: in.With[key], Range: in.rng("with", key)}
				l.contextValue(&in.at, key)
			}
		}
		if in.Resource != "" && in.Resource != "*" && !resourceARN.MatchString(in.Resource) {
			l.ds.Errorf(in.rng("resource"), "GR062", "%s is no ARN", quote(in.Resource)).
				Hint = "expected one such as arn:aws:s3:::bucket/key; leave resource out for an action that has none"
		}
		l.testBy(in)
		if strings.ContainsAny(t.Action, "*?") {
			l.ds.Errorf(in.rng("action"), "GR062", "a request has one action, %s is many", quote(t.Action)).Hint = "write a test for each"
		} else if matches(in.Action, t.Action) {
			l.knownAction(t.Action, in.rng("action"))
		}
		l.o.Tests = append(l.o.Tests, t)
	}
}

// resourceARN has all parts of an ARN: arn:partition:service:region:account:resource.
var resourceARN = regexp.MustCompile(`^arn:[a-z*?-]+:[a-z0-9*?-]+:[a-z0-9*?-]*:[0-9a-z*?-]*:[^\r\n]+$`)

// testPrincipal checks who asks.
func (l *loader) testPrincipal(in *Test, target org.Target, known bool) {
	if in.As == "" {
		return
	}
	at := in.rng("as")
	if !testPrincipal.MatchString(in.As) {
		l.ds.Errorf(at, "GR062", "%s is no principal", quote(in.As)).Hint = "expected role/[path/]name, user/[path/]name or root"
		return
	}
	name, isRole := strings.CutPrefix(in.As, "role/")
	if !isRole || strings.Contains(name, "/") {
		return
	}
	var keys []string
	for i := range l.o.Roles {
		r := &l.o.Roles[i]
		keys = append(keys, r.Key)
		if r.Key != name && r.Name != name {
			continue
		}
		if known && len(l.below(target)) > 0 && !slices.ContainsFunc(l.below(target), func(a *org.Account) bool { return l.madeIn(r)[a] }) {
			l.ds.Errorf(at, "GR058", "the role %s is not made in %s", r.Key, quote(target.String())).
				Hint = "add it to the role's targets, or ask in another place"
		}
		return
	}
	if near := diag.Nearest(name, keys); len(near) > 0 {
		l.ds.Warnf(at, "GR023", "no role of the file has the key %s", quote(name)).
			Hint = "did you mean " + quote(near[0]) + "? the test takes it for a role made elsewhere, with every permission"
	}
}

// testBy checks the guardrail that must be the one that denies.
func (l *loader) testBy(in *Test) {
	if in.By == "" {
		return
	}
	at := in.rng("by")
	if in.Expect == "allow" {
		l.ds.Errorf(in.keyRange("by"), "GR062", "a test that expects allow has nothing that denies").Hint = "remove by"
		return
	}
	if in.By == guardrails.AllowList {
		if !l.someAllowList() {
			l.ds.Errorf(at, "GR040", "no node has an allowList").Hint = "give root, a unit or an account one, or remove by"
		}
		return
	}
	t, ok := l.catalog.Lookup(in.By)
	if !ok {
		if !l.brokenTemplates {
			l.unknownTemplate(in.By, at, guardrailTypes, false)
		}
		return
	}
	if !slices.Contains(guardrailTypes, t.Type) || t.Type.IsDeclarative() {
		l.ds.Errorf(at, "GR033", "%s is of the type %s, which denies nothing by itself", t.ID, t.Type).Hint = "name a guardrail"
		return
	}
	if len(l.names.force[t.ID]) == 0 {
		l.ds.Errorf(at, "GR040", "the guardrail %s is not in force anywhere", t.ID).Hint = "ask for it in root, a unit or an account, or remove by"
	}
}

var conditionKey = regexp.MustCompile(`^[A-Za-z0-9-]+:[^ \t\r\n]+$`)

// contextValue wants values of condition keys to be a plain value or a list of them.
func (l *loader) contextValue(in *at, key string) {
	n := in.n.at("with", key)
	if !conditionKey.MatchString(key) {
		l.ds.Errorf(in.keyRange("with", key), "GR062", "%s is no condition key", quote(key)).
			Hint = "expected one such as aws:RequestedRegion or s3:prefix"
	} else if _, ok := awsdata.LookupConditionKey(key); !ok {
		l.ds.Warnf(in.keyRange("with", key), "GR062", "AWS has no condition key %s that is known", quote(key)).Hint = "check its spelling, if AWS has not just added it"
	}
	plain := func(n *node) bool { return n.kind != nullNode && n.kind < listNode }
	if plain(n) || n.kind == listNode && !slices.ContainsFunc(n.items, func(i *node) bool { return !plain(i) }) {
		return
	}
	l.ds.Errorf(n.head(), "GR062", "the condition key %s has %s", quote(key), n.kind.describe()).
		Hint = "write a string or a list of strings"
}

// someAllowList reports whether the file asks for an allow list anywhere.
func (l *loader) someAllowList() bool {
	for _, list := range l.names.allowed {
		if list != nil {
			return true
		}
	}
	return l.doc.Root.AllowList != nil
}
