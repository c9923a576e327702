package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// policiesFound compares the policies of Organizations, where they are attached,
// and what others have attached beside them.
func (f *finder) policiesFound() {
	seen := map[*live.Policy]bool{}
	types := map[string]bool{}
	for i := range f.plan.Policies {
		p := &f.plan.Policies[i]
		if _, read := f.match.policies[p.Type]; !read {
			if !types[p.Type] {
				f.unread("the policies of type "+p.Type, "", "", "ListPolicies")
			}
			types[p.Type] = true
			continue
		}
		if have := f.find(*p); have != nil {
			seen[have] = true
			f.policy(p, have)
		} else {
			f.deleted(p)
		}
	}
	for _, typ := range sortedKeys(f.match.policies) {
		for _, name := range sortedKeys(f.match.policies[typ]) {
			if p := f.match.policies[typ][name]; !seen[p] && p.ID != fullAccess && p.ID != "p-RCPFullAWSAccess" {
				f.stranger(typ, p)
			}
		}
	}
	f.foreign()
	f.fullAccess()
}

// targets are the references of the nodes at which the plan attaches a policy,
// as far as they are there.
func (f *finder) targets(p *guardrails.Policy) []string {
	var refs []string
	for _, a := range f.plan.Attachments {
		if a.Type == p.Type && a.Policy == p.Name && f.ids[a.Target] != "" {
			refs = append(refs, a.Target)
		}
	}
	return refs
}

// waits reports whether a boundary that a policy needs is not there yet.
func (f *finder) waits(p *guardrails.Policy) bool {
	return p.Pending != nil && slices.ContainsFunc(p.Pending.Needs, func(n guardrails.BoundaryNeed) bool {
		x := f.iam(n.Account)
		if x.policies == nil {
			return true
		}
		for _, b := range f.plan.Baselines {
			for i := range b.Boundaries {
				if b.Account == n.Account && b.Boundaries[i].Name == n.Policy {
					return x.policies[f.arn(x, &b.Boundaries[i])] == nil
				}
			}
		}
		return true
	})
}

func (f *finder) deleted(p *guardrails.Policy) {
	f.checked(1)
	if p.Pending != nil && p.Pending.Content == "" && f.waits(p) {
		return
	}
	refs := f.targets(p)
	x := f.found(PolicyDeleted, Error, named(p.Type, p.Name), "")
	x.Expected, x.Stack, x.Origin, x.policy = "attached to "+strings.Join(refs, ", "), policiesStack, originOf(p), p.Type+" "+p.Name
	if len(refs) == 0 {
		x.Expected = "there"
	}
	x.trail = trail{calls: []string{"DeletePolicy"}, name: p.Name}
}

func (f *finder) policy(p *guardrails.Policy, have *live.Policy) {
	f.checked(1)
	key := p.Type + " " + have.Name
	if content, ok := have.Content.Get(); !ok {
		f.unread("the content of policy "+have.Name, "", "", "DescribePolicy")
	} else if f.differs(p.Type, p.Content, content, "the content of policy "+have.Name, "") && !f.asFound(p, content) && !(p.Pending != nil && f.waits(p) && f.same(p.Type, p.Pending.Content, content)) {
		x := f.found(PolicyEdited, Error, named(p.Type, have.Name), "")
		x.Stack, x.Origin, x.ID, x.policy = policiesStack, originOf(p), have.ID, key
		x.Expected, x.Found, x.Origin = f.edited(p, content)
		x.trail = trail{calls: []string{"UpdatePolicy"}, values: []string{have.ID}}
	}
	if have.Name != p.Name {
		x := f.found(PolicyEdited, Note, named(p.Type, p.Name), "")
		x.Expected, x.Found, x.Stack, x.Origin, x.ID = p.Name, "named "+have.Name, policiesStack, originOf(p), have.ID
		x.trail = trail{calls: []string{"UpdatePolicy"}, values: []string{have.ID}}
	}
	targets, ok := have.Targets.Get()
	if !ok {
		f.unread("where policy "+have.Name+" is attached", "", "", "ListTargetsForPolicy")
		return
	}
	want := f.targets(p)
	f.checked(len(want))
	for _, ref := range want {
		if !attached(have, f.ids[ref]) {
			x := f.found(PolicyDetached, Error, named(p.Type, have.Name), ref)
			x.Expected, x.Found, x.Stack, x.Origin, x.ID, x.policy = "attached", "not attached", policiesStack, originOf(p), have.ID, key
			x.trail = trail{calls: []string{"DetachPolicy"}, values: []string{have.ID, f.ids[ref]}}
		}
	}
	for _, t := range targets {
		if ref := f.refs[t.ID]; !slices.Contains(want, ref) {
			x := f.found(PolicyAttached, Warning, named(p.Type, have.Name), orID(ref, t.ID))
			x.Expected, x.Found, x.Origin, x.ID, x.policy = "not attached", "attached", originOf(p), have.ID, key
			x.Hint = "detach it there, or let the file ask for its guardrails there"
			x.trail = trail{calls: []string{"AttachPolicy"}, values: []string{have.ID, t.ID}}
		}
	}
}

