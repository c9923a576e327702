package compile

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// allowLists makes the policies that take the place of FullAWSAccess: at each
// node that has a list, one that allows what is on it, and everything to the
// deploy role and to the roles that have to work when nothing else does. SCPs
// may do so since September 2025.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
func (k *compiler) allowLists(t policyType) {
	spared := append(policy.Values{k.iamARN("*", "role/"+k.o.DeployRole)}, k.breakGlass()...)
	for _, n := range k.all {
		list := n.allowList()
		if list == nil {
			continue
		}
		doc := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
			{Sid: "AllowList", Effect: policy.Allow, Action: policy.Values(sortedUnique(list.Actions)), Resource: policy.Values{"*"}},
			{Sid: "AllowThoseWhoMend", Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"},
				Condition: policy.Conditions{"ArnLike": {"aws:PrincipalArn": policy.Values(sortedUnique(spared))}}},
		}}
		pl := &site{nodes: []*node{n}}
		pol := guardrails.Policy{
			Type: string(t.typ), Name: k.policyName(t.short, "allow:"+k.selectorOf(n), 1), Was: []string{}, Content: guardrails.Text(doc.JSON()),
			Description: k.description(pl, t, []*piece{{instance: &instance{guardrail: "allowed is a list of actions alone"}}}),
		}
		for _, path := range k.formerPathsOf(n) {
			pol.Was = append(pol.Was, k.policyName(t.short, "allow:"+path, 1))
		}
		slices.Sort(pol.Was)
		for _, s := range doc.Statements {
			pol.Statements = append(pol.Statements, guardrails.Statement{Sid: s.Sid, Guardrail: guardrails.AllowList, Origin: k.origin(list.Range), Exceptions: []string{}})
		}
		if pol.Size = pol.Content.Size(k.plan.IDLengths); pol.Size > t.size {
			k.ds.Errorf(list.Range, "GR306", "the allow list of %s takes %d characters, and AWS takes %d", n.selector(), pol.Size, t.size).Hint =
				"name services rather than actions, or use wildcards"
		}
		if k.slots([]*node{n}, t) < 0 {
			k.ds.Errorf(list.Range, "GR307", "%s takes %s of the type %s, and %s there already", n.selector(), policies(t.perTarget), spoken(t.typ), k.othersAt([]*node{n}, t)).Hint =
				"detach one of the others: the allow list is attached before FullAWSAccess is taken away"
		}
		k.widened(n, list, t, doc)
		ref := n.target().Ref()
		k.plan.Policies = append(k.plan.Policies, pol)
		k.plan.Attachments = append(k.plan.Attachments, guardrails.Attachment{Target: ref, Type: pol.Type, Policy: pol.Name})
		k.plan.NoFullAccess = append(k.plan.NoFullAccess, ref)
	}
	slices.Sort(k.plan.NoFullAccess)
}

// allowList is that of a node; nil for FullAWSAccess.
func (n *node) allowList() *org.AllowList {
	if n.account != nil {
		return n.account.AllowList
	}
	return n.unit.AllowList
}

// hasAllowList reports whether a policy of a type that allows stands at the node.
func (n *node) hasAllowList(typ catalog.Type) bool {
	return typ == catalog.ServiceControlPolicy && n.allowList() != nil
}
