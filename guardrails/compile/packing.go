package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A site is nodes that have the same documents, and what is in them.
type site struct {
	nodes  []*node
	pieces []*piece // of the first of the nodes
	label  string   // what the nodes have in common, as the file names it; "" for one node
	policy string   // name that the file gives the policy; "" for ours
}

// sites are the nodes that ask for guardrails of a type, those that ask for
// the same together. A node whose guardrails wait for boundaries stays alone:
// an account of another would keep them waiting.
func (k *compiler) sites(t policyType) []*site {
	var all []*site
	by := map[string]*site{}
	add := func(key string, n *node, pieces []*piece) *site {
		pl := by[key]
		if pl == nil {
			pl = &site{pieces: pieces}
			by[key] = pl
			all = append(all, pl)
		}
		pl.nodes = append(pl.nodes, n)
		return pl
	}
	for _, n := range k.all {
		for _, named := range n.namedPolicies(t) {
			name := named[0].policyName()
			if pl := add("policy\x00"+name, n, named); keyOf(pl.pieces) != keyOf(named) {
				k.otherContent(pl, n, named[0])
			}
			by["policy\x00"+name].policy = name
		}
		pieces := n.of(t)
		if len(pieces) == 0 {
			continue
		}
		key := keyOf(pieces)
		if slices.ContainsFunc(pieces, func(p *piece) bool { return p.needs != nil }) {
			key += "\x00\x00" + n.selector()
		}
		add(key, n, pieces)
	}
	k.label(all)
	return all
}

// keyOf is the same for pieces that mean the same at other nodes.
func keyOf(pieces []*piece) string {
	var keys []string
	for _, p := range pieces {
		keys = append(keys, fmt.Sprintf("%s\x00%t\x00%s", p.instance.key, p.template, p.compact()))
	}
	slices.Sort(keys)
	return strings.Join(keys, "\x00\x00")
}

// namedPolicies are the pieces of a type at the node that the file puts into
// policies of their own, by the policies' names.
func (n *node) namedPolicies(t policyType) [][]*piece {
	by := map[string][]*piece{}
	for _, p := range n.pieces {
		if name := p.policyName(); name != "" && p.typ == t.typ && (len(p.statements) > 0 || p.declared != nil) {
			by[name] = append(by[name], p)
		}
	}
	var out [][]*piece
	for _, name := range sortedKeys(by) {
		out = append(out, by[name])
	}
	return out
}

func (k *compiler) otherContent(pl *site, n *node, p *piece) {
	d := k.ds.Errorf(p.origin, "GR310", "the policy %q holds other guardrails at %s than at %s", p.policyName(), n.selector(), pl.nodes[0].selector())
	d.Hint = "a policy has one content: ask for the same guardrails with it everywhere, or give this one another name"
	d.Related = []diag.Related{{Range: pl.pieces[0].origin, Message: "asked for here"}}
}

