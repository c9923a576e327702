package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// sets resolves the named lists of guardrails, sets in sets expanded.
func (l *loader) sets() {
	l.o.Sets = map[string][]org.GuardrailUse{}
	open := map[string]bool{}
	for _, key := range sorted(l.doc.Sets) {
		if t, ok := l.catalog.Lookup(string(key)); ok {
			d := l.ds.Errorf(l.doc.keyRange("sets", string(key)), "GR031", "a set and a template have the name %q", key)
			d.Hint = "they share one name space; give the set another name"
			if _, own := l.sources[t.Range.File]; own {
				d.Related = []diag.Related{{Range: t.Range, Message: "the template is here"}}
			}
		}
		l.set(string(key), open)
	}
}

// set is the content of a set. open are the sets being expanded.
func (l *loader) set(name string, open map[string]bool) []org.GuardrailUse {
	if uses, ok := l.o.Sets[name]; ok {
		return uses
	}
	open[name] = true
	defer delete(open, name)
	uses := []org.GuardrailUse{}
	for i := range l.doc.Sets[Key(name)] {
		g := &l.doc.Sets[Key(name)][i]
		if g.Ref != "" {
			if _, isSet := l.doc.Sets[Key(g.Ref)]; isSet {
				if open[g.Ref] {
					d := l.ds.Errorf(g.rng(), "GR032", "the set %q holds itself", g.Ref)
					d.Hint = "remove this line, or the one that leads here"
					if g.Ref == name && builtinSet(name) != nil {
						d.Hint = "to add to the set that comes with orgrails, give this one another name"
					}
					d.Related = []diag.Related{{Range: l.doc.keyRange("sets", g.Ref), Message: "the set begins here"}}
					continue
				}
				uses = append(uses, within(name, l.set(g.Ref, open))...)
				if len(uses) > maxSet {
					l.ds.Errorf(g.rng(), "GR005", "the set %q holds more than %d guardrails once its sets are followed", name, maxSet).
						Hint = "no node of an organization has room for so many; name fewer sets in sets"
					uses = nil
					break
				}
				continue
			}
			if s := l.shippedSet(g.Ref); s != nil {
				uses = append(uses, within(name, shippedUses(s, g.rng()))...)
				continue
			}
		}
		if u, ok := l.use(g); ok {
			u.Set = name
			uses = append(uses, u)
		}
	}
	l.o.Sets[name] = uses
	return uses
}

// within are the guardrails of a set that another set names.
func within(name string, set []org.GuardrailUse) []org.GuardrailUse {
	uses := slices.Clone(set)
	for i := range uses {
		uses[i].Set = name
	}
	return uses
}

// uses gives each node the guardrails that it asks for, sets expanded.
func (l *loader) uses() {
	l.o.Root.Uses = l.usesOf(l.names.uses[l.o.Root])
	l.o.Root.AllowList = l.allowList(&l.doc.Root.at, l.doc.Root.AllowList)
	for _, u := range l.o.Units {
		u.Uses = l.usesOf(l.names.uses[u])
		if in := l.names.unitPlaces[u]; in != nil {
			u.AllowList = l.allowList(in, l.names.allowed[in])
		}
	}
	for _, a := range l.o.Accounts {
		a.Uses = l.usesOf(l.names.own[a])
		if in := l.names.places[a]; in != nil {
			a.AllowList = l.allowList(in, l.names.allowed[in])
		}
	}
}

// allowList is what a node alone allows, as patterns of actions.
func (l *loader) allowList(in *at, list []AllowedActions) *org.AllowList {
	if len(list) == 0 {
		return nil
	}
	a := &org.AllowList{Range: in.keyRange("allowList")}
	for i, word := range list {
		if word == "" || !matches(word, string(word)) {
			continue
		}
		service, _, pattern := strings.Cut(string(word), ":")
		if !pattern && !awsdata.ServiceKnown(service) {
			l.unknownService(service, in.rng("allowList", i))
		}
		if pattern {
			l.knownAction(string(word), in.rng("allowList", i))
		} else {
			word += ":*"
		}
		a.Actions = append(a.Actions, string(word))
	}
	return a
}

// knownAction warns of an action, or a pattern of some, that AWS does not have as
// far as is known.
func (l *loader) knownAction(action string, r diag.Range) {
	if len(awsdata.MatchActions(action)) == 0 {
		l.ds.Warnf(r, "GR066", "no action that is known matches %s", quote(action)).Hint = "check its spelling, if AWS has not just added it"
	}
}

// unknownService refuses a service, with the one that may be meant.
func (l *loader) unknownService(service string, r diag.Range) {
	hint := diag.DidYouMean(service, awsdata.ServicePrefixes())
	if near, ok := access.ServiceNamed(service); ok {
		hint = "did you mean " + quote(near.Prefix) + ", " + near.Name + "?"
	}
	l.ds.Errorf(r, "GR066", "no AWS service has the prefix %s", quote(service)).Hint = hint
}

// setNamed is the content of the set of a name, of the file's own or shipped;
// what a shipped one asks for is asked for at that place.
func (l *loader) setNamed(name string, at diag.Range) ([]org.GuardrailUse, bool) {
	if s := l.shippedSet(name); s != nil {
		return shippedUses(s, at), true
	}
	set, ok := l.o.Sets[name]
	return set, ok
}

func (l *loader) usesOf(list []Guardrail) []org.GuardrailUse {
	var uses []org.GuardrailUse
	for i := range list {
		g := &list[i]
		if g.Ref != "" {
			if set, ok := l.setNamed(g.Ref, g.rng()); ok {
				for _, u := range set {
					u.Set, u.Via = g.Ref, g.rng()
					uses = append(uses, u)
				}
				continue
			}
		}
		if u, ok := l.use(g); ok {
			uses = append(uses, u)
		}
	}
	return uses
}

