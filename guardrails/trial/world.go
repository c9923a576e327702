// Package trial puts requests to a plan: it makes of a plan, and of who asks
// for what where, the policies and the context that guardrails/eval decides
// about, and of the reasons that come back the guardrails and lines of the
// file that they stand for. The tests of the file, the vectors of templates
// and `orgrails explain` are such requests.
//
// It asks whether guardrails stand in the way. What it does not know is taken
// to allow: the identity policies of whoever is no role of the file, the
// content of managed policies that the file does not write, the policies of
// resources. Nothing is read from AWS.
package trial

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A World is a plan in which requests can be put. Ids that AWS has yet to make
// up are made up. It is not safe for use by several goroutines at once.
type World struct {
	plan     *guardrails.Plan
	asOf     time.Time
	ids      map[string]string // by reference, all of them
	keys     map[string]string // of accounts, by id
	parents  map[string]string // of units and accounts, by selector
	org      eval.Organization
	attached map[string][]document // by attachment target and type
	bases    map[string]*guardrails.Baseline
	sets     map[string]*eval.Set
	parsed   map[string]policy.Document
	special  map[string]bool // accounts, by id, that some document names; nil until asked
	byPath   bool            // some document asks for a place in the tree
	bare     map[string]bool // attachment targets without FullAWSAccess
	classes  *classes        // nil until asked
}

// A document is one of the plan's, with what it says of its statements.
type document struct {
	eval.Document
	statements []guardrails.Statement
}

// New makes a world of a plan. asOf is the time of the requests. It fails on a
// plan that its reader would have refused.
func New(p *guardrails.Plan, asOf time.Time) (*World, error) {
	w := &World{
		plan: p, asOf: asOf, ids: maps.Clone(p.IDs), keys: map[string]string{}, parents: map[string]string{},
		attached: map[string][]document{}, bases: map[string]*guardrails.Baseline{}, sets: map[string]*eval.Set{},
		parsed: map[string]policy.Document{},
	}
	for _, u := range p.Units {
		w.parents[u.Path] = u.Parent
	}
	for _, a := range p.Accounts {
		w.parents[a.Key] = a.Parent
	}
	w.makeUp()
	for _, a := range slices.Concat([]guardrails.Account{{Key: org.ManagementSelector}}, p.Accounts) {
		id := w.ids["account:"+a.Key]
		w.keys[id] = a.Key
		w.org.Accounts = append(w.org.Accounts, id)
	}
	w.org.ID, w.org.ManagementAccount = w.ids["organization"], w.ids["account:"+org.ManagementSelector]
	for i := range p.Baselines {
		w.bases[p.Baselines[i].Account] = &p.Baselines[i]
	}
	byName := map[string]*guardrails.Policy{}
	for i := range p.Policies {
		byName[p.Policies[i].Type+" "+p.Policies[i].Name] = &p.Policies[i]
	}
	for _, a := range p.Attachments {
		pol := byName[a.Type+" "+a.Policy]
		if pol == nil {
			return nil, fmt.Errorf("no policy is named %s", a.Policy)
		}
		if policy.Kind(a.Type).IsDeclarative() {
			continue // it has settings, and decides no request
		}
		d, err := w.document(pol.Name, pol.Content, pol.Statements)
		if err != nil {
			return nil, err
		}
		w.attached[a.Type+" "+a.Target] = append(w.attached[a.Type+" "+a.Target], d)
	}
	w.DetachFullAccess(p.NoFullAccess...)
	for _, f := range p.Elsewhere {
		if f.Content == "" || policy.Kind(f.Type).IsDeclarative() {
			continue // what it says is not known, or decides no request
		}
		d, err := w.document(f.Name, f.Content, nil)
		if err != nil {
			return nil, err
		}
		for range d.Policy.Statements {
			d.statements = append(d.statements, guardrails.Statement{Origin: f.Origin})
			d.Origins = append(d.Origins, f.Origin)
		}
		for _, target := range f.Targets {
			w.attached[f.Type+" "+target] = append(w.attached[f.Type+" "+target], d)
		}
	}
	return w, nil
}