// label names what nodes have in common that share a document: by the sets that
// the file calls the guardrails by, so that the name stays when a set changes.
func (k *compiler) label(sites []*site) {
	taken := map[string]int{}
	for _, pl := range sites {
		if len(pl.nodes) < 2 || pl.policy != "" {
			continue
		}
		var words []string
		for _, p := range pl.pieces {
			word := p.guardrail
			if p.use != nil && p.use.Set != "" {
				word = p.use.Set
			} else if p.use != nil && len(p.use.Parameters) > 0 {
				word += "~" + hashed(p.instance.key)
			}
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
		slices.Sort(words)
		pl.label = "shared:" + ascii(strings.Join(words, "+"))
		taken[pl.label]++
	}
	for _, pl := range sites {
		if taken[pl.label] > 1 { // a part of the same sets, since others were moved
			pl.label += "~" + hashed(keyOf(pl.pieces))
		}
	}
}

// wanted is a statement that goes into a document, and the piece it is of.
type wanted struct {
	stated
	piece *piece
}

// statements are those of pieces at nodes, with the exceptions made from them.
func (k *compiler) statements(nodes []*node, pieces []*piece) ([]pack.Statement, map[pack.ID]wanted) {
	pieces = slices.Clone(pieces)
	slices.SortStableFunc(pieces, func(a, b *piece) int {
		return cmp.Or(cmp.Compare(a.guardrail, b.guardrail), cmp.Compare(a.instance.key, b.instance.key))
	})
	var list []pack.Statement
	by := map[pack.ID]wanted{}
	next := map[string]int{}
	for _, p := range pieces {
		made, _ := k.narrowed(nodes, p)
		for _, s := range made {
			id := pack.ID{Guardrail: p.guardrail, Position: next[p.guardrail]}
			next[p.guardrail]++
			w := pack.Statement{ID: id, Statement: s.Statement, Compact: p.compact(), Range: p.origin}
			if p.needs != nil {
				w.Group = "waits"
			}
			list = append(list, w)
			by[id] = wanted{s, p}
		}
	}
	return list, by
}

// packing is what pack makes of pieces at nodes, or why it cannot.
func (k *compiler) packing(nodes []*node, pieces []*piece, t policyType) (*pack.Packing, map[pack.ID]wanted, diag.Diagnostics) {
	list, by := k.statements(nodes, pieces)
	opts := pack.Options{
		Kind: policy.Kind(t.typ), MaxSize: t.size, MaxDocuments: k.slots(nodes, t), AsWritten: true,
		Measure: func(s string) int { return guardrails.Text(s).Size(k.plan.IDLengths) },
	}
	if pieces[0].policyName() != "" {
		opts.MaxDocuments++ // it is counted among the others
	}
	if opts.MaxDocuments < 1 {
		var ds diag.Diagnostics
		k.full(&ds, nodes, pieces, t)
		return nil, nil, ds
	}
	p, ds := pack.Pack(list, opts)
	if ds.HasErrors() {
		opts.DropSids = true
		if q, more := pack.Pack(list, opts); !more.HasErrors() {
			return q, by, nil
		}
	}
	return p, by, ds
}

// slots are how many documents of ours may be attached to each of some nodes.
func (k *compiler) slots(nodes []*node, t policyType) int {
	free := t.perTarget
	if t.always != "" {
		free--
	}
	most := 0
	for _, n := range nodes {
		there := len(n.namedPolicies(t)) + len(k.foreignAt(n, t.typ))
		if n.hasAllowList(t.typ) {
			there++ // beside FullAWSAccess, for the time that it takes to replace it
		}
		most = max(most, there)
	}
	return free - most
}

// full says that nodes take no policy of ours.
func (k *compiler) full(ds *diag.Diagnostics, nodes []*node, pieces []*piece, t policyType) {
	ds.Errorf(pieces[0].origin, "GR307", "%s takes %s of the type %s, and %s there already", nodes[0].selector(), policies(t.perTarget), spoken(t.typ), k.othersAt(nodes, t)).Hint =
		"detach one of the others, ask for guardrails at the units below, or raise the quota if AWS has raised yours"
}

// othersAt says what takes up the slots of nodes.
func (k *compiler) othersAt(nodes []*node, t policyType) string {
	var names []string
	if t.always != "" {
		names = append(names, t.always)
	}
	for _, n := range nodes {
		for _, named := range n.namedPolicies(t) {
			names = append(names, named[0].policyName())
		}
		for _, f := range k.foreignAt(n, t.typ) {
			names = append(names, f.Name)
		}
		if n.hasAllowList(t.typ) {
			names = append(names, "the allow list")
		}
	}
	if len(names) == 1 {
		return names[0] + " is"
	}
	return sentence(names) + " are"
}

// fill makes room at nodes that are full, from the root down.
func (k *compiler) fill(t policyType) {
	for _, n := range k.all {
		fits := func(pieces []*piece) bool {
			total, narrowed := len(policy.Document{Version: policy.Version2012}.JSON()), false
			for _, p := range pieces {
				total += k.sizeOf(p) + len(",")
				narrowed = narrowed || p.template && len(k.exceptionsOf(p.guardrail)) > 0
			}
			if len(pieces) == 0 || total <= t.size && !narrowed && k.slots([]*node{n}, t) > 0 {
				return true
			}
			_, _, ds := k.packing([]*node{n}, pieces, t)
			return !ds.HasErrors()
		}
		if pieces := n.of(t); !fits(pieces) {
			k.pushDown(n, t, fits)
		}
	}
}

// packed makes the policies of a site, and attaches them.
func (k *compiler) packed(pl *site, t policyType) {
	p, by, ds := k.packing(pl.nodes, pl.pieces, t)
	if ds.HasErrors() || pl.policy != "" && len(p.Documents) > 1 {
		if len(pl.nodes) > 1 && pl.policy == "" {
			for _, n := range pl.nodes { // each with its own exceptions alone
				k.packed(&site{nodes: []*node{n}, pieces: n.of(t)}, t)
			}
			return
		}
		k.noRoom(pl, t, ds)
		return
	}
	dropped := map[pack.ID][]pack.ID{}
	for _, d := range p.Dropped {
		dropped[d.By] = append(dropped[d.By], d.ID)
	}
	for _, d := range p.Documents {
		pol := k.document(pl, t, d, by, dropped)
		k.plan.Policies = append(k.plan.Policies, pol)
		for _, n := range pl.nodes {
			k.plan.Attachments = append(k.plan.Attachments, guardrails.Attachment{Target: n.target().Ref(), Type: pol.Type, Policy: pol.Name})
		}
	}
}

// document is one of the policies of a site.
func (k *compiler) document(pl *site, t policyType, d pack.Document, by map[pack.ID]wanted, dropped map[pack.ID][]pack.ID) guardrails.Policy {
	pol := guardrails.Policy{
		Type: string(t.typ), Name: k.nameOf(pl, t, d.Number), Was: []string{}, Content: guardrails.Text(d.Content), Size: d.Size,
		Statements: make([]guardrails.Statement, 0, len(d.Statements)),
	}
	if len(pl.nodes) == 1 && pl.policy == "" {
		pol.Was = k.formerNames(pl.nodes[0], t, d.Number)
	}
	less := policy.Document{Version: policy.Version2012} // without what waits for a boundary
	var needs []guardrails.BoundaryNeed
	var pieces []*piece
	for _, s := range d.Statements {
		holds := slices.Clone(s.Holds)
		for _, id := range s.Holds {
			holds = append(holds, dropped[id]...)
			delete(dropped, id)
		}
		st := k.source(s, holds, by)
		for _, id := range holds {
			if p := by[id].piece; !slices.Contains(pieces, p) {
				pieces = append(pieces, p)
				needs = append(needs, p.needs...)
			}
		}
		if by[holds[0]].piece.needs == nil {
			less.Statements = append(less.Statements, s.Statement)
		}
		for _, key := range st.Exceptions {
			k.exceptionNamed(key).policies[pol.Name] = true
		}
		pol.Statements = append(pol.Statements, st)
	}
	pol.Description = k.description(pl, t, pieces)
	if len(needs) > 0 {
		slices.SortFunc(needs, func(a, b guardrails.BoundaryNeed) int {
			return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Policy, b.Policy))
		})
		pol.Pending = &guardrails.Pending{Needs: slices.Compact(needs)}
		if len(less.Statements) > 0 {
			pol.Pending.Content = guardrails.Text(less.JSON())
		}
	}
	return pol
}

