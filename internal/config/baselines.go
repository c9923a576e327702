package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// boundaries resolves the permission boundaries.
func (l *loader) boundaries() {
	names := firstUse{}
	for _, key := range sorted(l.doc.PermissionBoundaries) {
		in := l.doc.PermissionBoundaries[key]
		b := org.PermissionBoundary{
			Key:        string(key),
			Name:       or(string(in.Name), string(key)),
			Template:   in.Template,
			Parameters: l.parameters(&in.at, in.Parameters),
			File:       string(in.File),
			Targets:    l.targets(&in.at, "targets", in.Targets),
			Exclude:    l.excluded(&in.at, in.Targets, in.Exclude),
			Required:   in.Required,
			Range:      l.doc.keyRange("permissionBoundaries", string(key)),
		}
		switch {
		case in.has("guardrails"):
			l.carried(&in, &b)
		case b.Template != "" && b.File != "":
			l.ds.Errorf(in.keyRange("file"), "GR018", "a permission boundary is a template or a file, not both").Hint = "remove one of the two"
		case b.Template != "":
			l.template(b.Template, b.Parameters, in.rng("template"), []catalog.Type{catalog.PermissionsBoundary}, false)
		case b.File != "":
			b.Source, _ = l.policyDocument(b.File, in.rng("file"), policy.PermissionsBoundary)
			if in.has("parameters") {
				l.ds.Errorf(in.keyRange("parameters"), "GR018", "a document of your own has no parameters").Hint = "remove them, or make it a template"
			}
		case in.n != nil && in.n.kind == mapNode && !in.has("template") && !in.has("file"):
			l.ds.Errorf(b.Range, "GR018", "the permission boundary %q needs a template, a file or guardrails", key).
				Hint = diag.DidYouMean("", l.catalog.IDs(catalog.PermissionsBoundary))
		}
		if first, twice := names.taken(strings.ToLower(b.Name), b.Range); twice {
			d := l.ds.Errorf(b.Range, "GR034", "two permission boundaries have the name %s", quote(b.Name))
			d.Hint = "IAM takes the name of a policy once in an account, upper and lower case counting alike"
			d.Related = []diag.Related{{Range: first, Message: "the other is here"}}
		}
		if b.Required && b.Carries == nil {
			for i, t := range in.Targets {
				if t == org.ManagementSelector {
					l.ds.Warnf(in.rng("targets", i), "GR047", "the boundary %q cannot be made mandatory in the management account", key).
						Hint = "service control policies never hold there; the policy is placed, and nobody is made to use it"
				}
			}
		}
		l.o.PermissionBoundaries = append(l.o.PermissionBoundaries, b)
	}
}

// carried resolves the guardrails that a boundary carries into the management
// account, and refuses what it cannot be beside that.
func (l *loader) carried(in *PermissionBoundary, b *org.PermissionBoundary) {
	for _, key := range []string{"template", "file"} {
		if in.has(key) {
			l.ds.Errorf(in.keyRange(key), "GR018", "a boundary that carries guardrails has no %s of its own", key).
				Hint = "remove one of the two; what the guardrails do not say, a document in the list can say"
		}
	}
	if in.has("required") {
		l.ds.Errorf(in.keyRange("required"), "GR018", "a boundary that carries guardrails is not made mandatory by a service control policy").
			Hint = "remove required: none holds in the management account; whoever has the boundary makes nobody without it"
	}
	for i, s := range in.Targets {
		if s != "" && s != org.ManagementSelector {
			l.ds.Errorf(in.rng("targets", i), "GR018", "a boundary carries guardrails into the management account alone").
				Hint = "write targets: [management]; in member accounts the policies themselves hold"
		}
	}
	b.Template, b.File = "", ""
	l.template(org.KeepBoundary, b.Parameters, b.Range, []catalog.Type{catalog.PermissionsBoundary}, false)
	b.Carries = &org.Carried{Uses: l.usesOf(in.Guardrails.List)}
	if node := in.Guardrails.Node; node == org.ManagementSelector {
		l.ds.Errorf(in.rng("guardrails"), "GR018", "no guardrails hold in the management account that a boundary could carry").
			Hint = "name root, a unit or an account whose guardrails are meant, or a list of guardrails"
	} else if t, ok := l.carriedFrom(in, node); ok {
		b.Carries.Node = t
	}
}

// carriedFrom is the node whose guardrails a boundary carries.
func (l *loader) carriedFrom(in *PermissionBoundary, node string) (org.Target, bool) {
	r := in.rng("guardrails")
	if _, set := l.setNamed(node, r); set && l.names.units[node] == nil && l.names.accounts[node] == nil {
		l.ds.Errorf(r, "GR020", "no unit or account is named %s", quote(node)).Hint = "this is a set: write it in a list, [" + node + "]"
		return org.Target{}, false
	}
	return l.target(node, r)
}

