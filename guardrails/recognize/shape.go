package recognize

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A statement is one of a document in one spelling: actions, operators and
// condition keys in lower case, lists sorted.
type statement struct {
	policy.Statement
}

func read(s policy.Statement) statement {
	n := s
	n.Action, n.NotAction = distinct(s.Action, true), distinct(s.NotAction, true)
	n.Resource, n.NotResource = distinct(s.Resource, false), distinct(s.NotResource, false)
	n.Condition = nil
	for op, keys := range s.Condition {
		for key, values := range keys {
			o, k := strings.ToLower(op), strings.ToLower(key)
			if n.Condition == nil {
				n.Condition = policy.Conditions{}
			}
			if n.Condition[o] == nil {
				n.Condition[o] = map[string]policy.Values{}
			}
			if _, twice := n.Condition[o][k]; twice {
				o, k = op, key // two spellings are two conditions: they are kept apart
				if n.Condition[o] == nil {
					n.Condition[o] = map[string]policy.Values{}
				}
			}
			n.Condition[o][k] = distinct(values, false)
		}
	}
	return statement{n}
}

// bindings are the texts found for parameters.
type bindings map[string][]string

// bind notes the texts of a parameter: in every list the same. The case may
// differ, since condition keys have none.
func (b bindings) bind(name string, texts []string) (bindings, bool) {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	if had, ok := b[name]; ok {
		return b, slices.EqualFunc(had, texts, strings.EqualFold)
	}
	more := maps.Clone(b)
	more[name] = texts
	return more, true
}

// A shape is a statement of a template in which parameters are still open.
type shape struct {
	f                                        *finder
	effect                                   policy.Effect
	principal                                bool
	action, notAction, resource, notResource *pattern
	conditions                               []condition
	spared                                   string // ARN pattern that every Deny of the template spares; ""
}

type condition struct {
	operator, key string // in lower case
	keyOf         *regexp.Regexp
	keyParameter  string
	keyIsList     bool // a condition for each item
	values        *pattern
	optional      bool // with an empty list it is left out
}

// A pattern is a list of a template: texts, and texts with parameters in them.
type pattern struct {
	literals policy.Values
	open     []open
	loose    bool // another spelling of the texts may mean the same
}

// An open text has one parameter.
type open struct {
	parameter string
	spec      catalog.ParameterSpec
	re        *regexp.Regexp
	literal   int // characters beside the parameter
}

// takes finds what the parameter is in a text.
func (o open) takes(text string) (string, bool) {
	m := o.re.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	if len(o.spec.Enum) > 0 && !slices.ContainsFunc(o.spec.Enum, func(e string) bool { return strings.EqualFold(e, m[1]) }) {
		return "", false
	}
	if o.spec.Type == "accounts" && !account.MatchString(m[1]) {
		return "", false
	}
	if o.spec.Pattern != "" {
		if re, err := regexp.Compile(o.spec.Pattern); err == nil && !re.MatchString(m[1]) {
			return "", false
		}
	}
	return m[1], true
}

var account = regexp.MustCompile(`^[0-9]{12}$`)

var placeholder = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

func (f *finder) shape(t *catalog.Template, s catalog.Statement) (shape, bool) {
	sh := shape{f: f, effect: policy.Effect(s.Effect), principal: s.Principal != ""}
	if t.Type == catalog.ServiceControlPolicy && sh.effect == policy.Deny && (t.ExemptDeployRole == nil || *t.ExemptDeployRole) {
		sh.spared = "arn:" + f.env.Partition + ":iam::*:role/" + f.env.DeployRole
	}
	ok := true
	list := func(texts []string, fold, loose bool) *pattern {
		if texts == nil {
			return nil
		}
		p, fine := f.pattern(t, texts, fold)
		ok = ok && fine
		p.loose = loose
		return p
	}
	sh.action, sh.notAction = list(s.Action, true, true), list(s.NotAction, true, false)
	sh.resource, sh.notResource = list(s.Resource, false, true), list(s.NotResource, false, false)
	for op, keys := range s.Condition {
		for key, values := range keys {
			c := condition{operator: strings.ToLower(op), key: strings.ToLower(key), values: list(values, false, false)}
			if c.values != nil && catalog.Negated(op) && len(c.values.literals) == 0 {
				c.optional = true
			}
			if strings.Contains(key, "{{") {
				kp, fine := f.pattern(t, []string{key}, true)
				switch {
				case !fine:
					return sh, false
				case len(kp.open) == 1:
					c.keyOf, c.keyParameter, c.keyIsList = kp.open[0].re, kp.open[0].parameter, isList(kp.open[0].spec.Type)
				case len(kp.literals) == 1:
					c.key = kp.literals[0]
				default:
					return sh, false
				}
			}
			sh.conditions = append(sh.conditions, c)
		}
	}
	slices.SortFunc(sh.conditions, func(a, b condition) int { // keys that are known first
		return cmp.Or(cmp.Compare(a.keyParameter, b.keyParameter), strings.Compare(a.operator+a.key, b.operator+b.key))
	})
	return sh, ok
}