// source says what one statement of a document stands for.
func (k *compiler) source(s pack.Placed, holds []pack.ID, by map[pack.ID]wanted) guardrails.Statement {
	first := by[holds[0]]
	st := guardrails.Statement{Sid: s.Sid, Guardrail: first.piece.guardrail, Origin: k.originOf(first.piece)}
	more := &guardrails.Packed{Merged: []guardrails.Merged{}}
	for _, id := range holds {
		w := by[id]
		st.Exceptions = append(st.Exceptions, w.exceptions...)
		for _, r := range w.piece.lines {
			more.Lines = append(more.Lines, guardrails.OriginIn(k.origin(r), w.piece.set))
		}
		for _, n := range w.piece.askedAt {
			more.AskedAt = append(more.AskedAt, n.target().Ref())
		}
	}
	st.Exceptions, more.Lines, more.AskedAt = sortedUnique(st.Exceptions), sortedUnique(more.Lines), sortedUnique(more.AskedAt)
	if len(holds) > 1 || spelled(s.Statement) != spelled(first.Statement) {
		for _, id := range holds {
			w := by[id]
			more.Merged = append(more.Merged, guardrails.Merged{
				Guardrail: w.piece.guardrail, Origin: k.originOf(w.piece), Sid: w.Sid, Exceptions: sortedUnique(w.exceptions),
				Statement: guardrails.Text(policy.StatementJSON(w.Statement)),
			})
		}
		slices.SortFunc(more.Merged, guardrails.CompareMerged)
	}
	if len(more.Lines)+len(more.AskedAt)+len(more.Merged) > 0 {
		st.Packed = more
	}
	return st
}

// spelled is a statement without its name.
func spelled(s policy.Statement) string {
	s.Sid = ""
	return policy.StatementJSON(s)
}

