package diff

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// accounts says which came, went, moved and were renamed.
func (w *work) accounts() {
	before, after := &w.sides[0], &w.sides[1]
	was := map[string]string{}
	moved := false
	for _, a := range before.plan.Accounts {
		was[before.ref("account:"+a.Key)] = a.Key
	}
	for _, a := range after.plan.Accounts {
		ref := "account:" + a.Key
		key, ok := was[ref]
		delete(was, ref)
		x := Account{Account: a.Key, From: before.parents[ref], To: after.parents[ref]}
		if key != a.Key {
			x.Was = key
		}
		switch {
		case !ok:
			x.Change = Added
		case x.From != x.To:
			x.Change = Moved
			moved = true
		case key != a.Key:
			x.Change = Renamed
		default:
			if b, a := before.ids[ref], after.ids[ref]; b != "" && b != a {
				w.other(Changed, "account id", key, "")
				w.notCompared("what another account id means", true)
			}
			continue
		}
		w.d.Accounts = append(w.d.Accounts, x)
	}
	if moved && w.byPath() {
		w.notCompared("what conditions on the place in the tree mean for accounts that moved", true)
	}
	for ref, key := range was {
		w.d.Accounts = append(w.d.Accounts, Account{Change: Removed, Account: key, From: before.parents[ref]})
		w.notCompared("what holds in accounts that are not in the plan any more", true)
	}
}

// byPath reports whether any document asks where in the tree an account is,
// such as with aws:PrincipalOrgPaths: to such a statement a move makes a
// difference, even where it stays. One that nobody knows may ask.
func (w *work) byPath() bool {
	asks := func(t guardrails.Text) bool { return strings.Contains(strings.ToLower(string(t)), "orgpaths") }
	for i := range w.sides {
		for _, p := range w.sides[i].plan.Policies {
			if asks(p.Content) {
				return true
			}
		}
		for _, x := range w.sides[i].outside {
			if !declarative(x.typ) && (x.content == "" || asks(guardrails.Text(x.content))) {
				return true
			}
		}
		for _, b := range w.sides[i].plan.Baselines {
			if slices.ContainsFunc(b.Boundaries, func(m guardrails.ManagedPolicy) bool { return asks(m.Document) }) {
				return true
			}
		}
	}
	return false
}

func (w *work) exceptions() {
	before := map[string]guardrails.Exception{}
	for _, x := range w.sides[0].plan.Exceptions {
		before[x.Key] = x
	}
	say := func(kind Kind, x guardrails.Exception) {
		w.d.Exceptions = append(w.d.Exceptions, Exception{kind, x.Key, x.Guardrail, x.Expires, x.Origin})
	}
	for _, x := range w.sides[1].plan.Exceptions {
		b, ok := before[x.Key]
		delete(before, x.Key)
		b.Origin, b.Policies = x.Origin, x.Policies
		switch {
		case !ok:
			say(Added, x)
		case !reflect.DeepEqual(b, x):
			say(Changed, x)
		}
	}
	for _, x := range before {
		say(Removed, x)
	}
}

// other notes that something differs, in an account unless that is "".
func (w *work) other(kind Kind, what, name, account string) {
	o := Other{Change: kind, What: what, Name: name, Accounts: []string{}}
	if account != "" {
		o.Accounts = append(o.Accounts, account)
	}
	w.d.Others = append(w.d.Others, o)
}

func (w *work) notCompared(what string, mayDeny bool) {
	w.d.NotCompared = append(w.d.NotCompared, NotCompared{what, mayDeny, mayDeny})
}