// pattern puts into texts what the organization gives, and leaves parameters.
func (f *finder) pattern(t *catalog.Template, texts []string, fold bool) (*pattern, bool) {
	p := &pattern{}
	for _, text := range texts {
		for _, filled := range f.common(t, text) {
			names := placeholder.FindAllStringSubmatchIndex(filled, -1)
			switch len(names) {
			case 0:
				if fold {
					filled = strings.ToLower(filled)
				}
				p.literals = append(p.literals, filled)
			case 1:
				at := names[0]
				before, after := regexp.QuoteMeta(filled[:at[0]]), regexp.QuoteMeta(filled[at[1]:])
				flags := "(?s)"
				if fold {
					flags = "(?is)"
				}
				name := filled[at[2]:at[3]]
				p.open = append(p.open, open{name, t.Parameters[name], regexp.MustCompile(flags + "^" + before + "(.+)" + after + "$"), len(filled) - (at[1] - at[0])})
			default:
				return p, false // two parameters in one text cannot be told apart
			}
		}
	}
	p.literals = distinct(p.literals, false)
	return p, true
}

// common expands what is no parameter of the template.
func (f *finder) common(t *catalog.Template, text string) []string {
	out := []string{text}
	for i := 0; i < len(out); {
		replaced := false
		for _, at := range placeholder.FindAllStringSubmatchIndex(out[i], -1) {
			name := out[i][at[2]:at[3]]
			if _, isParameter := t.Parameters[name]; isParameter {
				continue
			}
			var more []string
			for _, v := range f.texts(name) {
				more = append(more, out[i][:at[0]]+v+out[i][at[1]:])
			}
			out = slices.Replace(out, i, i+1, more...)
			replaced = true
			break
		}
		if !replaced {
			i++
		}
	}
	return out
}

func (f *finder) texts(name string) []string {
	switch name {
	case "partition":
		return []string{f.env.Partition}
	case "deployRole":
		return []string{f.env.DeployRole}
	}
	switch v := f.env.Values[name].(type) {
	case string:
		return []string{v}
	case []string:
		return v
	}
	return nil
}

// match puts a statement beside the shape, and finds what its parameters are.
func (sh shape) match(s statement, b bindings) (bindings, bool) {
	if s.Effect != sh.effect || sh.principal != (s.Principal != nil) || s.NotPrincipal != nil {
		return b, false
	}
	ok := true
	step := func(p *pattern, values policy.Values) {
		if ok {
			b, ok = p.match(values, b, sh.f.spelling)
		}
	}
	step(sh.action, s.Action)
	step(sh.notAction, s.NotAction)
	step(sh.resource, s.Resource)
	step(sh.notResource, s.NotResource)
	if !ok {
		return b, false
	}
	left := map[string]policy.Values{}
	for op, keys := range s.Condition {
		for key, values := range keys {
			left[op+" "+key] = values
		}
	}
	const principal = "arnnotlike aws:principalarn"
	if sh.spared != "" {
		values, there := left[principal]
		i := slices.Index(values, sh.spared)
		if !there || i < 0 {
			return b, false
		}
		if values = slices.Delete(slices.Clone(values), i, i+1); len(values) == 0 {
			delete(left, principal)
		} else {
			left[principal] = values
		}
	}
	for _, c := range sh.conditions {
		if c.keyOf != nil {
			if b, ok = c.matchKeys(left, b, sh.f.spelling); !ok {
				return b, false
			}
			continue
		}
		values, there := left[c.operator+" "+c.key]
		if !there {
			if !c.optional {
				return b, false
			}
			for _, o := range c.values.open {
				if b, ok = b.bind(o.parameter, nil); !ok {
					return b, false
				}
			}
			continue
		}
		delete(left, c.operator+" "+c.key)
		if b, ok = c.values.match(values, b, nil); !ok {
			return b, false
		}
	}
	return sh.spares(left, b)
}

// What is noted of whom a statement spares, as if it were a parameter.
const (
	sparedPrincipals = "\x00principals"
	sparedAccounts   = "\x00accounts"
)

