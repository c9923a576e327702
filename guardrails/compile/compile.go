// Package compile turns an organization and a catalogue of templates into a
// plan: which policy documents stand at which node, and what every account
// gets. It is where guardrails become statements, exceptions narrow them,
// grants become trust, and AWS's quotas are kept.
//
// It is a pure function of the organization, the catalogue and its options: it
// reads no file, calls nobody and knows no clock. The same input gives the same
// bytes. Ids that AWS makes up stand in every document as references, known or
// not; see guardrails.Text.
//
// What it refuses, and why, is in docs/diagnostics/plan.md.
package compile

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// Options are what a plan depends on beside the file. The zero value takes
// AWS's own quotas and a time at which nothing has expired.
type Options struct {
	AsOf   time.Time      // which exceptions and grants are in force
	Quotas awsdata.Quotas // zero fields are those of the file, or AWS's own numbers
	// AcceptLockouts are the ids of requests that must work and whose loss is
	// accepted. Whether they are lost is for guardrails/proof.
	AcceptLockouts []string
}

// Compile makes the plan of an organization. The organization must have been
// checked by its reader: names are known, ids well formed. With errors among
// the diagnostics there is no plan.
func Compile(o *org.Organization, c *catalog.Catalog, opts Options) (*guardrails.Plan, diag.Diagnostics) {
	k := start(o, c, opts)
	k.wishes()
	k.spread()
	k.ds.Sort()
	if k.ds.HasErrors() {
		return nil, k.ds
	}
	return k.plan, k.ds
}

func start(o *org.Organization, c *catalog.Catalog, opts Options) *compiler {
	return &compiler{
		o: o, catalog: c, asOf: opts.AsOf, quotas: opts.Quotas.Or(o.Quotas).WithDefaults(),
		plan: &guardrails.Plan{
			Version: guardrails.Version,
			IDs:     map[string]string{},
			IDLengths: guardrails.Lengths{
				Organization: awsdata.ReferenceLengths.Value["organization"],
				Root:         awsdata.ReferenceLengths.Value["root"],
				Unit:         awsdata.ReferenceLengths.Value["unit"],
				Account:      awsdata.ReferenceLengths.Value["account"],
			},
			Units: []guardrails.Unit{}, Accounts: []guardrails.Account{}, Baselines: []guardrails.Baseline{},
			Analyzers: []guardrails.AnalyzerRegion{}, Policies: []guardrails.Policy{},
			Attachments: []guardrails.Attachment{}, Exceptions: []guardrails.Exception{}, NotCarried: []guardrails.NotCarried{},
			NoFullAccess: []string{}, Elsewhere: []guardrails.ForeignPolicy{}, Beside: []string{}, MustWork: []guardrails.MustWork{}, AcceptedLockouts: sortedUnique(opts.AcceptLockouts),
		},
		instances: map[string]*instance{},
	}
}

// wishes finds out what is wanted at each node and in each account.
func (k *compiler) wishes() {
	k.tree()
	k.nodes()
	k.elsewhere()
	k.beside()
	k.mustWork()
	k.exceptionsInForce()
	k.baselines()
	k.environment()
	k.boundaries()
	k.passwords()
	k.roles()
	k.guardrails()
	k.requiredBoundaries()
	k.userTags()
	k.protectHubs()
	k.protectExempt()
	k.protectRolePolicies()
	k.carry()
}

// spread puts what is wanted into documents, and ends the plan.
func (k *compiler) spread() {
	k.hoist()
	k.documents()
	k.asFound()
	k.place()
	k.analyzers()
	k.organization()
	k.unhonourable()
}

// A compiler is one compilation. Its steps run in the order of Compile.
type compiler struct {
	o       *org.Organization
	catalog *catalog.Catalog
	asOf    time.Time
	quotas  awsdata.Quotas
	plan    *guardrails.Plan
	ds      diag.Diagnostics

	env       catalog.Env
	instances map[string]*instance // by what makes their statements
	all       []*node              // parents before children
	byUnit    map[*org.Unit]*node
	byAccount map[*org.Account]*node
	children  map[*node][]*node
	foreign   map[*node][]*org.ForeignPolicy
	spared    []*exception            // in force
	from      map[string][]*exception // by guardrail
	placed    map[*org.Account]*placement
	overfull  []overfull              // where guardrails of the type at hand do not fit
	carrier   *org.PermissionBoundary // that of the management account; nil for none
}

// A node is a place for policies: the root, a unit or a member account.
type node struct {
	unit    *org.Unit // nil for an account
	account *org.Account
	parent  *node
	uses    []org.GuardrailUse
	pieces  []*piece // what holds here, in the order asked for
}

// selector names the node as the file does.
func (n *node) selector() string {
	if n.account != nil {
		return n.account.Key
	}
	return n.unit.Path
}

func (n *node) target() org.Target { return org.Target{Unit: n.unit, Account: n.account} }

func (n *node) at() diag.Range {
	if n.account != nil {
		return n.account.Range
	}
	return n.unit.Range
}

// nodes lists the places for policies, parents before children.
func (k *compiler) nodes() {
	k.byUnit, k.byAccount = map[*org.Unit]*node{}, map[*org.Account]*node{}
	units := slices.Clone(k.o.Units)
	slices.SortFunc(units, func(a, b *org.Unit) int {
		return cmp.Or(cmp.Compare(a.Depth(), b.Depth()), cmp.Compare(a.Path, b.Path))
	})
	for _, u := range append([]*org.Unit{k.o.Root}, units...) {
		n := &node{unit: u, parent: k.byUnit[u.Parent], uses: u.Uses}
		k.byUnit[u] = n
		k.all = append(k.all, n)
	}
	for _, a := range k.o.Accounts {
		n := &node{account: a, parent: k.byUnit[a.Unit], uses: a.Uses}
		k.byAccount[a] = n
		k.all = append(k.all, n)
	}
	k.children = map[*node][]*node{}
	for _, n := range k.all {
		if n.parent != nil {
			k.children[n.parent] = append(k.children[n.parent], n)
		}
	}
}

// ref is the text that stands for an account's id.
func ref(a *org.Account) string { return string(guardrails.Ref("account:" + a.Key)) }

// iamARN is the ARN of something of IAM in an account, which is an id, a
// reference, "*" or "aws".
func (k *compiler) iamARN(account, resource string) string {
	return "arn:" + k.o.Partition + ":iam::" + account + ":" + resource
}

// origin is where something was asked for, from the folder of the file: a plan
// does not depend on the folder that it was made from.
func (k *compiler) origin(r diag.Range) string {
	if rel, err := filepath.Rel(filepath.Dir(k.o.File), r.File); err == nil {
		r.File = filepath.ToSlash(rel)
	}
	return r.String()
}

func sortedUnique(list []string) []string {
	out := slices.Compact(slices.Sorted(slices.Values(list)))
	if out == nil {
		return []string{}
	}
	return out
}
