package draft

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// A way is how a policy gets into the file, the best first.
type way int

const (
	taken     way = iota // as guardrails of the catalogue, and a document for the rest
	own                  // as a document
	elsewhere            // as somebody else's, with its content
	nameOnly             // as somebody else's, by its name
	left                 // not at all; it is said
)

// A candidate is a policy that is attached somewhere.
type candidate struct {
	live.Policy
	typ     catalog.Type
	content string
	known   bool // the content was read
	nodes   []*node
	way     way
	why     string // it is not taken
	others  bool   // it is somebody else's
	file    string // of its document

	statements []policy.Statement
	found      []recognize.Use
	rest       []int // statements that no guardrail is
	allow      []string
	sets       map[string][]string // by which its guardrails are asked for
	part       bool                // of another, which has the guardrails of both
	parts      []*candidate        // that it has the guardrails of
	alone      []policy.Statement  // its own, while it has those of its parts
	stem       string              // of the names of the parts' documents
	names      int                 // that were tried for these
	stay       bool                // its guardrails say that they are not hoisted

	exceptions []exception // from the guardrails that were found
}

// An ask is an item of a node's list of guardrails.
type ask struct {
	from *candidate
	text string
}

// ours begins the names of the policies that orgrails names.
const ours = "orgrails-"

func (p *candidate) named() bool { return !strings.HasPrefix(p.Name, ours) }

// uses are the guardrails by which the policy is in the file.
func (p *candidate) uses() []recognize.Use {
	if p.way != taken {
		return nil
	}
	return p.found
}

// policies sorts out what is to be done with each policy.
func (d *drafter) policies() {
	d.otherTypes = map[string]int{}
	env := d.env()
	names := map[string]catalog.Type{}
	for _, pt := range d.s.Policies {
		typ := catalog.Type(pt.Type)
		policies, read := pt.Policies.Get()
		if !read {
			continue // NotRead says so
		}
		slices.SortFunc(policies, func(a, b live.Policy) int { return cmp.Compare(a.Name, b.Name) })
		for _, p := range policies {
			if p.AWSManaged && (p.Name == "FullAWSAccess" || p.Name == "RCPFullAWSAccess") {
				continue
			}
			targets, read := p.Targets.Get()
			if !slices.Contains(catalog.GuardrailTypes(), typ) {
				if !p.AWSManaged {
					d.otherTypes[pt.Type]++
				}
				continue
			}
			if !read {
				d.notef("the policy %q is not in the file: what it is attached to was not read", p.Name)
				continue
			}
			if len(targets) == 0 {
				if !p.AWSManaged {
					d.unused = append(d.unused, p.Name)
				}
				continue
			}
			c := &candidate{Policy: p, typ: typ}
			c.content, c.known = p.Content.Get()
			for _, t := range targets {
				switch n := d.byID[t.ID]; {
				case n != nil:
					c.nodes = append(c.nodes, n)
				case t.ID == d.s.Organization.ManagementAccount:
					c.others, c.why = true, "it is attached to the management account, where the file cannot ask for it"
				default:
					c.others, c.why = true, "it is attached to "+t.ID+", which is not in the file"
				}
			}
			slices.SortFunc(c.nodes, func(a, b *node) int { return cmp.Compare(a.selector(), b.selector()) })
			governor, governed := awsdata.GovernorOfPolicy(p.Name)
			switch {
			case len(c.nodes) == 0:
				c.way = left
			case p.AWSManaged:
				c.others, c.why = true, "it is AWS's own"
			case governed:
				c.others, c.why = true, governor.Name+" manages it"
			case names[p.Name] != "":
				c.way, c.why = left, fmt.Sprintf("there is a policy of that name of the type %s, and the file knows policies by their names", names[p.Name])
			}
			names[p.Name] = typ
			if c.way != left {
				d.judge(c, env)
			}
			d.list = append(d.list, c)
		}
	}
	slices.SortStableFunc(d.list, func(a, b *candidate) int { return cmp.Or(cmp.Compare(a.typ, b.typ), cmp.Compare(a.Name, b.Name)) })
	slices.Sort(d.unused)
	d.fullAccess()
	files := map[string]bool{}
	for _, c := range d.list {
		c.file = "policies/" + unique(cmp.Or(fileName(c.Name), "policy"), 80, files) + ".json"
	}
}

