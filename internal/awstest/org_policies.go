package awstest

import (
	"net/http"
	"slices"
)

const (
	serviceControlPolicy  = "SERVICE_CONTROL_POLICY"
	resourceControlPolicy = "RESOURCE_CONTROL_POLICY"

	fullAWSAccess    = "p-FullAWSAccess"
	rcpFullAWSAccess = "p-RCPFullAWSAccess"
)

// policyTypes are those that moto knows, with the two that moto_launcher.py adds.
var policyTypes = []string{
	serviceControlPolicy, resourceControlPolicy,
	"TAG_POLICY", "AISERVICES_OPT_OUT_POLICY", "BACKUP_POLICY", "DECLARATIVE_POLICY_EC2",
}

// enabledTypes are the policy types that are enabled in the root.
func (e *Emulator) enabledTypes(o *organization) (rootID string, types []string, p *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rootID != "" {
		return o.rootID, o.enabled, nil
	}
	roots, p := e.motoList(o.management, "ListRoots", "Roots", nil)
	if p != nil || len(roots) == 0 {
		return "", nil, p
	}
	enabled, _ := roots[0]["PolicyTypes"].([]any)
	for _, t := range enabled {
		if m, ok := t.(map[string]any); ok && text(m, "Status") == "ENABLED" {
			types = append(types, text(m, "Type"))
		}
	}
	o.rootID, o.enabled = text(roots[0], "Id"), types
	return o.rootID, types, nil
}

// forgetTypes makes the next question about enabled types go to moto.
func (o *organization) forgetTypes() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rootID, o.enabled = "", nil
}

// policyType never changes, and so is asked for once.
func (e *Emulator) policyType(o *organization, id string) (string, *problem) {
	o.mu.Lock()
	t, known := o.types[id]
	o.mu.Unlock()
	if known {
		return t, nil
	}
	policy, p := e.policySummary(o, id)
	if p != nil {
		return "", p
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.types[id] = text(policy, "Type")
	return o.types[id], nil
}

// enablePolicyType attaches the AWS managed policy everywhere, as AWS does:
// after a disable and enable, moto would leave the nodes without one.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_enable-disable.html
func enablePolicyType(e *Emulator, o *organization, q *request) (*answer, *problem) {
	a := e.forward(q)
	o.forgetTypes()
	managed := map[string]string{serviceControlPolicy: fullAWSAccess, resourceControlPolicy: rcpFullAWSAccess}[q.string("PolicyType")]
	if a.status != http.StatusOK || managed == "" {
		return a, nil
	}
	root, _, p := e.enabledTypes(o)
	if p != nil {
		return nil, p
	}
	for nodes := []string{root}; len(nodes) > 0; nodes = nodes[1:] {
		e.moto(o.management, "AttachPolicy", map[string]any{"PolicyId": managed, "TargetId": nodes[0]})
		for _, kind := range []string{"ACCOUNT", "ORGANIZATIONAL_UNIT"} {
			if isAccount(nodes[0]) {
				continue
			}
			children, _ := e.motoList(o.management, "ListChildren", "Children", map[string]any{"ParentId": nodes[0], "ChildType": kind})
			nodes = append(nodes, texts(children, "Id")...)
		}
	}
	return a, nil
}

// disablePolicyType detaches all policies of the type; AWS does not remember
// what was attached where.
func disablePolicyType(e *Emulator, o *organization, q *request) (*answer, *problem) {
	a := e.forward(q)
	o.forgetTypes()
	if a.status != http.StatusOK {
		return a, nil
	}
	policies, _ := e.motoList(o.management, "ListPolicies", "Policies", map[string]any{"Filter": q.string("PolicyType")})
	for _, id := range texts(policies, "Id") {
		targets, _ := e.motoList(o.management, "ListTargetsForPolicy", "Targets", map[string]any{"PolicyId": id})
		for _, t := range texts(targets, "TargetId") {
			e.moto(o.management, "DetachPolicy", map[string]any{"PolicyId": id, "TargetId": t})
		}
	}
	return a, nil
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
func createPolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	if n := len([]rune(q.string("Name"))); n < 1 || n > 128 {
		return nil, refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "MAX_LENGTH_EXCEEDED")
	}
	if len([]rune(q.string("Description"))) > 512 {
		return nil, refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "MAX_LENGTH_EXCEEDED")
	}
	return nil, e.checkPolicy(q.string("Type"), q.string("Content"))
}

func updatePolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	policy, p := e.policySummary(o, q.string("PolicyId"))
	if p != nil {
		return nil, p
	}
	if managed, _ := policy["AwsManaged"].(bool); managed {
		return nil, refuse("InvalidInputException", "You specified a policy that is managed by AWS and can't be modified.").with("Reason", "IMMUTABLE_POLICY")
	}
	if name := q.string("Name"); name != "" && name != text(policy, "Name") {
		same, p := e.motoList(o.management, "ListPolicies", "Policies", map[string]any{"Filter": text(policy, "Type")})
		if p != nil {
			return nil, p
		}
		if slices.Contains(texts(same, "Name"), name) {
			return nil, refuse("DuplicatePolicyException", "A policy with the same name already exists.")
		}
	}
	if !q.has("Content") {
		return nil, nil
	}
	return nil, e.checkPolicy(text(policy, "Type"), q.string("Content"))
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeletePolicy.html
func deletePolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	policy, p := e.policySummary(o, q.string("PolicyId"))
	if p != nil {
		return nil, p
	}
	if managed, _ := policy["AwsManaged"].(bool); managed {
		return nil, refuse("InvalidInputException", "You specified a policy that is managed by AWS and can't be modified.").with("Reason", "IMMUTABLE_POLICY")
	}
	o.mu.Lock()
	delete(o.types, q.string("PolicyId"))
	o.mu.Unlock()
	return nil, nil // moto raises PolicyInUseException itself
}

func (e *Emulator) policySummary(o *organization, id string) (map[string]any, *problem) {
	out, p := e.moto(o.management, "DescribePolicy", map[string]any{"PolicyId": id})
	if p != nil {
		return nil, refuse("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
	}
	policy, _ := out["Policy"].(map[string]any)
	summary, _ := policy["PolicySummary"].(map[string]any)
	return summary, nil
}

// attached are the ids of the policies of a type that hang directly on a target.
func (e *Emulator) attached(o *organization, target, policyType string) ([]string, *problem) {
	policies, p := e.motoList(o.management, "ListPoliciesForTarget", "Policies", map[string]any{"TargetId": target, "Filter": policyType})
	if p != nil {
		return nil, refuse("TargetNotFoundException", "We can't find a root, OU, account, or policy with the TargetId that you specified.")
	}
	return texts(policies, "Id"), nil
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
func attachPolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	policyType, p := e.policyType(o, q.string("PolicyId"))
	if p != nil {
		return nil, p
	}
	_, enabled, p := e.enabledTypes(o)
	if p != nil {
		return nil, p
	}
	if !slices.Contains(enabled, policyType) {
		return nil, typeNotEnabled()
	}
	attached, p := e.attached(o, q.string("TargetId"), policyType)
	if p != nil {
		return nil, p
	}
	if slices.Contains(attached, q.string("PolicyId")) {
		return nil, refuse("DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target.")
	}
	if n := e.options.Quotas.policiesPerTarget(policyType); len(attached) >= n {
		return nil, refuse("ConstraintViolationException", "You have attached the maximum number of policies of this type to the target: %d.", n).
			with("Reason", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	}
	return nil, nil
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
func detachPolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	policyType, p := e.policyType(o, q.string("PolicyId"))
	if p != nil {
		return nil, p
	}
	attached, p := e.attached(o, q.string("TargetId"), policyType)
	if p != nil {
		return nil, p
	}
	if !slices.Contains(attached, q.string("PolicyId")) {
		return nil, refuse("PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
	}
	if q.string("PolicyId") == rcpFullAWSAccess || policyType == serviceControlPolicy && len(attached) == 1 {
		return nil, refuse("ConstraintViolationException", "You cannot remove the last policy attached to the specified target. You should have at least one attached at any time.").
			with("Reason", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
	}
	return nil, nil
}

func typeNotEnabled() *problem {
	return refuse("PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
}

// listPoliciesForTarget shows nothing of a type that is not enabled; moto
// attaches the AWS managed policies from the start.
func listPoliciesForTarget(e *Emulator, o *organization, q *request) (*answer, *problem) {
	policyType := q.string("Filter")
	if !slices.Contains([]string{serviceControlPolicy, resourceControlPolicy}, policyType) {
		return nil, nil
	}
	_, enabled, p := e.enabledTypes(o)
	if p != nil {
		return nil, p
	}
	if slices.Contains(enabled, policyType) {
		return nil, nil
	}
	if _, p := e.attached(o, q.string("TargetId"), policyType); p != nil {
		return nil, p
	}
	return ok(q, map[string]any{"Policies": []any{}}), nil
}
