// Package pack puts the policy statements that are wanted at one place into few
// documents that mean the same: those of a node of an organization, or the
// managed policies of a role.
//
// It writes each statement in the one spelling of guardrails/policy, leaves out
// what another statement says already, merges statements that differ in their
// actions or in their resources alone, splits lists that are too long for any
// document, and puts each statement into the document that its guardrail's name
// prefers. Nothing of it changes what the policies allow or deny, which the
// tests of this package ask of guardrails/eval; an action list becomes a
// wildcard only where a statement permits that, and then for the actions that
// AWS has today.
//
// The same statements give the same documents, in whatever order they come, and
// a document's number stays where it is when another changes. The package calls
// nobody and knows no tree of nodes; see guardrails/compile for that.
package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// An ID says which statement of which guardrail one is. No two have the same.
type ID struct {
	Guardrail string `json:"guardrail"`
	Position  int    `json:"position"`
}

// String is guardrail[position], the position counted from 0.
func (id ID) String() string { return id.Guardrail + "[" + strconv.Itoa(id.Position) + "]" }

func compareIDs(a, b ID) int {
	return cmp.Or(cmp.Compare(a.Guardrail, b.Guardrail), cmp.Compare(a.Position, b.Position))
}

// A Compact says whether the actions of a statement may become wildcards.
type Compact string

// The zero value is Never.
const (
	Never Compact = "never"
	// Exact lets a wildcard stand for two or more actions of a Deny if it matches
	// no other action that AWS has today. It will match those of the same
	// beginning that AWS adds.
	Exact Compact = "exact"
)

// A Statement is one that is wanted.
type Statement struct {
	ID
	policy.Statement
	Compact Compact
	// Statements of different groups are never merged, and none of them stands
	// for one of another group: so that one group can be left out for a while.
	Group string
	Range diag.Range // of what asked for it
}

// Options are what a place takes. The zero value is the service control
// policies of one node.
type Options struct {
	Kind         policy.Kind // of the documents; "" means service control policies
	MaxSize      int         // characters of a document; 0 means AWS's number
	MaxDocuments int         // 0 means AWS's number, without a policy of AWS's own that is always there
	// Measure is the number of characters of a text; nil is [policy.Size]. With
	// another one, references to ids that are not known yet have a length. It
	// is additive: a text is as long as its parts, unless a reference is cut.
	Measure func(string) int
	// DropSids leaves out the names of statements, which decide nothing.
	DropSids bool
	// AsWritten keeps the statements of a document as they are wanted, wherever
	// that takes no further document: none is merged, compacted or left out
	// without need, so that each can be told from the others.
	AsWritten bool
}

// withDefaults fills in what AWS says.
func (o Options) withDefaults() Options {
	q := awsdata.Quotas{}.WithDefaults()
	size, documents := 0, 0
	switch o.Kind = cmp.Or(o.Kind, policy.ServiceControlPolicy); o.Kind {
	case policy.ServiceControlPolicy:
		size, documents = q.SCPSize, q.SCPPerTarget-1
	case policy.ResourceControlPolicy:
		size, documents = q.RCPSize, q.RCPPerTarget-1
	case policy.IdentityPolicy:
		size, documents = q.ManagedPolicySize, q.ManagedPoliciesPerRole
	case policy.PermissionsBoundary:
		size, documents = q.ManagedPolicySize, 1
	case policy.TrustPolicy:
		size, documents = q.TrustPolicySize, 1
	}
	o.MaxSize, o.MaxDocuments = cmp.Or(o.MaxSize, size), cmp.Or(o.MaxDocuments, documents)
	if o.Measure == nil {
		o.Measure = policy.Size
	}
	return o
}

// TooManyDocuments is the code of the diagnostic that says that statements need
// more documents than there may be.
const TooManyDocuments = "GR381"

// A Packing is what the statements became.
type Packing struct {
	Documents []Document `json:"documents"` // by number
	Dropped   []Dropped  `json:"dropped"`   // by ID
}

