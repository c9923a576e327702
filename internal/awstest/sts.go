package awstest

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var (
	roleARN  = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:.*/)?([^/]+)$`)
	keyInXML = regexp.MustCompile(`<AccessKeyId>([^<]+)</AccessKeyId>`)
)

// stsCall refuses to assume a role that is not there or does not trust the
// caller, and learns which account the keys belong to that moto gives out.
func (e *Emulator) stsCall(q *request) *answer {
	switch q.operation {
	case "AssumeRole":
		if p := e.mayAssume(q); p != nil {
			return p.answer(q)
		}
	case "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity":
	default:
		return e.forward(q)
	}
	a := e.forward(q)
	role, key := roleARN.FindStringSubmatch(q.string("RoleArn")), keyInXML.FindSubmatch(a.body)
	if a.status == http.StatusOK && role != nil && key != nil {
		e.keys.learn(string(key[1]), role[2])
	}
	return a
}

// mayAssume reads of the trust policy who is trusted and the external id.
// Other conditions are taken as met: the proxy does not know the caller's MFA
// or tags.
func (e *Emulator) mayAssume(q *request) *problem {
	denied := refuse("AccessDenied", "User: arn:aws:iam::%s:root is not authorized to perform: sts:AssumeRole on resource: %s", q.account, q.string("RoleArn")).as(http.StatusForbidden)
	m := roleARN.FindStringSubmatch(q.string("RoleArn"))
	if m == nil {
		return refuse("ValidationError", "%s is invalid", q.string("RoleArn"))
	}
	if e.organizationOf(q.account) == nil {
		return nil // nobody has created accounts yet: a test of moto itself
	}
	trust, found := e.trustPolicy(m[2], m[3])
	if !found {
		return denied
	}
	for _, s := range trust {
		if s.Effect == "Allow" && s.trusts(q.account) && s.externalIDs(q.string("ExternalId")) {
			return nil
		}
	}
	return denied
}

func (s trustStatement) trusts(account string) bool {
	if s.Principal == "*" {
		return true
	}
	principal, _ := s.Principal.(map[string]any)
	return slices.ContainsFunc(values(principal["AWS"]), func(p string) bool {
		return p == "*" || p == account || strings.HasPrefix(p, "arn:aws:iam::"+account+":") || strings.HasPrefix(p, "arn:aws:sts::"+account+":")
	})
}

func (s trustStatement) externalIDs(id string) bool {
	for operator, keys := range s.Condition {
		if !strings.HasPrefix(operator, "StringEquals") {
			continue
		}
		for key, want := range keys {
			if strings.EqualFold(key, "sts:ExternalId") && !slices.Contains(values(want), id) {
				return false
			}
		}
	}
	return true
}
