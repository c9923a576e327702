package eval

// lacks says, of each layer, whether it lacks a statement that allows and that
// the request needs. Denials apart, it is the whole of AWS's evaluation logic:
//
//   - SCPs allow at every level; RCPs are allowed everything by
//     RCPFullAWSAccess; an endpoint's policy allows.
//   - Between accounts, for callers without account, for KMS keys and for
//     roles that are assumed the resource's policy allows.
//   - A caller with an account has identity policies that allow, unless it is
//     the root user, or unless a policy of a resource in its own account names
//     it, its role or everyone.
//   - Boundary and session policies allow, if there are any, unless a policy
//     of a resource in the same account names the user or the session itself,
//     or everyone. A role's name there is not enough. The root user and
//     service-linked roles have no boundary.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func (e *evaluation) lacks() (lacks [layerCount]Truth) {
	for _, i := range e.s.levels {
		if layer := e.s.scopes[i].layer; e.applies&(1<<layer) != 0 {
			lacks[layer] = max(lacks[layer], Yes-e.allow[i])
		}
	}
	if e.foreign || e.special {
		lacks[resourceLayer] = Yes - e.allowed(resourceLayer)
	}
	if e.caller.account == "" {
		return lacks // identity providers, services and anonymous callers have no policies of their own
	}
	direct, asRole := e.direct, e.asRole
	if e.foreign {
		direct, asRole = No, No
	}
	if e.caller.kind != rootUser {
		lacks[identityLayer] = Yes - max(direct, asRole, e.allowed(identityLayer))
		if e.applies&(1<<boundaryLayer) != 0 && !e.linked {
			lacks[boundaryLayer] = Yes - max(direct, e.allowed(boundaryLayer))
		}
	}
	if e.applies&(1<<sessionLayer) != 0 {
		lacks[sessionLayer] = Yes - max(direct, e.allowed(sessionLayer))
	}
	return lacks
}

// allowed says whether any statement of a layer of one scope allows.
func (e *evaluation) allowed(layer layerID) Truth {
	if at := e.s.only[layer]; at >= 0 {
		return e.allow[at]
	}
	return No
}

// result fills in the decision, once all statements are counted.
func (e *evaluation) result(res *Result) {
	lacks := e.lacks()
	var blocked uint
	denied, lacking := No, No
	for id := range layerCount {
		denied = max(denied, e.deny[id])
		lacking = max(lacking, lacks[id])
		if e.deny[id] == Yes || lacks[id] == Yes {
			blocked |= 1 << id
		}
	}
	res.BlockedBy = blockers[blocked]
	switch {
	case denied == Yes:
		res.Decision = ExplicitlyDenied
	case denied == Unknown:
		res.Decision = Depends
	case lacking == Yes:
		res.Decision = ImplicitlyDenied
	case lacking == Unknown:
		res.Decision = Depends
	default:
		res.Decision = Allowed
	}
}