// excluded resolves the list exclude and refuses items that are below no target.
func (l *loader) excluded(place *at, targets, exclude []Selector) []org.Target {
	out := l.targets(place, "exclude", exclude)
	var below []org.Target
	for _, s := range targets {
		if u := l.names.units[string(s)]; u != nil {
			below = append(below, org.Target{Unit: u})
		} else if a := l.names.accounts[string(s)]; a != nil {
			below = append(below, org.Target{Account: a})
		} else if s != "" {
			return out // reported already; what is excluded may be below it
		}
	}
	for _, x := range out {
		inside := false
		for _, t := range below {
			if t.Account != nil {
				inside = inside || t.Account == x.Account
				continue
			}
			if x.Account != nil {
				inside = inside || t.Distance(x.Account) >= 0
			}
			for u := x.Unit; u != nil; u = u.Parent {
				inside = inside || u == t.Unit
			}
		}
		if !inside {
			l.ds.Errorf(x.Range, "GR048", "%s is below no target", quote(x.String())).Hint = "remove it: there is nothing to exclude"
		}
	}
	return out
}

// passwords resolves the password policies.
func (l *loader) passwords() {
	for _, key := range sorted(l.doc.PasswordPolicies) {
		in := l.doc.PasswordPolicies[key]
		p := org.PasswordPolicy{
			Key:              string(key),
			Preset:           in.Preset,
			Targets:          l.targets(&in.at, "targets", in.Targets),
			Exclude:          l.excluded(&in.at, in.Targets, in.Exclude),
			MinimumLength:    in.MinimumLength,
			RequireUppercase: in.RequireUppercase,
			RequireLowercase: in.RequireLowercase,
			RequireNumbers:   in.RequireNumbers,
			RequireSymbols:   in.RequireSymbols,
			MaxAgeDays:       in.MaxAgeDays,
			ReusePrevention:  in.ReusePrevention,
			HardExpiry:       in.HardExpiry,
			UsersMayChange:   in.UsersMayChange,
			Range:            l.doc.keyRange("passwordPolicies", string(key)),
		}
		if p.Preset != "" {
			l.template(p.Preset, nil, in.rng("preset"), []catalog.Type{catalog.PasswordPolicyPreset}, false)
		} else if in.n != nil && in.n.kind == mapNode && !in.has("preset") {
			l.allFields(&in, string(key))
		}
		ranges := awsdata.PasswordPolicy.Value
		l.within(&in.at, "minimumLength", p.MinimumLength, ranges.MinimumLength, "")
		l.within(&in.at, "maxAgeDays", p.MaxAgeDays, ranges.MaxAgeDays, ", or 0 for passwords that never expire")
		l.within(&in.at, "reusePrevention", p.ReusePrevention, ranges.ReusePrevention, ", or 0 for none")
		l.o.PasswordPolicies = append(l.o.PasswordPolicies, p)
	}
	l.ties()
}

// allFields wants every field of a password policy that has no preset: a field
// that is left out would fall to what AWS's API takes for it, which is weaker
// than having no policy.
func (l *loader) allFields(in *PasswordPolicy, key string) {
	var missing []string
	for _, name := range []string{
		"minimumLength", "requireUppercase", "requireLowercase", "requireNumbers", "requireSymbols",
		"maxAgeDays", "reusePrevention", "hardExpiry", "usersMayChange",
	} {
		if !in.has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		l.ds.Errorf(l.doc.keyRange("passwordPolicies", key), "GR051", "the password policy %q has no preset and leaves fields out", key).
			Hint = "add a preset, or the fields " + strings.Join(missing, ", ")
	}
}

// within checks a number against AWS's range, where the schema has not yet.
func (l *loader) within(place *at, key string, n *int, r awsdata.Range, orZero string) {
	if n == nil || r.Holds(*n) || *n == 0 && orZero != "" {
		return
	}
	node, at := place.n.get(key), place.rng(key)
	if node.bad || slices.ContainsFunc(l.ds, func(d diag.Diagnostic) bool { return d.Code == "GR015" && d.Range == at }) {
		return
	}
	l.ds.Errorf(at, "GR015", "%d is out of AWS's range", *n).Hint = fmt.Sprintf("expected %d to %d%s", r.Min, r.Max, orZero)
}

// ties refuses accounts to which two password policies are equally near.
func (l *loader) ties() {
	seen := map[string]bool{}
	nearest := l.o.PasswordPolicyOf()
	for _, a := range append([]*org.Account{l.o.Management}, l.o.Accounts...) {
		got := nearest[a]
		for _, other := range got.Tied {
			first, second := l.o.PasswordPolicies[got.Index], l.o.PasswordPolicies[other.Index]
			id := first.Key + " " + second.Key + " " + got.Target.String()
			if seen[id] {
				continue
			}
			seen[id] = true
			d := l.ds.Errorf(other.Target.Range, "GR050", "the password policies %q and %q are equally near to the account %s", first.Key, second.Key, a.Key)
			d.Hint = fmt.Sprintf("an account has one password policy: remove %q from one of the two", got.Target)
			d.Related = []diag.Related{{Range: got.Target.Range, Message: "the other target is here"}}
		}
	}
}