// edited says which statements differ, and which line asked for the first.
func (f *finder) edited(p *guardrails.Policy, content string) (expected, found, origin string) {
	origin = originOf(p)
	doc, ok := understood(p.Type, content)
	if !ok {
		return plural(len(p.Statements), "statement"), "a document that cannot be understood", origin
	}
	text, _ := f.filled(p.Content)
	want, ok := understood(p.Type, text)
	if !ok {
		return "", "", origin
	}
	has := func(list []part, x part) bool {
		return slices.ContainsFunc(list, func(y part) bool { return y == x })
	}
	label := func(x part, i int) string {
		if x.sid != "" {
			return x.sid
		}
		return fmt.Sprintf("statement %d", i+1)
	}
	var gone, new []string
	for i, x := range want.parts {
		if !has(doc.parts, x) {
			if len(gone) == 0 && i < len(p.Statements) {
				origin = p.Statements[i].Origin
			}
			gone = append(gone, label(x, i))
		}
	}
	for i, x := range doc.parts {
		if !has(want.parts, x) {
			new = append(new, label(x, i))
		}
	}
	expected, found = strings.Join(gone, ", "), strings.Join(new, ", ")
	switch {
	case expected == "" && found == "":
		return "the statements in their order", "the same statements in another", origin
	case expected == "":
		return "no more statements", "also " + found, origin
	case found == "":
		return expected, "without " + expected, origin
	case expected == found:
		return expected + " as it is in the file", "other words in " + found, origin
	}
	return expected, found + " in its place", origin
}

// stranger is a policy that the plan does not have.
func (f *finder) stranger(typ string, p *live.Policy) {
	if slices.ContainsFunc(f.plan.Elsewhere, func(w guardrails.ForeignPolicy) bool { return w.Type == typ && w.Name == p.Name }) {
		return
	}
	targets, ok := p.Targets.Get()
	if !ok {
		f.unread("where policy "+p.Name+" is attached", "", "", "ListTargetsForPolicy")
		return
	}
	kind, severity := PolicyForeign, Warning
	if strings.HasPrefix(p.Name, ours) && !p.AWSManaged {
		kind = PolicyLeft
	}
	if kind == PolicyLeft && len(targets) == 0 {
		x := f.found(kind, Note, named(typ, p.Name), "")
		x.Found, x.ID, x.Hint = "there, attached to nothing", p.ID, "delete it"
	}
	for _, t := range targets {
		ref := f.refs[t.ID]
		if ref != "" && f.isStranger(t.ID) && kind == PolicyForeign {
			continue // what nobody knows has what nobody knows
		}
		x := f.found(kind, severity, named(typ, p.Name), orID(ref, t.ID))
		x.Found, x.ID, x.policy = "attached"+f.slots(typ, t.ID), p.ID, typ+" "+p.Name
		x.Hint = "detach it, or name it under managedElsewhere"
		if kind == PolicyLeft {
			x.Hint = "a deployment takes it away where its state has it; detach it otherwise"
		}
		x.trail = trail{calls: []string{"AttachPolicy"}, values: []string{p.ID, t.ID}}
	}
}

// slots says how many policies of a type a node has of how many there may be.
func (f *finder) slots(typ, target string) string {
	q := f.quotas
	most := map[string]int{
		serviceControl: q.SCPPerTarget, resourceControl: q.RCPPerTarget, "DECLARATIVE_POLICY_EC2": q.EC2PolicyPerTarget,
		"AISERVICES_OPT_OUT_POLICY": q.AIPolicyPerTarget, "TAG_POLICY": q.TagPolicyPerTarget, "BACKUP_POLICY": q.BackupPolicyPerTarget,
	}[typ]
	n := 0
	for _, p := range f.match.policies[typ] {
		if attached(p, target) {
			n++
		}
	}
	if most == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of %d slots are in use", n, most)
}

