package compile

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// trust puts into the trust policies of the management account's roles what
// resource control policies demand of those who assume roles. They deny there
// as they deny here: a trust policy is the policy of a resource. Of resources
// other than roles the file makes none.
func (c *carry) trust() {
	roles := c.placed[c.o.Management].baseline.Roles
	for _, p := range c.trusts {
		var other []string
		ofRoles := false
		for _, s := range p.statements {
			for _, a := range s.Action {
				if strings.HasPrefix(strings.ToLower(a), "sts:") {
					ofRoles = true
				} else {
					other = append(other, a)
				}
			}
		}
		switch other = sortedUnique(other); {
		case !ofRoles:
			c.not(p, true, "it is about %s, and in the management account nothing of the file could say it", list(other))
			continue
		case len(other) > 0:
			c.not(p, false, "what it demands of those who assume roles is carried, into their trust; what it says of %s is not", list(other))
		}
		for i := range roles {
			c.demand(p, &roles[i])
		}
	}
}

// demand adds the statements of a guardrail to the trust policy of a role.
func (c *carry) demand(p *piece, r *guardrails.Role) {
	doc, ds := policy.Parse("trust policy of "+r.Name, []byte(r.Trust))
	if ds.HasErrors() {
		panic("compile: " + ds[0].Summary)
	}
	used := map[string]bool{}
	for _, s := range doc.Statements {
		used[s.Sid] = true
	}
	arn := c.iamARN(ref(c.o.Management), "role"+r.Path+r.Name)
	before := len(doc.Statements)
	for _, s := range p.statements {
		if s.Effect != policy.Deny || !reaches(s.Statement, arn) {
			continue
		}
		who, actions := trustedFor(doc.Statements[:before], s.Action)
		if len(actions) > 0 {
			doc.Statements = append(doc.Statements, policy.Statement{
				Sid: uniqueSid(used, s.Sid), Effect: policy.Deny, Principal: who, Action: actions, Condition: s.Condition,
			})
		}
	}
	text := guardrails.Text(doc.JSON())
	if size, limit := text.Size(c.plan.IDLengths), c.quotas.TrustPolicySize; size > limit {
		c.not(p, true, "there is no room in the trust policy of the role %s: with it that would be %d characters, and AWS takes %d", r.Name, size, limit)
		return
	}
	r.Trust = text
}

// trustedFor are those whom statements let assume a role by actions that
// patterns match, and these actions. Principals of AWS are all of them, which
// includes those of an account that is trusted as a whole.
func trustedFor(trust []policy.Statement, patterns policy.Values) (*policy.Principal, policy.Values) {
	var who policy.Principal
	var actions []string
	for _, s := range trust {
		if s.Effect != policy.Allow || s.Principal == nil {
			continue
		}
		hit := false
		for _, a := range s.Action {
			if slices.ContainsFunc(patterns, func(p string) bool { return policy.Covers(p, a, true) }) {
				actions, hit = append(actions, a), true
			}
		}
		if !hit {
			continue
		}
		if len(s.Principal.AWS) > 0 {
			who.AWS = policy.Values{"*"}
		}
		who.Service = append(who.Service, s.Principal.Service...)
		who.Federated = append(who.Federated, s.Principal.Federated...)
	}
	if len(actions) == 0 {
		return nil, nil
	}
	for _, list := range []*policy.Values{&who.Service, &who.Federated} {
		if *list != nil {
			*list = sortedUnique(*list)
		}
	}
	return &who, sortedUnique(actions)
}

// reaches reports whether a statement is about a resource.
func reaches(s policy.Statement, arn string) bool {
	covers := func(pattern string) bool { return policy.Covers(pattern, arn, false) }
	if s.NotResource != nil {
		return !slices.ContainsFunc(s.NotResource, covers)
	}
	return slices.ContainsFunc(s.Resource, covers)
}
