package guardrails

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

func (c *checker) exceptions() {
	sorted(c, "exceptions", c.p.Exceptions, func(a, b Exception) int { return cmp.Compare(a.Key, b.Key) })
	names := map[string]bool{}
	for _, p := range c.p.Policies {
		names[p.Name] = true
	}
	for _, b := range c.p.Baselines {
		for _, m := range b.Boundaries {
			names[m.Name] = true
		}
	}
	for _, x := range c.p.Exceptions {
		if x.InPolicy && x.Expires == "" {
			c.errorf("exception %s ends in the policy and never ends", x.Key)
		}
		for _, name := range x.Policies {
			if !names[name] {
				c.errorf("exception %s narrows %q, which is no policy", x.Key, name)
			}
		}
	}
}

// notCarried checks that what is said not to be carried is a guardrail, that a
// boundary of the management account was to carry.
func (c *checker) notCarried() {
	sorted(c, "guardrails not carried", c.p.NotCarried, func(a, b NotCarried) int {
		return cmp.Or(cmp.Compare(a.Boundary, b.Boundary), cmp.Compare(a.Guardrail, b.Guardrail), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Reason, b.Reason))
	})
	for _, n := range c.p.NotCarried {
		i := slices.IndexFunc(c.p.Baselines, func(b Baseline) bool { return b.Account == "management" })
		if i < 0 || !slices.ContainsFunc(c.p.Baselines[i].Boundaries, func(m ManagedPolicy) bool { return m.Name == n.Boundary }) {
			c.errorf("%s is not carried by %q, which is no boundary of the management account", n.Guardrail, n.Boundary)
		}
		if n.Guardrail == "" || n.Origin == "" || n.Reason == "" {
			c.errorf("the boundary %s does not carry %q, from %q, because of %q: one of these is missing", n.Boundary, n.Guardrail, n.Origin, n.Reason)
		}
	}
}

// document checks one policy document against its size and its statements.
func (c *checker) document(what string, doc Text, size int, statements []Statement) {
	c.content(what, c.read(doc), size, statements)
}

// content checks what was read of a document. The settings of a declarative
// policy are its statements.
func (c *checker) content(what string, d document, size int, statements []Statement) {
	switch {
	case d.err != nil:
		c.errorf("%s: %w", what, d.err)
		return
	case size != d.size:
		c.errorf("%s has the size %d, and not %d", what, d.size, size)
	case len(d.sids) == 0:
		c.errorf("%s has no statements", what)
	case len(d.sids) != len(statements):
		c.errorf("%s has %d statements, and not %d", what, len(d.sids), len(statements))
		return
	}
	for i, s := range statements {
		if s.Sid != d.sids[i] {
			c.errorf("%s: statement %d has the Sid %q, and not %q", what, i+1, d.sids[i], s.Sid)
		}
		if s.Origin == "" {
			c.errorf("%s: statement %d has no origin", what, i+1)
		}
		c.named(what, i, s.Exceptions)
		c.packed(what, i, s.Packed)
	}
}

// named checks that exceptions which a statement names are in the plan.
func (c *checker) named(what string, i int, exceptions []string) {
	for _, x := range exceptions {
		if _, ok := slices.BinarySearchFunc(c.p.Exceptions, x, func(e Exception, key string) int { return cmp.Compare(e.Key, key) }); !ok {
			c.errorf("%s: statement %d names the exception %q, which is not in the plan", what, i+1, x)
		}
	}
}