// others compares units, settings and analyzers.
func (w *work) others() {
	before, after := &w.sides[0], &w.sides[1]
	names := [2]map[string]string{{}, {}}
	for i := range w.sides {
		for _, u := range w.sides[i].plan.Units {
			names[i][w.sides[i].ref("unit:"+u.Path)] = u.Path + "\x00" + u.Name
		}
	}
	for ref, was := range names[0] {
		path, _, _ := strings.Cut(was, "\x00")
		switch now, ok := names[1][ref]; {
		case !ok:
			w.other(Removed, "unit", path, "")
		case now != was:
			w.other(Renamed, "unit", path, "")
		}
	}
	for ref := range names[1] {
		if _, ok := names[0][ref]; !ok {
			w.other(Added, "unit", strings.TrimPrefix(ref, "unit:"), "")
		}
	}
	b, a := before.plan.Organization, after.plan.Organization
	setting := func(name string, b, a any, access bool) {
		if !reflect.DeepEqual(b, a) {
			w.other(Changed, "setting", name, "")
			if access {
				w.notCompared("what the setting "+name+" means", true)
			}
		}
	}
	setting("name", b.Name, a.Name, false)
	setting("partition", b.Partition, a.Partition, true)
	setting("homeRegion", b.HomeRegion, a.HomeRegion, false)
	setting("regions", b.Regions, a.Regions, false)
	setting("deployRole", b.DeployRole, a.DeployRole, false)
	setting("trustedServices", b.TrustedServices, a.TrustedServices, false)
	setting("policyTypes", b.PolicyTypes, a.PolicyTypes, false)
	setting("newAccounts", b.NewAccounts, a.NewAccounts, false)
	setting("accountQuota", b.AccountQuota, a.AccountQuota, false)
	setting("centralizedRootAccess", b.CentralizedRootAccess, a.CentralizedRootAccess, true)
	delegated := func(list []guardrails.DelegatedAdministrator) []guardrails.DelegatedAdministrator {
		list = slices.Clone(list)
		for i := range list {
			list[i].Origin = ""
		}
		return list
	}
	setting("delegatedAdministrators", delegated(b.DelegatedAdministrators), delegated(a.DelegatedAdministrators), true)
	analyzers := [2]map[string]string{{}, {}}
	for i := range w.sides {
		for _, r := range w.sides[i].plan.Analyzers {
			for _, x := range r.Analyzers {
				x.Origin, x.ArchiveRules = "", slices.Clone(x.ArchiveRules)
				for j := range x.ArchiveRules {
					x.ArchiveRules[j].Origin = ""
				}
				analyzers[i][x.Name+" in "+r.Region] = r.Administrator + string(guardrails.Encode(&guardrails.Plan{Analyzers: []guardrails.AnalyzerRegion{{Analyzers: []guardrails.Analyzer{x}}}}))
			}
		}
	}
	w.named("analyzer", "", analyzers[0], analyzers[1])
}

// named notes what differs of things that are known by their names.
func (w *work) named(what, account string, before, after map[string]string) {
	for name, b := range before {
		switch a, ok := after[name]; {
		case !ok:
			w.other(Removed, what, name, account)
		case a != b:
			w.other(Changed, what, name, account)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			w.other(Added, what, name, account)
		}
	}
}

// A boundary is one whose text differs, in accounts that have it alike.
type boundary struct {
	name, origin  string
	before, after string // of the first account
	accounts      []string
	id            string // of the first account
}

// baselines compares what is placed into accounts, and what boundaries allow.
func (w *work) baselines() error {
	var sides [2]map[string]*guardrails.Baseline
	for i := range w.sides {
		sides[i] = map[string]*guardrails.Baseline{}
		for j := range w.sides[i].plan.Baselines {
			b := &w.sides[i].plan.Baselines[j]
			sides[i][strings.TrimPrefix(w.sides[i].ref("account:"+b.Account), "account:")] = b
		}
	}
	keys := []string{"management"}
	for _, ref := range w.both() {
		keys = append(keys, strings.TrimPrefix(ref, "account:"))
	}
	alike := map[string]*boundary{}
	var changed []*boundary
	none := &guardrails.Baseline{}
	for _, key := range keys {
		var parts [2]map[string]map[string]string // by what, then by name
		var origins map[string]string
		for i := range sides {
			b := sides[i][key]
			if b == nil {
				b = none
			}
			var err error
			if parts[i], err = w.sides[i].baseline(b); err != nil {
				return err
			}
			origins = map[string]string{}
			for _, m := range b.Boundaries {
				origins[m.Name] = m.Origin
			}
		}
		for _, what := range baselineParts {
			w.named(what.name, key, parts[0][what.name], parts[1][what.name])
		}
		for _, name := range slices.Sorted(maps.Keys(parts[0]["role"])) {
			if b, a := parts[0]["trust"][name], parts[1]["trust"][name]; a != "" && a != b {
				w.other(Changed, trust, name, key)
			}
		}
		id := w.sides[1].ids["account:"+key]
		for name, b := range parts[0]["boundary"] {
			a, ok := parts[1]["boundary"][name]
			if !ok || a == b {
				continue
			}
			as := name + "\x00" + b + "\x00" + a
			if !partOfID.MatchString(b + a) {
				as = strings.ReplaceAll(as, id, "own")
			}
			x := alike[as]
			if x == nil {
				x = &boundary{name: name, origin: origins[name], before: b, after: a, id: id}
				alike[as] = x
				changed = append(changed, x)
			}
			x.accounts = append(x.accounts, key)
		}
	}
	for _, x := range changed {
		w.boundary(x)
	}
	return nil
}