// makeUp fills the ids that the plan does not know.
func (w *World) makeUp() {
	taken := map[string]bool{}
	for _, id := range w.ids {
		taken[id] = true
	}
	next := 0
	want := func(ref, format string) {
		for id := w.ids[ref]; id == ""; id = w.ids[ref] {
			next++
			if made := fmt.Sprintf(format, next); !taken[made] {
				w.ids[ref] = made
			}
		}
	}
	want("organization", "o-%010d")
	want("root", "r-%04d")
	want("account:"+org.ManagementSelector, "%012d")
	for _, u := range w.plan.Units {
		want("unit:"+u.Path, "ou-0000-%08d")
	}
	for _, a := range w.plan.Accounts {
		want("account:"+a.Key, "%012d")
	}
}

// document reads one of the plan's documents.
func (w *World) document(name string, text guardrails.Text, statements []guardrails.Statement) (document, error) {
	src, err := text.Fill(w.ids)
	if err != nil {
		return document{}, fmt.Errorf("%s: %w", name, err)
	}
	doc, ok := w.parsed[src]
	if !ok {
		parsed, ds := policy.Parse(name, []byte(src))
		if ds.HasErrors() {
			return document{}, errors.New(ds[0].Range.String() + ": " + ds[0].Summary)
		}
		doc = parsed
		w.parsed[src] = doc
	}
	d := document{Document: eval.Document{Name: name, Policy: doc}, statements: statements}
	for _, s := range statements {
		d.Origins = append(d.Origins, s.Origin)
	}
	return d, nil
}

// chain is the nodes from the root to an account, by selector: none for the
// management account, which policies of Organizations do not reach.
func (w *World) chain(account string) []string {
	if account == org.ManagementSelector {
		return nil
	}
	var nodes []string
	for n := account; n != ""; n = w.parents[n] {
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return nodes
}

// target is the attachment target of a node of a chain.
func target(i, n int, node string) string {
	switch {
	case i == 0:
		return org.RootSelector
	case i == n-1:
		return "account:" + node
	}
	return "unit:" + node
}

// levels are the policies of one type that reach an account. AWS attaches
// FullAWSAccess to every node; it is missing only where the plan has an allow
// list, or [World.DetachFullAccess] says so.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (w *World) levels(account, typ string) []eval.Level {
	var levels []eval.Level
	nodes := w.chain(account)
	for i, node := range nodes {
		l := eval.Level{ID: node}
		if typ == string(policy.ServiceControlPolicy) && !w.bare[target(i, len(nodes), node)] {
			l.Policies = append(l.Policies, allowAll(fullAWSAccess))
		}
		for _, d := range w.attached[typ+" "+target(i, len(nodes), node)] {
			l.Policies = append(l.Policies, d.Document)
		}
		levels = append(levels, l)
	}
	return levels
}

const fullAWSAccess = "FullAWSAccess"

// allowAll is a document that allows everything.
func allowAll(name string) eval.Document {
	return eval.Document{Name: name, Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
		{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}},
	}}}
}

// at are the plan's documents at a level of a layer.
func (w *World) at(layer eval.Layer, level string) []document {
	var typ string
	switch layer {
	case eval.SCP:
		typ = string(policy.ServiceControlPolicy)
	case eval.RCP:
		typ = string(policy.ResourceControlPolicy)
	default:
		return nil
	}
	ref := "unit:" + level
	if level == org.RootSelector {
		ref = level
	} else if w.bases[level] != nil {
		ref = "account:" + level
	}
	return w.attached[typ+" "+ref]
}

// AccountID is the id of an account by its key, made up where AWS has yet to
// make one.
func (w *World) AccountID(key string) string { return w.ids["account:"+key] }

// AccountKey is the key of an account by its id, "" for one outside of the
// organization.
func (w *World) AccountKey(id string) string { return w.keys[id] }

// Known reports whether AWS has made the account's id.
func (w *World) Known(key string) bool { return w.plan.IDs["account:"+key] != "" }

// orgPath is the path of an account as aws:PrincipalOrgPaths has it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
func (w *World) orgPath(account string) string {
	var b strings.Builder
	b.WriteString(w.ids["organization"] + "/" + w.ids["root"] + "/")
	nodes := w.chain(account)
	for i := 1; i < len(nodes)-1; i++ {
		b.WriteString(w.ids["unit:"+nodes[i]] + "/")
	}
	return b.String()
}