// A Document is one that is to be attached.
type Document struct {
	// Number names the document, from 1. Numbers are not always without gaps:
	// a document that becomes empty does not give the next one its number.
	Number     int      `json:"number"`
	Content    string   `json:"-"`
	Size       int      `json:"size"` // as Measure counts
	Statements []Placed `json:"statements"`
}

// A Placed is a statement of a document.
type Placed struct {
	policy.Statement `json:"-"`
	// Holds are the wanted statements that are in it, whole or in part, in order.
	Holds []ID `json:"holds"`
}

// A Dropped is a statement that another one says already: the same, or wider.
type Dropped struct {
	ID `json:"statement"`
	By ID `json:"by"`
}

// Pack makes the documents. What does not fit is an error at the statement's
// range, and then there are no documents.
func Pack(statements []Statement, opts Options) (*Packing, diag.Diagnostics) {
	p := &packer{Options: opts.withDefaults(), services: map[string][]string{}, matches: map[string][]int{}}
	p.envelope = p.Measure(policy.Document{Version: policy.Version2012}.JSON())
	p.bare = p.Measure(policy.Document{}.JSON())
	statements = slices.Clone(statements)
	slices.SortStableFunc(statements, func(a, b Statement) int { return compareIDs(a.ID, b.ID) })
	var units []*unit
	for i := range statements {
		u := newUnit(&statements[i], p.DropSids)
		if p.fits(u) {
			units = append(units, u)
		}
	}
	if p.ds.HasErrors() {
		return nil, p.ds
	}
	if p.AsWritten && len(units) > 0 && p.together(units) <= p.room() {
		return &Packing{Documents: []Document{p.document(1, units)}, Dropped: []Dropped{}}, p.ds
	}
	units = p.split(p.cover(units))
	if p.ds.HasErrors() {
		return nil, p.ds
	}
	bins := p.place(units)
	if p.ds.HasErrors() {
		return nil, p.ds
	}
	if p.AsWritten {
		p.asWritten(statements, bins)
	}
	out := &Packing{Documents: []Document{}, Dropped: p.droppedBy()}
	for i, bin := range bins {
		if len(bin) > 0 {
			out.Documents = append(out.Documents, p.document(i+1, bin))
		}
	}
	return out, p.ds
}

// droppedBy lists what was dropped, each by a statement that was not.
func (p *packer) droppedBy() []Dropped {
	by := map[ID]ID{}
	for _, d := range p.dropped {
		by[d.ID] = d.By
	}
	out := append([]Dropped{}, p.dropped...)
	for i := range out {
		for next, ok := by[out[i].By]; ok; next, ok = by[out[i].By] {
			out[i].By = next
		}
	}
	slices.SortFunc(out, func(a, b Dropped) int { return compareIDs(a.ID, b.ID) })
	return out
}

// A packer is a packing in the making.
type packer struct {
	Options
	envelope int // characters of a document without statements
	bare     int // and without a version
	work     int // comparisons made; see maxWork
	dropped  []Dropped
	ds       diag.Diagnostics

	services map[string][]string // the actions of services, by prefix
	matches  map[string][]int    // the actions that patterns match
}

// room is what a document has for statements and the commas between them.
func (p *packer) room() int { return p.MaxSize - p.envelope }

// size is the characters of a statement in a document.
func (p *packer) size(u *unit) int {
	if u.chars == 0 {
		d := policy.Document{Statements: []policy.Statement{u.statement()}}
		u.chars = p.Measure(d.JSON()) - p.bare
	}
	return u.chars
}

// together is the characters of statements in a document, with their commas.
func (p *packer) together(units []*unit) int {
	n := -len(",")
	for _, u := range units {
		n += p.size(u) + len(",")
	}
	return n
}

// quoted is the characters of a string in a document, with its quotes.
func (p *packer) quoted(text string) int {
	one := policy.Document{Statements: []policy.Statement{{Action: policy.Values{text}}}}
	return p.Measure(one.JSON()) - p.bare - len(`{"Effect":"","Action":}`)
}