// packed checks what else a statement is said to stand for.
func (c *checker) packed(what string, i int, p *Packed) {
	if p == nil {
		return
	}
	if len(p.Lines)+len(p.AskedAt)+len(p.Merged) == 0 {
		c.errorf("%s: statement %d is packed, and nothing is said of it; write null", what, i+1)
	}
	for _, at := range p.AskedAt {
		if at == "organization" || at == "account:management" || !c.ids[at] {
			c.errorf("%s: statement %d was asked for at %q, which is no root, unit or account", what, i+1, at)
		}
	}
	sorted(c, "merged statements of "+what, p.Merged, CompareMerged)
	for _, m := range p.Merged {
		if _, _, err := documentStatements(`{"Statement":[` + m.Statement + `]}`); err != nil {
			c.errorf("%s: statement %d, merged: %w", what, i+1, err)
		}
		if m.Guardrail == "" || m.Origin == "" {
			c.errorf("%s: statement %d is merged from one without a guardrail or an origin", what, i+1)
		}
		c.named(what, i, m.Exceptions)
	}
}

func (c *checker) read(doc Text) document {
	d, ok := c.documents[doc]
	if !ok {
		d.sids, d.statements, d.err = documentStatements(doc)
		d.size, d.everyone = doc.Size(c.p.IDLengths), slices.ContainsFunc(d.statements, everyone)
		c.documents[doc] = d
	}
	return d
}

// asFound checks the form of a text that AWS has. That it means what the content
// does takes a comparison, which guardrails/proof makes.
func (c *checker) asFound(what string, p *Policy) {
	if p.AsFound == "" {
		return
	}
	var b bytes.Buffer
	switch err := json.Compact(&b, []byte(p.AsFound)); {
	case err != nil || !strings.HasPrefix(string(p.AsFound), "{") || len(p.AsFound.Refs()) > 0:
		c.errorf("%s: what AWS has is no JSON object", what)
	case b.String() != string(p.AsFound):
		c.errorf("%s: what AWS has is written with white space", what)
	case p.AsFound == p.Content:
		c.errorf("%s: what AWS has is the content; leave it empty", what)
	}
}

func comparePolicies(a, b Policy) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
}

func (c *checker) policy(p *Policy) {
	what := "policy " + p.Name
	if p.Type == "" || p.Name == "" {
		c.errorf("%s of type %q lacks a name or a type", what, p.Type)
	} else if !slices.Contains(c.p.Organization.PolicyTypes, p.Type) {
		c.errorf("%s is of the type %s, which the plan does not enable", what, p.Type)
	}
	for _, was := range p.Was {
		if _, ok := slices.BinarySearchFunc(c.p.Policies, Policy{Type: p.Type, Name: was}, comparePolicies); ok {
			c.errorf("%s was %q, which is another policy", what, was)
		}
	}
	c.asFound(what, p)
	if slices.Contains(declarativeTypes, p.Type) {
		d := document{size: p.Content.Size(c.p.IDLengths)}
		d.sids, d.statements, d.err = documentSettings(p.Content)
		c.content(what, d, p.Size, p.Statements)
		if p.Pending != nil {
			c.errorf("%s waits for boundaries, which its type has nothing to do with", what)
		}
		return
	}
	c.document(what, p.Content, p.Size, p.Statements)
	if p.Pending == nil {
		return
	}
	if p.Pending.Content != "" {
		full, less := c.read(p.Content), c.read(p.Pending.Content)
		if less.err != nil {
			c.errorf("%s, pending: %w", what, less.err)
		}
		if len(less.sids) == 0 || len(less.sids) >= len(full.sids) {
			c.errorf("%s has %d statements, and %d while a boundary is missing", what, len(full.sids), len(less.sids))
		}
		rest := full.statements
		for i, s := range less.statements {
			j := slices.Index(rest, s)
			if j < 0 {
				c.errorf("%s has a statement while a boundary is missing, %q, that it lacks otherwise", what, less.sids[i])
				break
			}
			rest = rest[j+1:]
		}
	}
	if len(p.Pending.Needs) == 0 {
		c.errorf("%s waits for no boundary", what)
	}
	sorted(c, "boundaries that "+what+" needs", p.Pending.Needs, func(a, b BoundaryNeed) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Policy, b.Policy))
	})
	for _, n := range p.Pending.Needs {
		i, ok := slices.BinarySearchFunc(c.p.Baselines, n.Account, func(b Baseline, key string) int { return cmp.Compare(b.Account, key) })
		if !ok || !slices.ContainsFunc(c.p.Baselines[i].Boundaries, func(m ManagedPolicy) bool { return m.Name == n.Policy }) {
			c.errorf("%s needs the boundary %s in %s, where the plan puts none", what, n.Policy, n.Account)
		}
	}
}