// judge looks at the content of a policy.
func (d *drafter) judge(c *candidate, env catalog.Env) {
	kind := policy.Kind(c.typ)
	switch {
	case !c.known:
		c.way, c.why = nameOnly, cmp.Or(c.why, "its content was not read")
		return
	case kind.IsDeclarative():
		if _, ds := policy.CheckDeclarative(c.Name, []byte(c.content), kind); ds.HasErrors() {
			c.way, c.why = nameOnly, "orgrails refuses its content: "+firstError(ds)
			return
		}
		c.way = own
	default:
		doc, ds := policy.Check(c.Name, []byte(c.content), kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		if ds.HasErrors() {
			c.way, c.why = nameOnly, "orgrails refuses its content: "+firstError(ds)
			return
		}
		if doc.Version != policy.Version2012 && strings.Contains(c.content, "${") {
			c.way, c.why = elsewhere, "its version has no variables, and orgrails writes "+policy.Version2012
			return
		}
		c.statements = doc.Statements
		c.found, c.rest = recognize.Statements(d.catalog, c.typ, env, doc.Statements, recognize.Options{})
		if !c.others {
			c.excepted(d, env)
		}
		if len(c.found) == 0 {
			c.way = own
		}
	}
	if c.others {
		c.way = elsewhere
	}
}

// spares reports whether a guardrail spares the deploy role, which therefore
// has to be protected.
func (d *drafter) spares(u recognize.Use, c *candidate) bool {
	arn := "arn:" + d.s.Organization.Partition + ":iam::*:role/"
	for _, i := range u.Statements {
		for op, keys := range c.statements[i].Condition {
			if !strings.HasPrefix(strings.ToLower(op), "arnnot") && !strings.HasPrefix(strings.ToLower(op), "stringnot") {
				continue
			}
			for key, values := range keys {
				if strings.EqualFold(key, "aws:PrincipalArn") && slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, arn) || strings.HasPrefix(v, "arn:") }) {
					return true
				}
			}
		}
	}
	return false
}

// withoutSparing keeps as documents what spares roles that nothing protects:
// orgrails would add the protection.
func (d *drafter) withoutSparing() {
	d.bare = true
	n := 0
	for _, c := range d.list {
		var keep []recognize.Use
		for _, u := range c.found {
			if d.spares(u, c) {
				c.rest = append(c.rest, u.Statements...)
				n++
			} else {
				keep = append(keep, u)
			}
		}
		slices.Sort(c.rest)
		c.found = keep
		c.exceptions = slices.DeleteFunc(c.exceptions, func(x exception) bool {
			return !slices.ContainsFunc(keep, func(u recognize.Use) bool { return u.Template == x.guardrail })
		})
		if c.way == taken && c.allow == nil && len(keep) == 0 {
			c.way = own
		}
	}
	if n > 0 {
		d.notef("%d guardrails were recognised and kept as documents, because they spare %s, which no protect-roles protects: name them by their templates when it is there", n, d.opts.DeployRole)
	}
}

// fullAccess finds the nodes without FullAWSAccess, and the allow lists there.
func (d *drafter) fullAccess() {
	root, _ := d.s.Root.Get()
	if !slices.ContainsFunc(root.PolicyTypes, func(t live.RootPolicyType) bool {
		return t.Type == string(catalog.ServiceControlPolicy) && t.Status == "ENABLED"
	}) {
		return
	}
	full := map[*node]bool{}
	known := false
	for _, pt := range d.s.Policies {
		policies, _ := pt.Policies.Get()
		for _, p := range policies {
			if targets, read := p.Targets.Get(); read && p.AWSManaged && p.Name == "FullAWSAccess" {
				known = true
				for _, t := range targets {
					full[d.byID[t.ID]] = true
				}
			}
		}
	}
	if !known {
		return
	}
	var without []string
	d.root.each(func(n *node) {
		if full[n] {
			return
		}
		listed := false
		for _, c := range d.list {
			if c.typ != catalog.ServiceControlPolicy || !slices.Contains(c.nodes, n) || !slices.ContainsFunc(c.statements, func(s policy.Statement) bool { return s.Effect == policy.Allow }) {
				continue
			}
			if list := allowed(c); list != nil && len(c.nodes) == 1 && !c.others {
				n.allowed, c.allow, c.way, listed = list, list, taken, true
				c.found, c.rest = nil, nil
			} else if c.way != left {
				c.way, c.why = elsewhere, fmt.Sprintf("it allows at %s, which has no FullAWSAccess, and is no allow list of orgrails", n.selector())
				if !c.named() {
					c.way = left
				}
			}
		}
		if !listed {
			without = append(without, n.selector())
		}
	})
	if n := len(without); n > 0 {
		names := strings.Join(without[:min(n, 3)], ", ")
		if n > 3 {
			names += fmt.Sprintf(" and %d more", n-3)
		}
		d.notef("FullAWSAccess is not attached to %s: orgrails leaves it so, and takes it for attached when it proves and tests", names)
	}
}

// allowed is the allow list that a policy of ours is made from; nil for others.
func allowed(c *candidate) []string {
	if !strings.HasPrefix(c.Name, ours) || len(c.statements) != 2 {
		return nil
	}
	for _, s := range c.statements {
		if s.Effect == policy.Allow && len(s.Condition) == 0 && slices.Equal(s.Resource, policy.Values{"*"}) {
			var list []string
			for _, a := range s.Action {
				list = append(list, strings.TrimSuffix(a, ":*"))
			}
			return list
		}
	}
	return nil
}

// fileName is a policy's name as that of a file.
func fileName(name string) string {
	return strings.ToLower(keyOf(name, "policy", 64, func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.'
	}))
}

// pretty indents JSON and leaves it as it is otherwise.
func pretty(content string) []byte {
	var b bytes.Buffer
	if json.Indent(&b, []byte(content), "", "  ") != nil {
		return []byte(content)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
