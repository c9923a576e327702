package awstest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const iamService = "iam.amazonaws.com"

// An iamRule refuses a call, or returns nil.
type iamRule func(e *Emulator, q *request) *problem

// iamRules are the operations in which the proxy refuses what moto takes.
var iamRules = map[string][]iamRule{
	"CreateRole":                  {checkRoleName, checkSession, checkTrust("AssumeRolePolicyDocument"), checkBoundary},
	"UpdateRole":                  {checkSession},
	"UpdateAssumeRolePolicy":      {checkTrust("PolicyDocument")},
	"PutRolePermissionsBoundary":  {checkBoundary},
	"CreateUser":                  {checkBoundary},
	"PutUserPermissionsBoundary":  {checkBoundary},
	"CreatePolicy":                {checkManagedPolicy},
	"CreatePolicyVersion":         {checkManagedPolicy},
	"DeletePolicy":                {checkPolicyUnused},
	"AttachRolePolicy":            {checkAttachments("Role")},
	"AttachGroupPolicy":           {checkAttachments("Group")},
	"DeleteGroup":                 {checkGroupEmpty},
	"UpdateAccountPasswordPolicy": {checkPasswordPolicy},
}

func (e *Emulator) iamCall(q *request) *answer {
	if call := iamFeatureCalls[q.operation]; call != nil {
		return call(e, q)
	}
	for _, rule := range iamRules[q.operation] {
		if p := rule(e, q); p != nil {
			return p.answer(q)
		}
	}
	a := e.forward(q)
	if q.operation == "CreateAccessKey" {
		if key := keyInXML.FindSubmatch(a.body); key != nil {
			e.keys.learn(string(key[1]), q.account)
		}
	}
	return a
}

// motoIAM asks moto's IAM something in an account; parameters are pairs.
func (e *Emulator) motoIAM(account, action string, pairs ...string) *answer {
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, e.process.url+"/", strings.NewReader(e.ids.toMotoString(form.Encode())))
	if err != nil {
		return &answer{status: http.StatusInternalServerError, code: "InternalFailure"}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAAWSTESTAWSTEST00/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	return e.roundTrip(r, account)
}

func validation(format string, args ...any) *problem {
	return refuse("ValidationError", "1 validation error detected: "+format, args...)
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
var roleNamePattern = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)

func checkRoleName(e *Emulator, q *request) *problem {
	if !roleNamePattern.MatchString(q.string("RoleName")) {
		return validation(`Value at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+ and have length less than or equal to 64`)
	}
	return nil
}

func checkSession(e *Emulator, q *request) *problem {
	return within(q, "MaxSessionDuration", 3600, 43200)
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
func checkPasswordPolicy(e *Emulator, q *request) *problem {
	for name, limits := range map[string][2]int{
		"MinimumPasswordLength": {6, 128}, "MaxPasswordAge": {1, 1095}, "PasswordReusePrevention": {1, 24},
	} {
		if p := within(q, name, limits[0], limits[1]); p != nil {
			return p
		}
	}
	return nil
}

// within refuses a number out of its range; a missing one is fine.
func within(q *request, name string, least, most int) *problem {
	if !q.has(name) {
		return nil
	}
	member := strings.ToLower(name[:1]) + name[1:]
	n, err := strconv.Atoi(q.string(name))
	switch {
	case err != nil || n < least:
		return validation("Value '%s' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", q.string(name), member, least)
	case n > most:
		return validation("Value '%s' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", q.string(name), member, most)
	}
	return nil
}

// size counts as IAM does: white space is free.
func size(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

func checkManagedPolicy(e *Emulator, q *request) *problem {
	if n := e.options.Quotas.ManagedPolicySize; size(q.string("PolicyDocument")) > n {
		return refuse("LimitExceeded", "Cannot exceed quota for PolicySize: %d", n).as(http.StatusConflict)
	}
	if !json.Valid([]byte(q.string("PolicyDocument"))) {
		return refuse("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	return nil
}

func checkBoundary(e *Emulator, q *request) *problem {
	arn := q.string("PermissionsBoundary")
	if arn == "" {
		return nil
	}
	if a := e.motoIAM(q.account, "GetPolicy", "PolicyArn", arn); a.status != http.StatusOK {
		return refuse("NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", arn).as(http.StatusNotFound)
	}
	return nil
}

var xmlMembers = map[string]*regexp.Regexp{
	"PolicyArn": regexp.MustCompile(`<PolicyArn>([^<]+)</PolicyArn>`),
	"VersionId": regexp.MustCompile(`<VersionId>([^<]+)</VersionId>`),
	"UserName":  regexp.MustCompile(`<UserName>([^<]+)</UserName>`),
	"RoleName":  regexp.MustCompile(`<RoleName>([^<]+)</RoleName>`),
	"GroupName": regexp.MustCompile(`<GroupName>([^<]+)</GroupName>`),
	"Boundary":  regexp.MustCompile(`<PermissionsBoundaryArn>([^<]+)</PermissionsBoundaryArn>`),
}

func members(a *answer, name string) []string {
	var out []string
	for _, m := range xmlMembers[name].FindAllSubmatch(a.body, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// checkPolicyUnused: a policy that is attached, is a permissions boundary, or
// has more than its default version cannot be deleted.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func checkPolicyUnused(e *Emulator, q *request) *problem {
	arn := q.string("PolicyArn")
	inUse := refuse("DeleteConflict", "Cannot delete a policy attached to entities.").as(http.StatusConflict)
	attached := e.motoIAM(q.account, "ListEntitiesForPolicy", "PolicyArn", arn)
	for _, kind := range []string{"UserName", "RoleName", "GroupName"} {
		if len(members(attached, kind)) > 0 {
			return inUse
		}
	}
	// GetAccountAuthorizationDetails says which policies are boundaries.
	if all := e.motoIAM(q.account, "GetAccountAuthorizationDetails", "Filter.member.1", "Role", "Filter.member.2", "User", "MaxItems", "1000"); slices.Contains(members(all, "Boundary"), arn) {
		return inUse
	}
	if versions := e.motoIAM(q.account, "ListPolicyVersions", "PolicyArn", arn); len(members(versions, "VersionId")) > 1 {
		return refuse("DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.").as(http.StatusConflict)
	}
	return nil
}

// checkAttachments: the quota of managed policies. Attaching again is no error.
func checkAttachments(kind string) iamRule {
	return func(e *Emulator, q *request) *problem {
		most := map[string]int{"Role": e.options.Quotas.PoliciesPerRole, "Group": e.options.Quotas.PoliciesPerGroup}[kind]
		arns := members(e.motoIAM(q.account, "ListAttached"+kind+"Policies", kind+"Name", q.string(kind+"Name")), "PolicyArn")
		if len(arns) >= most && !slices.Contains(arns, q.string("PolicyArn")) {
			return refuse("LimitExceeded", "Cannot exceed quota for PoliciesPer%s: %d", kind, most).as(http.StatusConflict)
		}
		return nil
	}
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
func checkGroupEmpty(e *Emulator, q *request) *problem {
	name := q.string("GroupName")
	if len(members(e.motoIAM(q.account, "GetGroup", "GroupName", name), "UserName")) > 0 {
		return refuse("DeleteConflict", "Cannot delete entity, must remove users from group first.").as(http.StatusConflict)
	}
	if len(members(e.motoIAM(q.account, "ListAttachedGroupPolicies", "GroupName", name), "PolicyArn")) > 0 {
		return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.").as(http.StatusConflict)
	}
	return nil
}