func (c *checker) attachments() {
	sorted(c, "policies", c.p.Policies, comparePolicies)
	sorted(c, "attachments", c.p.Attachments, func(a, b Attachment) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Policy, b.Policy))
	})
	for _, a := range c.p.Attachments {
		switch {
		case a.Target == "organization" || !c.ids[a.Target]:
			c.errorf("%s is attached to %q, which is no root, unit or account", a.Policy, a.Target)
		case a.Target == "account:management" && (a.Type == "SERVICE_CONTROL_POLICY" || a.Type == "RESOURCE_CONTROL_POLICY"):
			c.errorf("%s is attached to the management account, where it has no effect", a.Policy)
		}
		if _, ok := slices.BinarySearchFunc(c.p.Policies, Policy{Type: a.Type, Name: a.Policy}, comparePolicies); !ok {
			c.errorf("%s %q is attached to %s and is not in the plan", a.Type, a.Policy, a.Target)
		}
	}
}

// fullAccess checks that where FullAWSAccess is taken away something else of the
// plan allows: a node without that would leave nobody anything to do.
func (c *checker) fullAccess() {
	for _, target := range c.p.NoFullAccess {
		if target == "organization" || target == "account:management" || !c.ids[target] {
			c.errorf("FullAWSAccess is taken from %q, which is no root, unit or member account", target)
		}
		if !slices.ContainsFunc(c.p.Attachments, func(a Attachment) bool {
			i, ok := slices.BinarySearchFunc(c.p.Policies, Policy{Type: a.Type, Name: a.Policy}, comparePolicies)
			return a.Target == target && a.Type == "SERVICE_CONTROL_POLICY" && ok && strings.Contains(string(c.p.Policies[i].Content), `"Effect":"Allow"`)
		}) {
			c.errorf("FullAWSAccess is taken from %s, where no policy of the plan allows anything", target)
		}
	}
}

func (c *checker) baseline(b *Baseline) {
	if !c.account(b.Account) {
		c.errorf("a baseline is for %q, which is no account", b.Account)
	}
	managed := map[string]bool{}
	c.names(b)
	policies := func(what string, list []ManagedPolicy) {
		sorted(c, what, list, func(a, b ManagedPolicy) int { return cmp.Compare(a.Name, b.Name) })
		for i := range list {
			if fold := strings.ToLower(list[i].Name); list[i].Name == "" || managed[fold] {
				c.errorf("account %s has two managed policies named %q, or one without a name", b.Account, list[i].Name)
			} else {
				managed[fold] = true
			}
			c.document("policy "+list[i].Name+" of "+b.Account, list[i].Document, list[i].Size, list[i].Statements)
		}
	}
	policies("boundaries of "+b.Account, b.Boundaries)
	sorted(c, "roles of "+b.Account, b.Roles, func(a, b Role) int { return cmp.Compare(a.Name, b.Name) })
	for i := range b.Roles {
		r := &b.Roles[i]
		if d := c.read(r.Trust); d.err != nil || len(d.sids) == 0 {
			c.errorf("trust of role %s of %s: %w", r.Name, b.Account, cmp.Or(d.err, errors.New("no statements")))
		}
		policies("policies of role "+r.Name+" of "+b.Account, r.Policies)
	}
	sorted(c, "groups of "+b.Account, b.Groups, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	for i := range b.Groups {
		policies("policies of group "+b.Groups[i].Name, []ManagedPolicy{b.Groups[i].Policy})
	}
}
