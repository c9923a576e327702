package draft

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/config"
)

// settle compiles what was written, and writes another way what would come out
// otherwise than it is in AWS, until nothing does.
func (d *drafter) settle() error {
	dir, err := os.MkdirTemp("", "orgrails-draft-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for range 30*len(d.list) + 10 {
		d.ask()
		plan, ds, err := d.compile(dir)
		if err != nil {
			return err
		}
		again := false
		if plan == nil {
			if again = d.withoutExceptions(nil) || d.blame(dir, ds); !again {
				return fmt.Errorf("the file that comes out is refused: %s", firstError(ds))
			}
		} else if again = d.compare(plan); !again {
			d.plan = plan
			return nil
		}
	}
	return fmt.Errorf("no file was found whose plan is what AWS has")
}

// compile writes the draft to a folder, and makes its plan.
func (d *drafter) compile(dir string) (*guardrails.Plan, diag.Diagnostics, error) {
	if err := os.RemoveAll(filepath.Join(dir, "policies")); err != nil {
		return nil, nil, err
	}
	name := filepath.Join(dir, "organization.yaml")
	docs := map[string][]byte{"organization.yaml": d.file()}
	for path, data := range d.docs {
		docs[path] = data
	}
	for path, data := range docs {
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return nil, nil, err
		}
	}
	file, ds, err := config.Load(name, config.Options{})
	if err != nil {
		return nil, nil, err
	}
	if ds.HasErrors() {
		return nil, ds, nil
	}
	plan, more := compile.Compile(file.Organization, file.Catalog, compile.Options{})
	ds = append(ds, more...)
	if ds.HasErrors() {
		return nil, ds, nil
	}
	return plan, ds, nil
}

// blame finds the policies that errors are about, and writes them another way.
func (d *drafter) blame(dir string, ds diag.Diagnostics) (again bool) {
	blamed := map[*candidate]bool{}
	for _, e := range ds {
		if e.Severity != diag.Error {
			continue
		}
		c := d.lines[e.Range.Start.Line]
		if rel, err := filepath.Rel(dir, e.Range.File); err == nil && rel != "organization.yaml" {
			c = nil
			for _, other := range d.list {
				if other.file == filepath.ToSlash(rel) {
					c = other
				}
			}
		}
		if c != nil && !blamed[c] {
			blamed[c] = true
			again = d.demote(c, "orgrails refuses it: "+e.Summary) || again
		}
	}
	return again
}

// demote writes a policy the next way; false where there is none.
func (d *drafter) demote(c *candidate, why string) bool {
	if c.way == left {
		return false
	}
	for _, n := range c.nodes {
		if c.allow != nil {
			n.allowed = nil
		}
	}
	switch {
	case c.allow != nil:
		c.allow, c.way = nil, left
	case c.way == taken:
		c.way = own
	case !c.named():
		c.way = left
	default:
		c.way++
	}
	if c.way > own {
		c.why = why
	}
	return true
}

// compare looks for what the plan has otherwise than AWS.
func (d *drafter) compare(plan *guardrails.Plan) (again bool) {
	type name struct{ typ, name string }
	planned := map[name]guardrails.Policy{}
	at := map[name][]string{}
	for _, p := range plan.Policies {
		planned[name{p.Type, p.Name}] = p
	}
	for _, a := range plan.Attachments {
		n := name{a.Type, a.Policy}
		at[n] = append(at[n], plan.IDs[a.Target])
	}
	ours := map[name]bool{}
	bad := map[*candidate]string{}
	for _, c := range d.list {
		if c.way != taken && c.way != own {
			continue
		}
		n := name{string(c.typ), c.Name}
		ours[n] = true
		p, ok := planned[n]
		switch {
		case !ok:
			bad[c] = "what the file can ask for comes to a policy of another name"
		case !d.sameContent(c, p, plan.IDs):
			bad[c] = "what the file can ask for comes to a policy that means something else"
		case !slices.Equal(slices.Sorted(slices.Values(at[n])), c.ids()):
			bad[c] = "what the file can ask for comes to a policy that is attached elsewhere"
		}
	}
	for _, c := range d.list {
		if bad[c] != "" && !c.named() && !c.stay {
			c.stay, again = true, true // it, or what stands below it, was hoisted
		}
	}
	if again || len(bad) > 0 && d.withoutExceptions(bad) {
		return true
	}
	for _, c := range d.list {
		if bad[c] != "" {
			again = d.otherwise(c, bad[c]) || again
		}
	}
	if again {
		return true
	}
	for n := range planned {
		if !ours[n] && !d.bare {
			if !d.withoutExceptions(nil) {
				d.withoutSparing()
			}
			return true
		}
		if !ours[n] {
			// Some line of the file asks for what is not there.
			for _, s := range planned[n].Statements {
				if c := d.lines[lineOf(s.Origin)]; c != nil && d.demote(c, "asking for it brings the policy "+n.name) {
					return true
				}
			}
			d.notef("its plan has the policy %s, which is not in AWS", n.name)
		}
	}
	return false
}

// otherwise writes a policy another way. Before one is given up that orgrails
// has named, what spares the deploy role is kept as documents: the protection
// that it needs may be what stands in the way.
func (d *drafter) otherwise(c *candidate, why string) bool {
	if c.way == own && !c.named() && !d.bare && slices.Contains(c.nodes, d.root) {
		d.withoutSparing()
		if len(c.found) > 0 {
			c.way = taken
		}
		return true
	}
	return d.demote(c, why)
}

func lineOf(origin string) int {
	parts := strings.Split(origin, ":")
	if len(parts) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(parts[1])
	return n
}

func (c *candidate) ids() []string {
	var ids []string
	for _, n := range c.nodes {
		ids = append(ids, n.id)
	}
	slices.Sort(ids)
	return ids
}

// sameContent reports whether a planned policy means what the one in AWS does.
func (d *drafter) sameContent(c *candidate, p guardrails.Policy, ids map[string]string) bool {
	content, err := p.Content.Fill(ids)
	if err != nil {
		return false
	}
	kind := policy.Kind(c.typ)
	if !kind.IsDeclarative() {
		doc, ds := policy.Parse(c.Name, []byte(content))
		live, more := policy.Parse(c.Name, []byte(c.content))
		if ds.HasErrors() || more.HasErrors() {
			return false
		}
		if slices.Equal(spelled(doc), spelled(live)) {
			return true
		}
	}
	return compare.Same(kind, content, c.content)
}

// spelled are the statements of a document in one spelling, each once.
func spelled(doc policy.Document) []string {
	var list []string
	for _, s := range doc.Statements {
		list = append(list, recognize.Canonical(s))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// firstError is the first error among diagnostics, in a line.
func firstError(ds diag.Diagnostics) string {
	for _, e := range ds {
		if e.Severity == diag.Error {
			s := bufio.NewScanner(strings.NewReader(e.Summary))
			s.Scan()
			return s.Text() + " [" + e.Code + "]"
		}
	}
	return ""
}