// foreign looks for the policies that the file leaves to others.
func (f *finder) foreign() {
	for _, w := range f.plan.Elsewhere {
		list, read := f.match.policies[w.Type]
		if !read {
			f.unread("the policies of type "+w.Type, "", "", "ListPolicies")
			continue
		}
		f.checked(1)
		have := list[w.Name]
		if have == nil {
			x := f.found(ForeignGone, Warning, named(w.Type, w.Name), "")
			x.Expected, x.Origin, x.policy = "there", w.Origin, w.Type+" "+w.Name
			x.Hint = "take it out of managedElsewhere"
			continue
		}
		targets, ok := have.Targets.Get()
		if !ok {
			f.unread("where policy "+w.Name+" is attached", "", "", "ListTargetsForPolicy")
			continue
		}
		for _, ref := range w.Targets {
			if id := f.ids[ref]; id != "" && !attached(have, id) {
				x := f.found(ForeignGone, Warning, named(w.Type, w.Name), ref)
				x.Expected, x.Found, x.Origin, x.ID, x.policy = "attached", "not attached", w.Origin, have.ID, w.Type+" "+w.Name
				x.Hint = "change managedElsewhere, or ask those who manage it"
				x.trail = trail{calls: []string{"DetachPolicy"}, values: []string{have.ID, id}}
			}
		}
		for _, t := range targets {
			if ref := f.refs[t.ID]; !slices.Contains(w.Targets, ref) && !f.isStranger(t.ID) {
				x := f.found(PolicyForeign, Warning, named(w.Type, w.Name), orID(ref, t.ID))
				x.Found, x.Origin, x.ID, x.policy = "attached"+f.slots(w.Type, t.ID), w.Origin, have.ID, w.Type+" "+w.Name
				x.Hint = "name the place in managedElsewhere, too"
				x.trail = trail{calls: []string{"AttachPolicy"}, values: []string{have.ID, t.ID}}
			}
		}
		if content, ok := have.Content.Get(); w.Content != "" && ok && f.differs(w.Type, w.Content, content, "the content of policy "+w.Name, "") {
			x := f.found(PolicyForeign, Warning, named(w.Type, w.Name), "")
			x.Expected, x.Found, x.Origin, x.ID, x.policy = "the content that the file gives", "another content", w.Origin, have.ID, w.Type+" "+w.Name
			x.Hint = "put its content into the file again, so that what is proved is true"
			x.trail = trail{calls: []string{"UpdatePolicy"}, values: []string{have.ID}}
		}
	}
}

func (f *finder) fullAccess() {
	missing, read := f.withoutFullAccess()
	if !read {
		f.unread("where FullAWSAccess is attached", "", "", "ListTargetsForPolicy")
		return
	}
	f.checked(1)
	for _, ref := range missing {
		if !slices.Contains(f.plan.NoFullAccess, ref) && !f.isStranger(f.ids[ref]) {
			x := f.found(FullAccessMissing, Error, named(serviceControl, "FullAWSAccess"), ref)
			x.Expected, x.Found, x.ID, x.Hint = "attached", "not attached", fullAccess, "attach it: no deployment does, and without it nobody may do anything there"
			x.trail = trail{calls: []string{"DetachPolicy"}, values: []string{fullAccess, f.ids[ref]}}
		}
	}
	for _, ref := range f.plan.NoFullAccess {
		if f.ids[ref] != "" && !slices.Contains(missing, ref) {
			x := f.found(FullAccessBack, Error, named(serviceControl, "FullAWSAccess"), ref)
			x.Expected, x.Found, x.ID = "not attached: an allow list takes its place", "attached", fullAccess
			x.Hint = "detach it: a deployment does not take it away a second time"
			for _, a := range f.plan.Attachments {
				for _, p := range f.plan.Policies {
					if a.Target == ref && a.Policy == p.Name && a.Type == p.Type && x.Origin == "" {
						for _, s := range p.Statements {
							if s.Guardrail == guardrails.AllowList {
								x.Origin = s.Origin
							}
						}
					}
				}
			}
			x.trail = trail{calls: []string{"AttachPolicy"}, values: []string{fullAccess, f.ids[ref]}}
		}
	}
}

func orID(ref, id string) string {
	if ref == "" {
		return id
	}
	return ref
}

// originOf is the line that asked for the first statement of a policy.
func originOf(p *guardrails.Policy) string {
	if len(p.Statements) == 0 {
		return ""
	}
	return p.Statements[0].Origin
}

// named is what people call a policy.
func named(typ, name string) string {
	short := map[string]string{
		serviceControl: "SCP", resourceControl: "RCP", "DECLARATIVE_POLICY_EC2": "declarative EC2 policy",
		"AISERVICES_OPT_OUT_POLICY": "AI services opt-out policy", "TAG_POLICY": "tag policy", "BACKUP_POLICY": "backup policy",
	}[typ]
	if short == "" {
		short = typ
	}
	return short + " " + name
}
