package draft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/live"
)

// compare leaves out what a plan has otherwise than AWS: each boundary, role
// and group of the plan has to be in its account as the plan has it.
func (c *central) compare(plan *guardrails.Plan) (again bool) {
	for _, b := range plan.Baselines {
		a := c.accounts[plan.IDs["account:"+b.Account]]
		if a == nil {
			a = &iamOf{}
		}
		for _, m := range b.Boundaries {
			if why := c.differs(a, m, plan.IDs); why != "" {
				for _, x := range c.boundaries {
					if x.name == m.Name {
						again = c.drop(&x.item, why) || again
					}
				}
			}
		}
		for _, r := range b.Roles {
			if why := c.roleDiffers(a, r, plan.IDs); why != "" {
				for _, x := range c.items() {
					if (x.kind == "role" || x.kind == "group" && c.identity.source == "saml") && x.title == r.Name {
						again = c.drop(x, why) || again
					}
				}
			}
		}
		for _, g := range b.Groups {
			why := c.differs(a, g.Policy, plan.IDs)
			if !slices.ContainsFunc(a.groups, func(l live.Group) bool {
				return l.Name == g.Name && l.Path == g.Path && slices.Contains(l.AttachedPolicies, c.arn(a, g.Policy))
			}) {
				why = "it is not there with the policy that orgrails gives it"
			}
			if why == "" {
				continue
			}
			for _, x := range c.groups {
				if x.name == g.Name {
					again = c.drop(&x.item, why) || again
				}
			}
		}
	}
	for _, r := range c.roles {
		if i := slices.IndexFunc(c.boundaries, func(b *boundary) bool { return b.key == r.boundary && b.out }); i >= 0 {
			again = c.drop(&r.item, "its permissions boundary is not in the file") || again
		}
	}
	return c.ungrouped() || again
}

func (c *central) arn(a *iamOf, m guardrails.ManagedPolicy) string {
	return fmt.Sprintf("arn:%s:iam::%s:policy%s%s", c.partition, a.id, m.Path, m.Name)
}

const whyPolicy = "its policy would say something else"

// differs says how a managed policy of a plan is not as it is in AWS. The
// description counts for nothing: AWS cannot change it, and it is left alone.
func (c *central) differs(a *iamOf, m guardrails.ManagedPolicy, ids map[string]string) string {
	p, ok := a.policies[c.arn(a, m)]
	if !ok {
		return "its policy is not there"
	}
	text, err := m.Document.Fill(ids)
	if err != nil {
		return whyPolicy
	}
	planned, bad := policy.Parse(m.Name, []byte(text))
	doc, why := readDocument(p)
	if bad.HasErrors() || why != "" || !sameDocuments(policy.PermissionsBoundary, planned, doc.Document) {
		return whyPolicy
	}
	return ""
}

// roleDiffers says how a role of a plan is not as it is in AWS.
func (c *central) roleDiffers(a *iamOf, r guardrails.Role, ids map[string]string) string {
	i := slices.IndexFunc(a.roles, func(l live.Role) bool { return l.Name == r.Name })
	if i < 0 {
		return "it would be made where it is not"
	}
	l := a.roles[i]
	fill := func(t guardrails.Text) string {
		s, err := t.Fill(ids)
		if err != nil {
			return ""
		}
		return s
	}
	var attached []string
	for _, t := range r.ManagedPolicies {
		attached = append(attached, fill(t))
	}
	for _, m := range r.Policies {
		if why := c.differs(a, m, ids); why != "" {
			return why
		}
		attached = append(attached, c.arn(a, m))
	}
	slices.Sort(attached)
	description, read := l.Description.Get()
	session, too := l.MaxSession.Get()
	switch {
	case !read || !too || r.Description != description || r.MaxSessionDuration != session || r.Path != l.Path || len(l.Tags)+len(l.InlinePolicies) > 0:
		return "what the file can say of it is not what it is"
	case !slices.Equal(attached, l.AttachedPolicies):
		return "it would have other policies"
	case fill(r.Boundary) != l.Boundary:
		return "it would have another permissions boundary"
	case !sameTrust(c.partition, fill(r.Trust), l.Trust):
		return "its trust would say something else"
	}
	return ""
}

// sameTrust reports whether two trust policies have the same statements, but
// for their names and order and the spellings of accounts.
func sameTrust(partition, a, b string) bool {
	x, bad := policy.Parse("", []byte(a))
	y, worse := policy.Parse("", []byte(b))
	return !bad.HasErrors() && !worse.HasErrors() && slices.Equal(trusting(partition, x), trusting(partition, y))
}

func trusting(partition string, doc policy.Document) []string {
	var list []string
	for _, s := range doc.Statements {
		if s.Principal != nil {
			p := *s.Principal
			p.AWS = slices.Clone(p.AWS)
			for i, v := range p.AWS {
				if len(v) == 12 && strings.Trim(v, "0123456789") == "" {
					p.AWS[i] = fmt.Sprintf("arn:%s:iam::%s:root", partition, v)
				}
			}
			for _, v := range []*policy.Values{&p.AWS, &p.Service, &p.Federated, &p.CanonicalUser} {
				*v = slices.Compact(slices.Sorted(slices.Values(*v)))
			}
			s.Principal = &p
		}
		list = append(list, recognize.Canonical(s))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