// spares takes what is left of the conditions for who is spared from the
// statement, which has to be the same in all that deny.
func (sh shape) spares(left map[string]policy.Values, b bindings) (bindings, bool) {
	const principal, account = "arnnotlike aws:principalarn", "stringnotequals aws:principalaccount"
	if !sh.f.opts.Spared || sh.effect != policy.Deny {
		return b, len(left) == 0
	}
	principals, accounts := left[principal], left[account]
	if len(principals) > 0 {
		delete(left, principal)
	}
	if len(accounts) > 0 {
		delete(left, account)
	}
	b, ok := b.bind(sparedPrincipals, principals)
	if ok {
		b, ok = b.bind(sparedAccounts, accounts)
	}
	return b, ok && len(left) == 0
}

// matchKeys finds the condition, or all conditions, whose key has a parameter
// in it, and takes them out of what is left.
func (c condition) matchKeys(left map[string]policy.Values, b bindings, spelling map[string]string) (bindings, bool) {
	var names []string
	for _, k := range slices.Sorted(maps.Keys(left)) {
		op, key, _ := strings.Cut(k, " ")
		if original, ok := spelling[key]; ok {
			key = original
		}
		m := c.keyOf.FindStringSubmatch(key)
		if m == nil || op != c.operator {
			continue
		}
		more, ok := c.values.match(left[k], b, nil)
		if !ok {
			continue
		}
		b = more
		names = append(names, m[1])
		delete(left, k)
		if !c.keyIsList {
			break
		}
	}
	if !c.keyIsList && len(names) == 0 {
		return b, false
	}
	return b.bind(c.keyParameter, names)
}

// match takes values for the texts of a pattern. With parameters each value
// belongs to a text. Without, other spellings are let through where they may
// mean the same; that is decided when the whole is confirmed.
func (p *pattern) match(values policy.Values, b bindings, spelling map[string]string) (bindings, bool) {
	if p == nil || values == nil {
		return b, p == nil && values == nil
	}
	if len(p.open) == 0 {
		if slices.Equal(p.literals, values) {
			return b, true
		}
		return b, p.loose && covered(p.literals, values) && covered(values, p.literals)
	}
	var left []string
	missing := len(p.literals)
	for _, v := range values {
		if slices.Contains(p.literals, v) {
			missing--
		} else {
			left = append(left, v)
		}
	}
	if missing > 0 {
		return b, false
	}
	found := map[string][]string{}
	for _, v := range left {
		if original, ok := spelling[v]; ok {
			v = original
		}
		best := -1
		for i, o := range p.open { // the text that says most of the value
			if _, ok := o.takes(v); ok && (best < 0 || o.literal > p.open[best].literal) {
				best = i
			}
		}
		if best < 0 {
			return b, false
		}
		text, _ := p.open[best].takes(v)
		found[p.open[best].parameter] = append(found[p.open[best].parameter], text)
	}
	ok := true
	for _, o := range p.open {
		texts, had := found[o.parameter]
		if _, before := b[o.parameter]; !had && before {
			continue
		}
		if b, ok = b.bind(o.parameter, texts); !ok {
			return b, false
		}
	}
	return b, true
}

// covered reports whether each of some patterns is within one of others.
func covered(some, others policy.Values) bool {
	return !slices.ContainsFunc(some, func(s string) bool {
		return !slices.ContainsFunc(others, func(o string) bool { return policy.Covers(o, s, true) || policy.Covers(s, o, true) })
	})
}

func isList(t catalog.ParameterType) bool {
	return t != "string" && t != "integer" && t != "boolean"
}

// parameters turns texts into values of the template's parameters.
func (f *finder) parameters(t *catalog.Template, bound bindings) (map[string]any, bool) {
	params := map[string]any{}
	for name, texts := range bound {
		if name == sparedPrincipals || name == sparedAccounts {
			continue
		}
		spec, ok := t.Parameters[name]
		if !ok {
			return nil, false
		}
		var v any
		switch {
		case isList(spec.Type):
			list := []any{}
			for _, text := range texts {
				if key, known := f.keys[text]; known && spec.Type == "accounts" {
					text = key
				}
				list = append(list, spelled(spec, text))
			}
			v = list
		case len(texts) != 1:
			return nil, false
		case spec.Type == "integer":
			n, err := strconv.Atoi(texts[0])
			if err != nil {
				return nil, false
			}
			v = n
		case spec.Type == "boolean":
			v = strings.EqualFold(texts[0], "true")
		default:
			v = spelled(spec, texts[0])
		}
		params[name] = v
	}
	return params, true
}

// spelled is a text as the parameter lists it, if it does.
func spelled(spec catalog.ParameterSpec, text string) string {
	for _, e := range spec.Enum {
		if strings.EqualFold(e, text) {
			return e
		}
	}
	return text
}