// originOf is where a piece was asked for, as the plan says it.
func (k *compiler) originOf(p *piece) string { return guardrails.OriginIn(k.origin(p.origin), p.set) }

func (k *compiler) exceptionNamed(key string) *exception {
	i := slices.IndexFunc(k.spared, func(x *exception) bool { return x.Key == key })
	return k.spared[i]
}

// An overfull is a node where the guardrails of a type do not fit.
type overfull struct {
	node   *node
	total  int            // characters of all their statements, with those that exceptions make
	slots  int            // documents that may be attached
	first  *piece         // the first guardrail that does not fit any more
	pieces map[string]int // characters, by guardrail
}

// noRoom notes that the guardrails of a site do not fit, and says what else is
// wrong with them.
func (k *compiler) noRoom(pl *site, t policyType, ds diag.Diagnostics) {
	for _, d := range ds {
		if d.Code != pack.TooManyDocuments {
			k.ds = append(k.ds, d)
			continue
		}
		o := overfull{node: pl.nodes[0], slots: k.slots(pl.nodes, t), first: pl.pieces[len(pl.pieces)-1], pieces: map[string]int{}}
		for _, p := range pl.pieces {
			size := k.sizeAt(pl.nodes, p)
			if o.total <= o.slots*t.size && o.total+size > o.slots*t.size {
				o.first = p
			}
			o.total += size
			o.pieces[p.guardrail] += size
		}
		k.overfull = append(k.overfull, o)
	}
	if len(ds) == 0 { // a policy of the file's own naming that came to several documents
		last := pl.pieces[len(pl.pieces)-1]
		k.ds.Errorf(last.origin, "GR306", "%s does not fit: the policy %q takes more than one document of %d characters", last.guardrail, pl.policy, t.size).Hint =
			"give some of its guardrails another policy, or none: orgrails then makes as many as it takes"
	}
}

// sizeAt is how many characters a piece takes in documents at nodes, with the
// statements that exceptions make of it.
func (k *compiler) sizeAt(nodes []*node, p *piece) int {
	made, _ := k.narrowed(nodes, p)
	var doc policy.Document
	for _, s := range made {
		doc.Statements = append(doc.Statements, s.Statement)
	}
	return guardrails.Text(doc.JSON()).Size(k.plan.IDLengths) - len(policy.Document{}.JSON())
}

// sayOverfull says of each line whose guardrail does not fit that it does not,
// once: where there is the most, and where else. What a node has no room for is
// moved to all below it, so that it may be missing room at each of them.
func (k *compiler) sayOverfull(t policyType) {
	by := map[diag.Range][]overfull{}
	var lines []diag.Range
	for _, o := range k.overfull {
		if by[o.first.origin] == nil {
			lines = append(lines, o.first.origin)
		}
		by[o.first.origin] = append(by[o.first.origin], o)
	}
	k.overfull = nil
	for _, line := range lines {
		same := by[line]
		slices.SortStableFunc(same, func(a, b overfull) int { return cmp.Compare(b.total, a.total) })
		o := same[0]
		names := sortedKeys(o.pieces)
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(o.pieces[b], o.pieces[a]) })
		var biggest, others []string
		for _, name := range names[:min(3, len(names))] {
			biggest = append(biggest, fmt.Sprintf("%s (%d)", name, o.pieces[name]))
		}
		for _, x := range same[1:] {
			others = append(others, x.node.selector())
		}
		what := fmt.Sprintf("%s does not fit: the guardrails of the type %s at %s come to %d characters, and %s of %d may be attached there",
			o.first.guardrail, spoken(t.typ), o.node.selector(), o.total, documents(o.slots), t.size)
		if len(others) > 0 {
			what += "; nor does it at " + sentence(others)
		}
		e := k.ds.Errorf(line, "GR306", "%s", what)
		e.Hint = "ask for some of them at the units below or at the root; the biggest are " + strings.Join(biggest, ", ")
		if from := o.first.askedAt; len(from) > 0 {
			e.Hint = from[0].selector() + " has no room for it and " + o.node.selector() + " none for what is moved there: ask for some of them at other units, make fewer exceptions or give shorter parameters; the biggest are " + strings.Join(biggest, ", ")
		}
		if at := o.node.at(); !at.IsZero() {
			e.Related = []diag.Related{{Range: at, Message: "the node is here"}}
		}
	}
}
