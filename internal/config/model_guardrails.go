package config

import "github.com/orgrails/orgrails/guardrails/awsdata"

// Guardrail asks for guardrails: the name of a set or a template, a template with parameters, or a policy document of your own.
type Guardrail struct {
	at
	// Name of a set or a template, where the whole is a string.
	Ref string `json:"-"`
	// Id of a template.
	Template string `json:"template,omitempty" jsonschema:"minLength=1"`
	// Parameters of the template.
	Parameters map[string]any `json:"parameters,omitempty"`
	// A policy document of your own.
	File FilePath `json:"file,omitempty"`
	// Policy type of your own document.
	Type PolicyType `json:"type,omitempty"`
	// Name in AWS of the policy that the guardrail is put into, alone or with others that name the same; orgrails puts it where it fits when none is given.
	Policy string `json:"policy,omitempty" jsonschema:"minLength=1,maxLength=128"`
	// The word never keeps the guardrail where it is asked for, also when all units and accounts beside ask for it too.
	Hoist Hoisting `json:"hoist,omitempty"`
	// Whether wildcards may stand for actions where that saves a document: exact, for those that match the wanted actions of today and no other, or never. The template says, when it is not given.
	Compact Compacting `json:"compact,omitempty"`
}

// Hoisting is never.
type Hoisting string

// Values lists the one word.
func (Hoisting) Values() []string { return []string{"never"} }

// Compacting is exact or never.
type Compacting string

// Values lists the words.
func (Compacting) Values() []string { return []string{"exact", "never"} }

// A PolicyType is a type of Organizations policy, as the API spells it.
type PolicyType string

// Values lists the types that a document of the user's own may have.
func (PolicyType) Values() []string {
	return []string{
		"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY",
		"DECLARATIVE_POLICY_EC2", "AISERVICES_OPT_OUT_POLICY", "TAG_POLICY", "BACKUP_POLICY",
	}
}

// Exception spares principals, accounts or actions from one guardrail. Principals and accounts together mean these principals in these accounts; alternatives are separate exceptions.
type Exception struct {
	at
	// Id of the template that the exception is from.
	Guardrail string `json:"guardrail" jsonschema:"minLength=1"`
	// Principals that are spared.
	Principals []PrincipalPattern `json:"principals,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Keys of the accounts that are spared; in resource control policies also ids of accounts outside the organization.
	Accounts []Line `json:"accounts,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Actions that are spared; all that the guardrail denies when none are given.
	Actions []Action `json:"actions,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Why it is there.
	Reason string `json:"reason" jsonschema:"minLength=1,maxLength=500"`
	// Who answers for it: a team or a person.
	Owner string `json:"owner" jsonschema:"minLength=1,maxLength=128"`
	// Where it was decided.
	Ticket string `json:"ticket,omitempty" jsonschema:"minLength=1,maxLength=128"`
	// Last day, or the time at which it ends. An expired exception is left out of the plan.
	Expires Date `json:"expires,omitempty"`
	// Where the end is kept: by deploy, with the first deployment after it, or inPolicy, in the policy itself, so that the exception ends though nobody deploys. deploy when none is given.
	EnforceExpiry ExpiryEnforcement `json:"enforceExpiry,omitempty"`
}

// An ExpiryEnforcement is deploy or inPolicy.
type ExpiryEnforcement string

// Values lists the words.
func (ExpiryEnforcement) Values() []string { return []string{"deploy", "inPolicy"} }

// RequiredRequest is a request that must work whatever guardrails there are, beside those that orgrails asks of every plan.
type RequiredRequest struct {
	at
	// What no longer works when it is refused.
	Loses string `json:"loses" jsonschema:"minLength=1,maxLength=200"`
	// must refuses the plan, should warns of it; must when none is given.
	Level RequiredLevel `json:"level,omitempty"`
	// Who asks: role/[path/]name, user/[path/]name, root, or an AWS service such as backup.amazonaws.com.
	As string `json:"as" jsonschema:"minLength=1"`
	// Where it is asked: in every member account below these.
	In []Selector `json:"in" jsonschema:"minItems=1,uniqueItems=true"`
	// The action that is asked for, such as s3:GetObject.
	Action Action `json:"action"`
	// ARN of the resource; * when none is given. {account} stands for the account's id.
	Resource string `json:"resource,omitempty" jsonschema:"minLength=1"`
	// Condition keys of the request: a string or a list of strings each. What is not given is not known.
	With map[string]any `json:"with,omitempty"`
	// Why it must work: an incident, a ticket, a page.
	Source string `json:"source,omitempty" jsonschema:"minLength=1,maxLength=500"`
}

// A RequiredLevel is must or should.
type RequiredLevel string

// Values lists the levels.
func (RequiredLevel) Values() []string { return []string{"must", "should"} }

// ManagedElsewhere is what others have in the organization, and orgrails counts and never touches.
type ManagedElsewhere struct {
	at
	// Who sets accounts up beside orgrails: what their roles do there must keep working. Whose policies are named below is known already.
	By []Governor `json:"by,omitempty" jsonschema:"minItems=1,uniqueItems=true"`
	// Policies of AWS Organizations, by their names in AWS.
	Policies map[string]ForeignPolicy `json:"policies,omitempty"`
}

// A Governor is a service or a solution of AWS that governs accounts.
type Governor string

// Values lists them.
func (Governor) Values() (keys []string) {
	for _, g := range awsdata.Governors.Value {
		keys = append(keys, g.Key)
	}
	return keys
}

// ForeignPolicy is a policy of AWS Organizations that others manage. It takes up a slot at each of its targets.
type ForeignPolicy struct {
	at
	// Policy type.
	Type PolicyType `json:"type"`
	// Units and accounts that it is attached to.
	Targets []Selector `json:"targets" jsonschema:"minItems=1,uniqueItems=true"`
	// Its content, so that what it denies counts in proofs and tests.
	File FilePath `json:"file,omitempty"`
}

// FoundPolicy is what a policy keeps that was in AWS before this file.
type FoundPolicy struct {
	at
	// The document that AWS has. It stays, as it is spelled, while it means what this file asks for; then orgrails writes its own.
	File FilePath `json:"file,omitempty"`
	// The description that AWS has. It stays.
	Description *string `json:"description,omitempty" jsonschema:"maxLength=512"`
}

// Test asks whether the guardrails stand in the way of a request.
type Test struct {
	at
	// What must hold, in a few words.
	Name string `json:"name" jsonschema:"minLength=1,maxLength=200"`
	// Who asks: role/[path/]name, user/[path/]name, or root.
	As string `json:"as" jsonschema:"minLength=1"`
	// Where it is asked: a unit, an account, or root; in every member account below.
	In Selector `json:"in"`
	// The action that is asked for, such as s3:GetObject.
	Action Action `json:"action"`
	// ARN of the resource; * when none is given.
	Resource string `json:"resource,omitempty" jsonschema:"minLength=1"`
	// Condition keys of the request: a string or a list of strings each.
	With map[string]any `json:"with,omitempty"`
	// What must come out: allow or deny.
	Expect Expectation `json:"expect"`
	// The template that must be the one that denies, or allowList for an allow list that lacks the action.
	By string `json:"by,omitempty" jsonschema:"minLength=1"`
}

// An Expectation is allow or deny.
type Expectation string

// Values lists the expectations.
func (Expectation) Values() []string { return []string{"allow", "deny"} }