// longest is the place of the value that takes most characters.
func (p *packer) longest(l list) int {
	at, most := 0, -1
	for i, v := range l.values {
		if n := p.quoted(v.text); n > most {
			at, most = i, n
		}
	}
	return at
}

// brackets are those of a list, which a single value does not have.
const brackets = len("[]")

// fits says of a statement whether its smallest part goes into a document: the
// one with the longest of its actions, and of its resources.
func (p *packer) fits(u *unit) bool {
	if p.size(u) <= p.room() {
		return true
	}
	least, spare := u.copied(), 0
	part := ""
	for _, l := range []*list{&least.actions, &least.resources} {
		if l.splits() {
			if len(l.values) > 1 {
				part = " with one of its actions and resources alone"
			}
			*l, spare = l.only(p.longest(*l)), spare+brackets+len(",")
		}
	}
	n := p.size(least)
	if part != "" && n+spare <= p.room() {
		return true
	}
	s := u.first
	p.ds.Errorf(s.Range, "GR380", "%s of %s takes a document of %d characters%s, and the largest is %d", named(s), s.Guardrail, n+p.envelope, part, p.MaxSize).Hint =
		"shorten what must stand together: its conditions, or what it excepts"
	return false
}

// named is a statement in a message.
func named(s *Statement) string {
	if s.Sid != "" {
		return "statement " + s.Sid
	}
	return fmt.Sprintf("statement %d", s.Position+1)
}

// document writes the units of a document, in the order of what they hold.
func (p *packer) document(number int, units []*unit) Document {
	slices.SortStableFunc(units, func(a, b *unit) int {
		return cmp.Or(compareIDs(a.holds[0], b.holds[0]), cmp.Compare(a.part, b.part))
	})
	d := Document{Number: number}
	write := func(sid func(string) string) {
		doc := policy.Document{Version: policy.Version2012}
		d.Statements = d.Statements[:0]
		for _, u := range units {
			s := u.statement()
			s.Sid = sid(s.Sid)
			doc.Statements = append(doc.Statements, s)
			d.Statements = append(d.Statements, Placed{s, u.holds})
		}
		d.Content = doc.JSON()
		d.Size = p.Measure(d.Content)
	}
	used := map[string]bool{}
	write(func(sid string) string { return uniqueSid(used, sid) })
	if d.Size > p.MaxSize { // the numbers did not fit: whoever needs one goes without a name
		clear(used)
		write(func(sid string) string {
			if used[sid] {
				return ""
			}
			used[sid] = true
			return sid
		})
	}
	if d.Size > p.MaxSize {
		panic(fmt.Sprintf("pack: document %d has %d characters and takes %d", number, d.Size, p.MaxSize))
	}
	return d
}

// uniqueSid is sid, or sid with the first number from 2 on that is not used.
func uniqueSid(used map[string]bool, sid string) string {
	if sid == "" {
		return ""
	}
	name := sid
	for i := 2; used[name]; i++ {
		name = sid + strconv.Itoa(i)
	}
	used[name] = true
	return name
}

// tooMany refuses statements that need more documents than there may be.
func (p *packer) tooMany(units []*unit, need int) {
	sizes := map[string]int{}
	for _, u := range units {
		sizes[u.holds[0].Guardrail] += p.size(u)
	}
	var names []string
	for name := range sizes {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b)) })
	biggest := make([]string, min(3, len(names)))
	for i := range biggest {
		biggest[i] = fmt.Sprintf("%s (%d)", names[i], sizes[names[i]])
	}
	p.ds.Errorf(units[0].first.Range, TooManyDocuments, "the statements need at least %d documents of %d characters, and %d may be attached", need, p.MaxSize, p.MaxDocuments).Hint =
		"take some of them elsewhere; the biggest are " + strings.Join(biggest, ", ")
}
