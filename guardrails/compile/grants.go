package compile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A grant is one that is in force, with the accounts whose role it leads to.
type grant struct {
	*org.Grant
	group    *org.Group
	role     *role
	accounts []*org.Account
}

// grants resolves the grants in force, and hangs them on their roles. What has
// ended is left out; the reader of the file has warned about it.
func (k *compiler) grants(roles map[string]*role) []*grant {
	if k.o.Identity == nil {
		return nil
	}
	var all []*grant
	for i := range k.o.Identity.Groups {
		g := &k.o.Identity.Groups[i]
		for j := range g.Assume {
			in := &g.Assume[j]
			r := roles[in.Role]
			if r == nil {
				k.ds.Errorf(in.Range, "GR350", "no role has the key %q", in.Role).Hint = diag.DidYouMean(in.Role, sortedKeys(roles))
				continue
			}
			if ended(in.Until, k.asOf) {
				continue
			}
			out := &grant{Grant: in, group: g, role: r}
			for _, a := range k.o.AccountsBelow(in.In, nil) {
				if r.in[a] {
					r.byGrant[a] = append(r.byGrant[a], len(r.grants))
					out.accounts = append(out.accounts, a)
				}
			}
			if len(out.accounts) == 0 {
				k.ds.Errorf(in.Range, "GR350", "the role %s is made in no account that the grant names", in.Role).Hint =
					"name an account or a unit where it is made, or give the role more targets"
				continue
			}
			r.grants = append(r.grants, out)
			all = append(all, out)
		}
	}
	return all
}

// joined are the grants of a role in one account, each group once: of two, the
// one that lasts longer counts.
func joined(r *role, indexes []int) []*grant {
	var out []*grant
	for _, i := range indexes {
		g := r.grants[i]
		at := slices.IndexFunc(out, func(o *grant) bool { return o.group == g.group })
		switch {
		case at < 0:
			out = append(out, g)
		case longer(g.Until, out[at].Until):
			out[at] = g
		}
	}
	slices.SortFunc(out, func(a, b *grant) int { return cmp.Compare(a.group.Key, b.group.Key) })
	return out
}

// longer reports whether a grant until a lasts longer than one until b, where
// no time is for ever.
func longer(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.After(b)) }

// suffixLength is how many characters Identity Center puts behind the name of
// a permission set in the name of a role, after an underscore. Matching just
// as many keeps the roles of a permission set Admin_ReadOnly from passing for
// those of Admin.
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
const suffixLength = 16

// grantTrust is the statement that lets a group assume a role. Groups are no
// principals; so it trusts the identity account, narrowed to what only the
// deploy role or AWS can give.
//   - iam: an IAM user of that account with the group's tag. Sessions of roles
//     and federated users are out: their tags are whoever starts them's to choose.
//   - identity-center: the roles that Identity Center makes for the permission set.
//   - saml: the hub role of the group.
func (k *compiler) grantTrust(r *role, g *grant) policy.Statement {
	id := k.o.Identity
	account := ref(id.Account)
	s := policy.Statement{
		Sid: "Group" + letters(g.group.Key), Effect: policy.Allow, Action: policy.Values{"sts:AssumeRole"},
		Principal: &policy.Principal{AWS: policy.Values{k.iamARN(account, "root")}},
	}
	switch id.Source {
	case "iam":
		s.Condition = policy.Conditions{
			"ArnLike":      {"aws:PrincipalArn": policy.Values{k.iamARN(account, "user/*")}},
			"StringEquals": {"aws:PrincipalTag/" + groupTag + g.group.Key: policy.Values{"member"}},
		}
	case "identity-center":
		name := "AWSReservedSSO_" + g.group.PermissionSet + "_" + strings.Repeat("?", suffixLength)
		const path = "role/aws-reserved/sso.amazonaws.com/"
		s.Condition = policy.Conditions{"ArnLike": {"aws:PrincipalArn": policy.Values{
			k.iamARN(account, path+name), k.iamARN(account, path+"*/"+name), // with the region, where it is not us-east-1
		}}}
	case "saml":
		s.Condition = policy.Conditions{"ArnEquals": {"aws:PrincipalArn": policy.Values{k.iamARN(account, "role/"+g.group.Name)}}}
	default:
		panic("compile: no identity source " + id.Source)
	}
	r.condition(&s, true)
	until(&s, g.Until)
	return s
}

// until ends a statement by itself.
func until(s *policy.Statement, t time.Time) {
	if t.IsZero() {
		return
	}
	if s.Condition == nil {
		s.Condition = policy.Conditions{}
	}
	s.Condition["DateLessThan"] = map[string]policy.Values{"aws:CurrentTime": {t.UTC().Format(time.RFC3339)}}
}

