package awstest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// trustStatement is what the proxy reads of a trust policy.
type trustStatement struct {
	Effect    string
	Principal any
	Condition map[string]map[string]any
}

func parseTrust(document string) ([]trustStatement, bool) {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(document), &doc) != nil {
		return nil, false
	}
	var list []trustStatement
	if json.Unmarshal(doc.Statement, &list) == nil {
		return list, true
	}
	var one trustStatement
	if json.Unmarshal(doc.Statement, &one) == nil {
		return []trustStatement{one}, true
	}
	return nil, false
}

var documentInXML = regexp.MustCompile(`(?s)<AssumeRolePolicyDocument>(.*?)</AssumeRolePolicyDocument>`)

// trustPolicy is the trust policy of a role, and whether the role exists.
func (e *Emulator) trustPolicy(account, role string) ([]trustStatement, bool) {
	a := e.motoIAM(account, "GetRole", "RoleName", role)
	m := documentInXML.FindSubmatch(a.body)
	if a.status != http.StatusOK || m == nil {
		return nil, false
	}
	document, err := url.PathUnescape(string(m[1]))
	if err != nil {
		return nil, false
	}
	document = strings.NewReplacer("&quot;", `"`, "&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(document)
	trust, _ := parseTrust(document)
	return trust, true
}

// checkTrust refuses a trust policy that is too long, or that names somebody
// who does not exist: IAM turns ARNs of roles and users into their unique ids
// when it saves the policy, and so looks them up.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func checkTrust(parameter string) iamRule {
	return func(e *Emulator, q *request) *problem {
		document := q.string(parameter)
		if n := e.options.Quotas.TrustPolicySize; size(document) > n {
			return refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", n).as(http.StatusConflict)
		}
		trust, ok := parseTrust(document)
		if !ok {
			return refuse("MalformedPolicyDocument", "This policy contains invalid Json")
		}
		for _, s := range trust {
			principal, _ := s.Principal.(map[string]any)
			for _, arn := range values(principal["AWS"]) {
				if !e.principalExists(q.account, arn) {
					return refuse("MalformedPolicyDocument", `Invalid principal in policy: "AWS":"%s"`, arn)
				}
			}
			for _, arn := range values(principal["Federated"]) {
				if strings.HasPrefix(arn, "arn:") && !e.providerExists(q.account, arn) {
					return refuse("MalformedPolicyDocument", `Federated principals must be valid domain names or SAML metadata ARNs: "Federated":"%s"`, arn)
				}
			}
		}
		return nil
	}
}

var principalARN = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}):(root|user|role|assumed-role|federated-user|group)(?:/(.+))?$`)

// principalExists looks a principal up where the proxy can: in the accounts
// of the caller's organization. Accounts outside of it are believed.
func (e *Emulator) principalExists(caller, principal string) bool {
	if principal == "*" || isAccount(principal) {
		return true
	}
	m := principalARN.FindStringSubmatch(principal)
	if m == nil {
		return false
	}
	account, kind, name := m[2], m[3], m[4][strings.LastIndexByte(m[4], '/')+1:]
	switch kind {
	case "root", "assumed-role", "federated-user":
		return true
	case "group":
		return false
	}
	if account != caller {
		o := e.organizationOf(caller)
		if o == nil || account != o.management && e.organizationOf(account) != o {
			return true
		}
	}
	operation, parameter := "GetRole", "RoleName"
	if kind == "user" {
		operation, parameter = "GetUser", "UserName"
	}
	a := e.motoIAM(account, operation, parameter, name)
	return a.status == http.StatusOK && strings.Contains(string(a.body), "<Arn>"+principal+"</Arn>")
}

// providerExists: identity providers must be in the account of the role.
func (e *Emulator) providerExists(account, arn string) bool {
	if !strings.HasPrefix(arn, "arn:aws:iam::"+account+":") {
		return false
	}
	if strings.Contains(arn, ":saml-provider/") {
		return e.motoIAM(account, "GetSAMLProvider", "SAMLProviderArn", arn).status == http.StatusOK
	}
	return e.motoIAM(account, "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn).status == http.StatusOK
}
