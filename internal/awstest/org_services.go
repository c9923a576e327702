package awstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Trusted access and delegated administrators are kept here altogether: moto
// knows neither iam.amazonaws.com nor most delegable services, and registers
// administrators without trusted access.

var servicePrincipal = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.amazonaws\.com$`)

func unknownPrincipal(service string) *problem {
	if len(service) <= 128 && servicePrincipal.MatchString(service) {
		return nil
	}
	return refuse("InvalidInputException", "You specified an unrecognized service principal.").with("Reason", "UNRECOGNIZED_SERVICE_PRINCIPAL")
}

func enableServiceAccess(e *Emulator, o *organization, q *request) (*answer, *problem) {
	service := q.string("ServicePrincipal")
	if p := unknownPrincipal(service); p != nil {
		return nil, p
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, enabled := o.services[service]; !enabled {
		o.services[service] = time.Now()
	}
	return ok(q, map[string]any{}), nil
}

func disableServiceAccess(e *Emulator, o *organization, q *request) (*answer, *problem) {
	service := q.string("ServicePrincipal")
	if p := unknownPrincipal(service); p != nil {
		return nil, p
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.services, service)
	if service == iamService {
		o.features = nil
	}
	return ok(q, map[string]any{}), nil
}

func listServiceAccess(e *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := []any{}
	for _, s := range slices.Sorted(maps.Keys(o.services)) {
		list = append(list, map[string]any{"ServicePrincipal": s, "DateEnabled": seconds(o.services[s])})
	}
	return ok(q, map[string]any{"EnabledServicePrincipals": list}), nil
}

// administratorsAtMost: most services allow several.
var administratorsAtMost = map[string]int{analyzerService: 1}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html
func registerDelegatedAdministrator(e *Emulator, o *organization, q *request) (*answer, *problem) {
	account, service := q.string("AccountId"), q.string("ServicePrincipal")
	if p := unknownPrincipal(service); p != nil {
		return nil, p
	}
	if account == o.management {
		return nil, refuse("ConstraintViolationException", "You cannot register the management account as a delegated administrator.").
			with("Reason", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
	}
	if _, p := e.moto(o.management, "DescribeAccount", map[string]any{"AccountId": account}); p != nil {
		return nil, refuse("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, enabled := o.services[service]; !enabled {
		return nil, refuse("ConstraintViolationException", "You must enable service access before you register a delegated administrator. Call the EnableAWSServiceAccess API first.").
			with("Reason", "SERVICE_ACCESS_NOT_ENABLED")
	}
	if _, already := o.administrators[account][service]; already {
		return nil, refuse("AccountAlreadyRegisteredException", "The provided account is already a delegated administrator for your organization.")
	}
	if most := administratorsAtMost[service]; most > 0 && len(o.administratorsOf(service)) >= most {
		return nil, refuse("ConstraintViolationException", "You have reached the maximum number of delegated administrators for the service.").
			with("Reason", "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED")
	}
	if o.administrators[account] == nil {
		o.administrators[account] = map[string]time.Time{}
	}
	o.administrators[account][service] = time.Now()
	return ok(q, map[string]any{}), nil
}

func deregisterDelegatedAdministrator(e *Emulator, o *organization, q *request) (*answer, *problem) {
	account, service := q.string("AccountId"), q.string("ServicePrincipal")
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, registered := o.administrators[account][service]; !registered {
		return nil, refuse("AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
	}
	delete(o.administrators[account], service)
	if len(o.administrators[account]) == 0 {
		delete(o.administrators, account)
	}
	return ok(q, map[string]any{}), nil
}

// administratorsOf are the accounts registered for a service, or for any if
// service is "". The caller holds o.mu.
func (o *organization) administratorsOf(service string) []string {
	var out []string
	for account, services := range o.administrators {
		if _, is := services[service]; is || service == "" {
			out = append(out, account)
		}
	}
	slices.Sort(out)
	return out
}

// administers says whether an account speaks for the organization in a
// service: it is the management account, or registered for it.
func (o *organization) administers(account, service string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, registered := o.administrators[account][service]
	return registered || account == o.management
}

func listDelegatedAdministrators(e *Emulator, o *organization, q *request) (*answer, *problem) {
	service := q.string("ServicePrincipal")
	o.mu.Lock()
	accounts := o.administratorsOf(service)
	since := map[string]time.Time{}
	for _, a := range accounts {
		for _, t := range o.administrators[a] {
			if since[a].IsZero() || t.Before(since[a]) {
				since[a] = t
			}
		}
	}
	o.mu.Unlock()
	list := []any{}
	for _, a := range accounts {
		out, p := e.moto(o.management, "DescribeAccount", map[string]any{"AccountId": a})
		if p != nil {
			continue
		}
		account, _ := out["Account"].(map[string]any)
		account["DelegationEnabledDate"] = seconds(since[a])
		list = append(list, account)
	}
	return ok(q, map[string]any{"DelegatedAdministrators": list}), nil
}

func listDelegatedServices(e *Emulator, o *organization, q *request) (*answer, *problem) {
	account := q.string("AccountId")
	o.mu.Lock()
	defer o.mu.Unlock()
	services := o.administrators[account]
	if len(services) == 0 {
		return nil, refuse("AccountNotRegisteredException", "The provided account is not a registered delegated administrator for your organization.")
	}
	list := []any{}
	for _, s := range slices.Sorted(maps.Keys(services)) {
		list = append(list, map[string]any{"ServicePrincipal": s, "DelegationEnabledDate": seconds(services[s])})
	}
	return ok(q, map[string]any{"DelegatedServices": list}), nil
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_PutResourcePolicy.html
func putResourcePolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	content := q.string("Content")
	if utf8.RuneCountInString(content) > 40000 {
		return nil, refuse("ConstraintViolationException", "You have exceeded the maximum size of a resource policy.").with("Reason", "RESOURCE_POLICY_CONTENT_LIMIT_EXCEEDED")
	}
	var doc struct{ Statement any }
	if json.Unmarshal([]byte(content), &doc) != nil || doc.Statement == nil {
		return nil, refuse("InvalidInputException", "The provided resource policy is not valid.").with("Reason", "INVALID_RESOURCE_POLICY_JSON")
	}
	id := "rp-" + strings.TrimPrefix(o.id, "o-")
	o.mu.Lock()
	defer o.mu.Unlock()
	o.resourcePolicy = map[string]any{
		"ResourcePolicySummary": map[string]any{"Id": id, "Arn": o.arn("resourcepolicy/" + o.id + "/" + id)},
		"Content":               content,
	}
	return ok(q, map[string]any{"ResourcePolicy": o.resourcePolicy}), nil
}

func describeResourcePolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.resourcePolicy == nil {
		return nil, noResourcePolicy()
	}
	return ok(q, map[string]any{"ResourcePolicy": o.resourcePolicy}), nil
}

func deleteResourcePolicy(e *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.resourcePolicy == nil {
		return nil, noResourcePolicy()
	}
	o.resourcePolicy = nil
	return ok(q, map[string]any{}), nil
}

func noResourcePolicy() *problem {
	return refuse("ResourcePolicyNotFoundException", "We can't find a resource policy in your organization.").as(http.StatusBadRequest)
}

// delegates says whether the organization's resource policy lets an account
// do something. It reads principals and actions and not conditions or
// resources: enough for a delegated policy administrator. The caller holds o.mu.
func (o *organization) delegates(account, action string) bool {
	if o.resourcePolicy == nil {
		return false
	}
	var doc struct{ Statement json.RawMessage }
	json.Unmarshal([]byte(text(o.resourcePolicy, "Content")), &doc)
	type statement struct {
		Effect    string
		Principal struct{ AWS any }
		Action    any
	}
	var list []statement
	if json.Unmarshal(doc.Statement, &list) != nil {
		var one statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return false
		}
		list = []statement{one}
	}
	allowed := false
	for _, s := range list {
		names := func(p string) bool { return p == account || strings.HasPrefix(p, "arn:aws:iam::"+account+":") }
		if !slices.ContainsFunc(values(s.Principal.AWS), names) ||
			!slices.ContainsFunc(values(s.Action), func(a string) bool { return wildcard(strings.ToLower(a), strings.ToLower(action)) }) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// wildcard matches IAM's * and ?.
func wildcard(pattern, s string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			for i := 0; i <= len(s); i++ {
				if wildcard(pattern[1:], s[i:]) {
					return true
				}
			}
			return false
		case '?':
			if s == "" {
				return false
			}
		default:
			if s == "" || s[0] != pattern[0] {
				return false
			}
		}
		pattern, s = pattern[1:], s[1:]
	}
	return s == ""
}