// trust is what the trust of a role is called.
const trust = "trust of role"

// baselineParts are the kinds of things that an account gets, and, of those
// whose effect is not worked out, what is not known of them.
var baselineParts = []struct{ name, open string }{
	{"boundary", ""},
	{"password policy", ""},
	{"role", "what the roles that came, went or changed may do"},
	{"group", "what the groups that came, went or changed may do"},
}

// baseline is the text of each thing of a baseline.
func (s *side) baseline(b *guardrails.Baseline) (map[string]map[string]string, error) {
	parts := map[string]map[string]string{"boundary": {}, "password policy": {}, "role": {}, "trust": {}, "group": {}}
	var err error
	fill := func(t guardrails.Text) string {
		text, e := t.Fill(s.ids)
		if e != nil && err == nil {
			err = e
		}
		return text
	}
	managed := func(m guardrails.ManagedPolicy) string {
		return fmt.Sprintf("%q", []string{m.Name, m.Path, m.Description, fill(m.Document)})
	}
	for _, m := range b.Boundaries {
		parts["boundary"][m.Name] = fill(m.Document)
	}
	if b.PasswordPolicy != nil {
		p := *b.PasswordPolicy
		p.Origin = ""
		parts["password policy"][""] = fmt.Sprint(p)
	}
	for _, r := range b.Roles {
		text := fmt.Sprintf("%q %d %v", []string{r.Path, r.Description, fill(r.Boundary)}, r.MaxSessionDuration, r.BreakGlass)
		for _, t := range r.ManagedPolicies {
			text += fmt.Sprintf(" %q", fill(t))
		}
		for _, m := range r.Policies {
			text += " " + managed(m)
		}
		parts["role"][r.Name], parts["trust"][r.Name] = text, fill(r.Trust)
	}
	for _, g := range b.Groups {
		parts["group"][g.Name] = g.Path + " " + managed(g.Policy)
	}
	return parts, err
}

// boundary compares a boundary with what it was.
func (w *work) boundary(x *boundary) {
	var docs [2]eval.Document
	bad := ""
	for i, text := range []string{x.before, x.after} {
		var why string
		if docs[i], why = parsed(text); why != "" {
			bad = why
		}
	}
	r := compare.Result{Lost: compare.Direction{Unknown: bad}, Gained: compare.Direction{Unknown: bad}}
	if bad == "" {
		o := compare.Options{Budget: w.o.Budget, KnownActions: w.o.KnownActions, Account: x.id}
		if b, a := w.sides[0].ids["organization"], w.sides[1].ids["organization"]; a == b {
			o.Organization = a
		}
		var err error
		r, err = compare.Compare(policy.PermissionsBoundary, []eval.Level{{Policies: docs[:1]}}, []eval.Level{{Policies: docs[1:]}}, o)
		if err != nil {
			r.Lost.Unknown, r.Gained.Unknown = err.Error(), err.Error()
		}
	}
	for _, way := range []struct {
		change Kind
		compare.Direction
	}{{Denied, r.Lost}, {Allowed, r.Gained}} {
		e := Effect{Change: way.change, Type: string(policy.PermissionsBoundary), Accounts: x.accounts, Sources: []Source{{Policy: x.name, Origin: x.origin}}, Unknown: way.Unknown}
		if q := way.Witness; q != nil {
			e.Request, e.ActionKnown, e.Unknown = &Request{q.Request.Principal, q.Request.Action, q.Request.Resource, q.Request.ResourceAccount, q.Request.Context}, q.ActionKnown, ""
		}
		if e.Request != nil || e.Unknown != "" {
			w.d.Effects = append(w.d.Effects, e)
		}
	}
}
