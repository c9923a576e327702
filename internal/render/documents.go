package render

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// Types of documents beside the policy types of the Organizations API.
const (
	PermissionsBoundaryDocument = "PERMISSIONS_BOUNDARY"
	ManagedPolicyDocument       = "MANAGED_POLICY"
	TrustPolicyDocument         = "TRUST_POLICY"
)

// A Document is one policy document of a plan: what index.json says of it, and its text.
type Document struct {
	Name string `json:"name"`
	// Type is a policy type as the Organizations API spells it, or one of
	// PERMISSIONS_BOUNDARY, MANAGED_POLICY and TRUST_POLICY.
	Type string `json:"type"`
	// File is the path in the folder, with slashes.
	File string `json:"file"`
	// Targets are what the document applies to: "root", unit paths and account
	// keys for an Organizations policy, account keys for the others.
	Targets []string `json:"targets"`
	// Size is what counts against AWS's quota: characters, with every id that
	// AWS makes up at its longest.
	Size int `json:"size"`
	// Templates are the guardrails in the document (template ids, and paths of the
	// user's own documents), and Origins the lines that asked for them.
	Templates []string `json:"templates"`
	Origins   []string `json:"origins"`
	// References are those of the document's references that have no id yet.
	// They stand in the file as {{id:…}}.
	References []string `json:"references"`
	// Pending is the file that is deployed in the place of this one until every
	// account below the targets has the permissions boundaries that it requires.
	Pending string `json:"pending,omitempty"`

	Text string `json:"-"` // minified, as deployed

	dir, base string // of File, before base is made a safe file name
}

// Documents returns every policy document of a plan, sorted by file. Ids that
// the plan knows are filled in. Equal documents of several accounts are one,
// under baselines/shared.
func Documents(p *guardrails.Plan) []Document {
	var docs []Document
	targets := map[string][]string{}
	for _, a := range p.Attachments {
		targets[a.Type+" "+a.Policy] = append(targets[a.Type+" "+a.Policy], node(a.Target))
	}
	for _, pol := range p.Policies {
		dir := "policies/" + pol.Type
		d := Document{
			Name: pol.Name, Type: pol.Type, Size: pol.Size, dir: dir, base: pol.Name,
			Targets: slices.Sorted(slices.Values(targets[pol.Type+" "+pol.Name])),
		}
		if pol.Pending != nil && pol.Pending.Content != "" {
			pending := d
			pending.dir, pending.Size = dir+"/pending", pol.Pending.Content.Size(p.IDLengths)
			docs = append(docs, pending.with(pol.Pending.Content, pol.Statements, p.IDs))
			d.Pending = pending.dir // named gives it its name
		}
		if pol.AsFound != "" {
			d.Size = pol.AsFound.Size(p.IDLengths)
		}
		docs = append(docs, d.with(pol.Deployed(), pol.Statements, p.IDs))
	}
	docs = append(docs, baselineDocuments(p)...)
	return named(docs)
}

// node is a reference to a node without its kind: "root", a unit's path, an account's key.
func node(ref string) string {
	_, name, found := strings.Cut(ref, ":")
	if !found {
		return ref
	}
	return name
}

// with completes a document from its content and its statements.
func (d Document) with(content guardrails.Text, statements []guardrails.Statement, ids map[string]string) Document {
	d.Templates, d.Origins = []string{}, []string{}
	for _, s := range statements {
		if s.Guardrail != "" {
			d.Templates = append(d.Templates, s.Guardrail)
		}
		d.Origins = append(d.Origins, s.Origin)
	}
	d.Templates, d.Origins = unique(d.Templates), unique(d.Origins)
	d.Text, d.References = fill(content, ids)
	if d.Targets == nil {
		d.Targets = []string{}
	}
	return d
}

// fill puts the known ids into t, and returns the references that have none.
func fill(t guardrails.Text, ids map[string]string) (string, []string) {
	missing := []string{}
	all := map[string]string{}
	for _, name := range t.Refs() {
		id, ok := ids[name]
		if !ok {
			missing = append(missing, name)
			id = string(guardrails.Ref(name))
		}
		all[name] = id
	}
	text, err := t.Fill(all)
	if err != nil {
		panic(err) // every reference of t is in all
	}
	return text, unique(missing)
}

func unique(ss []string) []string {
	slices.Sort(ss)
	return slices.Compact(ss)
}

// baselineDocuments are the documents that are placed into accounts.
func baselineDocuments(p *guardrails.Plan) []Document {
	type key struct{ dir, base, text string }
	index := map[key]int{}
	var docs []Document
	add := func(account, kind, dir, base, name string, size int, t guardrails.Text, statements []guardrails.Statement, origin string) {
		k := key{dir, base, string(t)}
		i, ok := index[k]
		if !ok {
			i = len(docs)
			index[k] = i
			d := Document{Name: name, Type: kind, Size: size, dir: dir, base: base}.with(t, statements, p.IDs)
			if len(d.Origins) == 0 {
				d.Origins = []string{origin}
			}
			docs = append(docs, d)
		}
		docs[i].Targets = append(docs[i].Targets, account)
	}
	for _, b := range p.Baselines {
		for _, m := range b.Boundaries {
			add(b.Account, PermissionsBoundaryDocument, "boundaries", m.Name, m.Name, m.Size, m.Document, m.Statements, m.Origin)
		}
		for _, r := range b.Roles {
			add(b.Account, TrustPolicyDocument, "trust", r.Name, r.Name, r.Trust.Size(p.IDLengths), r.Trust, nil, r.Origin)
			for _, m := range r.Policies {
				add(b.Account, ManagedPolicyDocument, "policies", m.Name, m.Name, m.Size, m.Document, m.Statements, m.Origin)
			}
		}
		for _, g := range b.Groups {
			m := g.Policy
			add(b.Account, ManagedPolicyDocument, "policies", m.Name, m.Name, m.Size, m.Document, m.Statements, m.Origin)
		}
	}
	for i := range docs {
		folder := "baselines/shared/"
		if len(docs[i].Targets) == 1 {
			folder = "baselines/accounts/" + docs[i].Targets[0] + "/"
		}
		docs[i].dir = folder + docs[i].dir
	}
	return docs
}

// named gives each document the file it is written to: a path that every file
// system takes, no two of which differ by case alone.
func named(docs []Document) []Document {
	slices.SortStableFunc(docs, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.dir, b.dir), cmp.Compare(a.base, b.base), cmp.Compare(a.Text, b.Text))
	})
	type name struct{ dir, base string }
	taken := map[string]bool{}
	files := map[name]string{}
	for i, d := range docs {
		file := d.dir + "/" + safe(d.base)
		if taken[strings.ToLower(file)] {
			sum := sha256.Sum256([]byte(d.base + "\x00" + d.Text))
			file += "~" + hex.EncodeToString(sum[:4])
		}
		taken[strings.ToLower(file)] = true
		docs[i].File = file + ".json"
		files[name{d.dir, d.base}] = docs[i].File
	}
	for i, d := range docs {
		if d.Pending != "" {
			docs[i].Pending = files[name{d.Pending, d.base}]
		}
	}
	slices.SortFunc(docs, func(a, b Document) int { return cmp.Compare(a.File, b.File) })
	return docs
}

// safe is a policy's name as a file name: a slash, which separates the units
// of a path, becomes a full stop, which no unit has.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return '.'
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', strings.ContainsRune("@._~+=,-", r):
			return r
		}
		return '_'
	}, name)
}