// letters keeps the letters and digits of a key, as Sids have no others.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// groups makes, in the identity account, what leads a group to its roles: an
// IAM group with a policy, or with SAML a hub role with one. Identity Center
// keeps its groups itself.
func (k *compiler) groups(said map[string]bool, grants []*grant) {
	id := k.o.Identity
	if id == nil || id.Source == "identity-center" {
		return
	}
	if id.Source == "iam" && id.Account == k.o.Management && len(grants) > 0 {
		k.ds.Errorf(id.Range, "GR352", "the identity account is the management account, where no SCP keeps users from giving themselves the tag of a group").Hint =
			"name a member account that holds the users, or use identity-center"
		return
	}
	at := k.placed[id.Account]
	var names []named
	for i := range id.Groups {
		g := &id.Groups[i]
		if other, ok := claim(&names, g.Name, g.Range); !ok {
			k.sameName(said, "groups", g.Name, id.Account, g.Range, other.at)
			continue
		}
		p := k.groupPolicy(g, grants)
		if other, ok := claim(&at.managed, p.Name, g.Range); !ok {
			k.sameName(said, "managed policies", p.Name, id.Account, g.Range, other.at)
			continue
		}
		if id.Source == "iam" {
			at.baseline.Groups = append(at.baseline.Groups, guardrails.Group{Name: g.Name, Path: "/", Policy: p, Origin: k.origin(g.Range)})
			continue
		}
		if other, ok := claim(&at.roles, g.Name, g.Range); !ok {
			k.sameName(said, "roles", g.Name, id.Account, g.Range, other.at)
			continue
		}
		doc := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{k.samlTrust(id.SAMLProvider, ref(id.Account))}}
		at.baseline.Roles = append(at.baseline.Roles, guardrails.Role{
			Name: g.Name, Path: "/", Description: ascii("orgrails, the group " + g.Key + " signed in with SAML"), Trust: guardrails.Text(doc.JSON()),
			ManagedPolicies: []guardrails.Text{}, Policies: []guardrails.ManagedPolicy{p}, MaxSessionDuration: 3600, Origin: k.origin(g.Range),
		})
	}
}

// groupPolicy allows a group to assume exactly the roles that it is granted. A
// group without a grant keeps a policy that allows what everybody may do, so
// that it, and its members, stay when its last grant ends.
func (k *compiler) groupPolicy(g *org.Group, grants []*grant) guardrails.ManagedPolicy {
	last := map[string]*grant{} // by ARN
	for _, gr := range grants {
		if gr.group != g {
			continue
		}
		for _, a := range gr.accounts {
			arn := k.iamARN(ref(a), rolePattern(*gr.role.Role))
			if last[arn] == nil || longer(gr.Until, last[arn].Until) {
				last[arn] = gr
			}
		}
	}
	byGrant := map[*grant]policy.Values{}
	for _, arn := range sortedKeys(last) {
		byGrant[last[arn]] = append(byGrant[last[arn]], arn)
	}
	doc := policy.Document{Version: policy.Version2012}
	m := guardrails.ManagedPolicy{Name: groupPolicyName(g), Path: "/", Description: ascii("orgrails, the roles that the group " + g.Key + " may assume"), Statements: []guardrails.Statement{}, Origin: k.origin(g.Range)}
	state := func(s policy.Statement, origin string) {
		doc.Statements = append(doc.Statements, s)
		m.Statements = append(m.Statements, guardrails.Statement{Sid: s.Sid, Origin: origin, Exceptions: []string{}})
	}
	used := map[string]bool{}
	for _, gr := range grants {
		arns := byGrant[gr]
		if len(arns) == 0 {
			continue
		}
		s := policy.Statement{Sid: uniqueSid(used, "Assume"+letters(gr.Role)), Effect: policy.Allow, Action: policy.Values{"sts:AssumeRole"}, Resource: arns}
		until(&s, gr.Until)
		state(s, k.origin(gr.Range))
		if size := guardrails.Text(doc.JSON()).Size(k.plan.IDLengths); size > k.quotas.ManagedPolicySize {
			k.ds.Errorf(gr.Range, "GR353", "the policy of the group %s names %s and is %d characters with this grant, and AWS takes %d", g.Key, plural(len(last), "role"), size, k.quotas.ManagedPolicySize).Hint =
				"grant it in fewer accounts, share the accounts out among several groups, or use identity-center, which needs no list"
			break
		}
	}
	if len(doc.Statements) == 0 {
		state(policy.Statement{Sid: "NoGrantInForce", Effect: policy.Allow, Action: policy.Values{"sts:GetCallerIdentity"}, Resource: policy.Values{"*"}}, m.Origin)
	}
	m.Document = guardrails.Text(doc.JSON())
	m.Size = m.Document.Size(k.plan.IDLengths)
	if limit := k.quotas.ManagedPolicyNameLength; len(m.Name) > limit {
		k.ds.Errorf(g.Range, "GR321", "the group %s would have a policy with a name of %d characters, and AWS takes %d", g.Key, len(m.Name), limit).Hint = "give it a shorter name"
	}
	return m
}

func groupPolicyName(g *org.Group) string { return "orgrails-assume-" + g.Name }

// groupTag begins the tag of a user who is in a group; the group's key follows.
const groupTag = "orgrails:group/"

const protectUserTags = "protect-user-tags"

// userTags keeps everybody but the deploy role from giving anybody in the
// identity account the tags that grants are made of, or taking them away.
func (k *compiler) userTags() {
	id := k.o.Identity
	if id == nil || id.Source != "iam" || id.Account == nil || len(id.Groups) == 0 {
		return
	}
	n := k.byAccount[id.Account]
	if n == nil {
		return // the management account, refused with its grants
	}
	in, ok := k.template(protectUserTags, nil, id.Range, nil, catalog.ServiceControlPolicy)
	if !ok {
		return
	}
	if above, _ := n.find(in); above != nil {
		return // the file asks for it
	}
	p := newPiece(in, id.Range)
	p.template = true
	n.pieces = append(n.pieces, p)
}
