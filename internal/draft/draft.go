// Package draft writes the organization file of an organization that exists
// already, as [live.Read] has read it: the tree with its ids, the policies as
// guardrails of the catalogue where their statements are such, as documents of
// their own where not, and what belongs to others as managed elsewhere; and of
// what is in the accounts the boundaries, roles and groups that the file can say.
//
// A draft changes nothing: compiled, it has the policies that are there, under
// their names, with contents that mean the same, attached where they are, and
// places into accounts what they have. It is compiled before it is handed out,
// and what would come out otherwise is written another way, or left out and
// said. The package writes no file and calls nobody; what the file means is for
// internal/config and guardrails/compile.
package draft

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/live"
)

// Options are what a snapshot does not say.
type Options struct {
	HomeRegion string   // needed
	Regions    []string // that are governed; none is the home Region
	DeployRole string   // "" is OrganizationAccountAccessRole
}

// A Draft is the file, what it names, and what there is to say about it.
type Draft struct {
	File      []byte            // organization.yaml
	Documents map[string][]byte // by path, as the file names them
	Found     []Found           // guardrails that were recognised
	Notes     []string          // what is not in the file, or not as it is in AWS: a sentence each
	Plan      *guardrails.Plan  // that the file compiles to
}

// Found is a guardrail of the catalogue that was recognised in a policy.
type Found struct {
	Policy, Template string
	Parameters       map[string]any // that were inferred; nil for none
}

// Make drafts the file of a snapshot. An error says that too little was read
// to write one.
func Make(s *live.Snapshot, opts Options) (*Draft, error) {
	d := &drafter{s: s, opts: opts, docs: map[string][]byte{}}
	d.opts.DeployRole = cmp.Or(opts.DeployRole, "OrganizationAccountAccessRole")
	if len(d.opts.Regions) == 0 {
		d.opts.Regions = []string{opts.HomeRegion}
	}
	ts, _ := config.BuiltinTemplates()
	d.catalog = catalog.Known(ts)
	if err := d.tree(); err != nil {
		return nil, err
	}
	d.untrusted()
	d.policies()
	d.parts()
	d.documentsOfNames()
	if err := d.settle(); err != nil {
		return nil, err
	}
	if err := d.central(); err != nil {
		return nil, err
	}
	if err := d.keep(); err != nil {
		return nil, err
	}
	out := &Draft{File: d.file(), Documents: d.docs, Notes: d.notes, Plan: d.plan}
	for _, p := range d.list {
		for _, u := range p.uses() {
			out.Found = append(out.Found, Found{p.Name, u.Template, u.Parameters})
		}
	}
	if d.iam != nil {
		out.Found = append(out.Found, d.iam.found()...)
	}
	return out, nil
}

// A drafter makes one draft.
type drafter struct {
	s       *live.Snapshot
	opts    Options
	catalog *catalog.Catalog

	root     *node
	byID     map[string]*node // of units and accounts, by their ids in AWS
	accounts []*node          // members that are in the file, by key
	manager  live.Account
	closed   []live.Account // left out

	list       []*candidate // policies that are attached, by type and name
	unused     []string     // names of policies that are attached nowhere
	otherTypes map[string]int
	bare       bool // no guardrails that spare the deploy role are taken: nothing protects it
	docs       map[string][]byte
	lines      map[int]*candidate // that asked for them, by the line of the file
	kept       []kept
	notes      []string
	plan       *guardrails.Plan // of the file as it was settled
	iam        *central         // nil until the policies are settled
}

func (d *drafter) notef(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(d.notes, n) {
		d.notes = append(d.notes, n)
	}
}

var errNotRead = errors.New("units and accounts could not be read: without them there is no file")

// env is what templates may know of the organization, with ids as AWS has them.
func (d *drafter) env() catalog.Env {
	rcp := make([]string, 0, len(awsdata.RCPServices.Value))
	for _, s := range awsdata.RCPServices.Value {
		rcp = append(rcp, s+":*")
	}
	ids := map[string]string{managementKey: d.manager.ID, d.manager.ID: d.manager.ID}
	for _, a := range d.accounts {
		ids[a.key], ids[a.id] = a.id, a.id
	}
	return catalog.Env{
		Partition: d.s.Organization.Partition, DeployRole: d.opts.DeployRole, Accounts: ids,
		Values: map[string]any{
			"organization.id":                d.s.Organization.ID,
			"organization.homeRegion":        d.opts.HomeRegion,
			"organization.regions":           d.opts.Regions,
			"organization.managementAccount": d.s.Organization.ManagementAccount,
			"organization.identityAccounts":  []string{},
			"organization.exemptPrincipals":  []string{"role/" + d.opts.DeployRole},
			"organization.boundaries":        []string{},
			"organization.breakGlassRoles":   []string{},
			"data.globalServices":            awsdata.GlobalServiceActions(),
			"data.rcpServices":               rcp,
		},
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