// use resolves a guardrail that is not a set.
func (l *loader) use(g *Guardrail) (org.GuardrailUse, bool) {
	u := org.GuardrailUse{
		Template: or(g.Ref, g.Template),
		File:     string(g.File),
		Type:     string(g.Type),
		Range:    g.rng(),

		Policy: g.Policy, NeverHoist: g.Hoist == "never", Compact: string(g.Compact),
	}
	if u.Policy != "" {
		l.ascii(u.Policy, g.rng("policy"), "the name of a policy")
		if strings.HasPrefix(u.Policy, ownPolicies) {
			l.ds.Errorf(g.rng("policy"), "GR025", "the name %s begins like those that orgrails gives", quote(u.Policy)).
				Hint = "give the policy a name of your own, or none"
		}
		if ofAWS(u.Policy) {
			l.ds.Errorf(g.rng("policy"), "GR025", "%s is AWS's own policy", quote(u.Policy)).Hint = "give the policy a name of your own, or none"
		}
	}
	switch {
	case g.Template != "" && g.File != "":
		l.ds.Errorf(g.keyRange("file"), "GR018", "a guardrail is a template or a file, not both").
			Hint = "make two items of the list of them"
		return u, false
	case u.Template != "":
		if g.Template != "" {
			u.Range = g.rng("template")
		}
		if g.has("type") {
			l.ds.Errorf(g.keyRange("type"), "GR018", "a template has its own type").Hint = "remove the type"
		}
		u.Parameters = l.parameters(&g.at, g.Parameters)
		return u, l.template(u.Template, u.Parameters, u.Range, guardrailTypes, g.Ref != "")
	case u.File != "":
		u.Range = g.rng("file")
		if g.has("parameters") {
			l.ds.Errorf(g.keyRange("parameters"), "GR018", "a document of your own has no parameters").
				Hint = "remove them, or make it a template: see templates at the top level"
		}
		if !slices.Contains(PolicyType("").Values(), u.Type) {
			if !g.has("type") {
				l.ds.Errorf(u.Range, "GR018", "the type of the document %s is missing", quote(u.File)).
					Hint = "add type: SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY or another policy type"
			}
			return u, false
		}
		source, ok := l.policyDocument(u.File, u.Range, policy.Kind(u.Type))
		u.Source = source
		return u, ok
	case g.n != nil && g.n.kind == mapNode && !g.n.bad:
		if !g.has("template") && !g.has("file") {
			l.ds.Errorf(g.rng(), "GR018", "a guardrail needs a template or a file").
				Hint = "write {template: …}, {file: …, type: …} or the name of a set or a template"
		}
	}
	return u, false
}

// ofAWS reports whether AWS has a policy of the name in every organization.
func ofAWS(name string) bool {
	return strings.EqualFold(name, "FullAWSAccess") || strings.EqualFold(name, "RCPFullAWSAccess")
}

// ownPolicies begins the names of the policies that orgrails names.
const ownPolicies = "orgrails-"

// guardrailTypes are the types of templates that a list of guardrails takes.
var guardrailTypes = catalog.GuardrailTypes()

const inAList = "in a list of guardrails, at root, a unit, an account or in a set"

// homes say where in the file templates of a type are used.
var homes = map[catalog.Type]string{
	catalog.ServiceControlPolicy:   inAList,
	catalog.ResourceControlPolicy:  inAList,
	catalog.DeclarativePolicyEC2:   inAList,
	catalog.AIServicesOptOutPolicy: inAList,
	catalog.TagPolicy:              inAList,
	catalog.BackupPolicy:           inAList,
	catalog.PermissionsBoundary:    "as template in permissionBoundaries",
	catalog.PasswordPolicyPreset:   "as preset in passwordPolicies",
}

// template checks that a template exists, has one of the types and takes the
// parameters. sets says that a set could be named in its place too.
func (l *loader) template(id string, params map[string]org.Parameter, r diag.Range, types []catalog.Type, sets bool) bool {
	t, ok := l.catalog.Lookup(id)
	if !ok {
		if l.brokenTemplates || sets && l.doc.n.at("sets").bad {
			return false // it may be the one that could not be read
		}
		l.unknownTemplate(id, r, types, sets)
		return false
	}
	if !slices.Contains(types, t.Type) {
		l.ds.Errorf(r, "GR033", "%s is of the type %s, which is not taken here", id, t.Type).
			Hint = "name it " + homes[t.Type]
		return false
	}
	for _, d := range t.Check(params, r) {
		if !strings.Contains(d.Summary, "{{") { // reported wherever it stands
			l.ds = append(l.ds, d)
		}
	}
	return true
}

func (l *loader) unknownTemplate(id string, r diag.Range, types []catalog.Type, sets bool) {
	var known []string
	for _, t := range types {
		known = append(known, l.catalog.IDs(t)...)
	}
	if sets {
		known = append(known, l.setNames()...)
		d := l.ds.Errorf(r, "GR021", "no set or template is named %s", quote(id))
		d.Hint = diag.DidYouMean(id, known)
		return
	}
	d := l.ds.Errorf(r, "GR022", "no template is named %s", quote(id))
	d.Hint = diag.DidYouMean(id, known)
	if l.isSet(id) {
		d.Hint = "this is a set: name it without template"
	}
}

// parameters locates the values given to a template.
func (l *loader) parameters(place *at, values map[string]any) map[string]org.Parameter {
	if len(values) == 0 {
		return nil
	}
	params := make(map[string]org.Parameter, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		params[name] = org.Parameter{Value: values[name], Range: place.rng("parameters", name)}
	}
	return params
}
