package awstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// organizationStore holds the organizations of one emulator, by their management
// account. What moto keeps is asked for each time; what stands here is what
// moto lacks or gets wrong.
type organizationStore struct {
	mu           sync.Mutex
	byManagement map[string]*organization
	memberOf     map[string]string // account to management account
	// unitNames are names of units that moto does not take, because another
	// unit anywhere has them; AWS minds only the siblings. moto keeps the key.
	unitNames map[string]string
}

type organization struct {
	id, management string
	// writing is held by the one Organizations write that may be in flight.
	writing sync.Mutex

	mu             sync.Mutex
	rootID         string            // "" until asked for, like enabled
	enabled        []string          // policy types
	types          map[string]string // of policies, by id
	emails         map[string]bool   // nil until asked for
	services       map[string]time.Time
	administrators map[string]map[string]time.Time // account, service principal
	failed         map[string]map[string]any       // CreateAccountStatus by request id
	features       []string                        // of centralized root access
	resourcePolicy map[string]any
	closed         int                  // accounts, within the last 30 days
	making         map[string]time.Time // when accounts are made, by request id
	handshakes     []*handshake         // in the order of invitation
}

// An organizationCall answers, refuses, or (both nil) leaves it to moto.
type organizationCall func(e *Emulator, o *organization, q *request) (*answer, *problem)

// organizationCalls are the operations in which the proxy has a say.
var organizationCalls = map[string]organizationCall{
	"DeleteOrganization": deleteOrganization,

	"CreateAccount":               createAccount,
	"DescribeCreateAccountStatus": describeCreateAccountStatus,
	"ListCreateAccountStatus":     listCreateAccountStatus,
	"MoveAccount":                 moveAccount,
	"CloseAccount":                closeAccount,

	"InviteAccountToOrganization":   inviteAccount,
	"ListHandshakesForOrganization": listHandshakes,
	"ListHandshakesForAccount":      listHandshakes,
	"DescribeHandshake":             describeHandshake,
	"CancelHandshake":               cancelHandshake,

	"CreateOrganizationalUnit": createOrganizationalUnit,
	"UpdateOrganizationalUnit": updateOrganizationalUnit,
	"DeleteOrganizationalUnit": deleteOrganizationalUnit,

	"EnablePolicyType":      enablePolicyType,
	"DisablePolicyType":     disablePolicyType,
	"CreatePolicy":          createPolicy,
	"UpdatePolicy":          updatePolicy,
	"DeletePolicy":          deletePolicy,
	"AttachPolicy":          attachPolicy,
	"DetachPolicy":          detachPolicy,
	"ListPoliciesForTarget": listPoliciesForTarget,

	"EnableAWSServiceAccess":              enableServiceAccess,
	"DisableAWSServiceAccess":             disableServiceAccess,
	"ListAWSServiceAccessForOrganization": listServiceAccess,
	"RegisterDelegatedAdministrator":      registerDelegatedAdministrator,
	"DeregisterDelegatedAdministrator":    deregisterDelegatedAdministrator,
	"ListDelegatedAdministrators":         listDelegatedAdministrators,
	"ListDelegatedServicesForAccount":     listDelegatedServices,
	"PutResourcePolicy":                   putResourcePolicy,
	"DescribeResourcePolicy":              describeResourcePolicy,
	"DeleteResourcePolicy":                deleteResourcePolicy,
}

func (e *Emulator) organizationsCall(q *request) *answer {
	if q.fate.throttled && q.writes() {
		return tooMany(q)
	}
	if q.fate.conflict && q.writes() {
		return conflict().answer(q)
	}
	o := e.organizationOf(q.account)
	if o == nil {
		if q.operation == "CreateOrganization" {
			return e.createOrganization(q)
		}
		if call := invitedCalls[q.operation]; call != nil {
			return e.invitedCall(q, call)
		}
		return refuse("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.").answer(q)
	}
	if q.operation == "CreateOrganization" {
		return refuse("AlreadyInOrganizationException", "The provided account is already a member of an organization.").answer(q)
	}
	if q.account != o.management {
		if !o.admits(q) {
			return refuse("AccessDeniedException", "You don't have permissions to access this resource.").answer(q)
		}
		if q.operation != "LeaveOrganization" && q.operation != "ListHandshakesForAccount" {
			own := *q
			own.account = o.management
			q = &own
		}
	}
	if q.writes() {
		if !o.writing.TryLock() {
			return conflict().answer(q)
		}
		defer o.writing.Unlock()
		time.Sleep(q.latency)
	}
	var a *answer
	if call := organizationCalls[q.operation]; call != nil {
		var p *problem
		if a, p = call(e, o, q); p != nil {
			return p.answer(q)
		}
	}
	if a == nil {
		a = e.forward(q)
	}
	a.body = e.orgs.realNames(a.body)
	return onePage(q, a)
}

func conflict() *problem {
	return refuse("ConcurrentModificationException", "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later.")
}

// admits says whether a member account may make the call: AWS lets members
// look at the organization they are in, delegated administrators read the
// rest, and the accounts named in the resource policy do what it says.
func (o *organization) admits(q *request) bool {
	switch q.operation {
	case "DescribeOrganization", "LeaveOrganization", "ListHandshakesForAccount", "AcceptHandshake", "DeclineHandshake", "DescribeHandshake":
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !q.writes() && len(o.administrators[q.account]) > 0 {
		return true
	}
	return o.delegates(q.account, "organizations:"+q.operation)
}

// organizationOf is the organization that an account manages or is in, nil
// if there is none.
func (e *Emulator) organizationOf(account string) *organization {
	s := &e.orgs
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.byManagement[account]; o != nil {
		return o
	}
	if m, ok := s.memberOf[account]; ok {
		return s.byManagement[m]
	}
	out, p := e.moto(account, "DescribeOrganization", nil)
	if p != nil {
		return nil
	}
	org, _ := out["Organization"].(map[string]any)
	management := text(org, "MasterAccountId")
	o := s.byManagement[management]
	if o == nil {
		o = &organization{
			id: text(org, "Id"), management: management,
			types: map[string]string{}, services: map[string]time.Time{}, administrators: map[string]map[string]time.Time{}, failed: map[string]map[string]any{}, making: map[string]time.Time{},
		}
		if s.byManagement == nil {
			s.byManagement, s.memberOf = map[string]*organization{}, map[string]string{}
		}
		s.byManagement[management] = o
	}
	if account != management {
		s.memberOf[account] = management
	}
	return o
}

func (e *Emulator) createOrganization(q *request) *answer {
	a := e.forward(q)
	if a.status == http.StatusOK {
		e.organizationOf(q.account)
	}
	return a
}

func deleteOrganization(e *Emulator, o *organization, q *request) (*answer, *problem) {
	a := e.forward(q)
	if a.status == http.StatusOK {
		e.orgs.mu.Lock()
		defer e.orgs.mu.Unlock()
		delete(e.orgs.byManagement, o.management)
		for account, m := range e.orgs.memberOf {
			if m == o.management {
				delete(e.orgs.memberOf, account)
			}
		}
	}
	return a, nil
}

// realNames puts the names of units back that moto could not keep.
func (s *organizationStore) realNames(body []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for fake, real := range s.unitNames {
		from, _ := json.Marshal(fake)
		to, _ := json.Marshal(real)
		body = bytes.ReplaceAll(body, from, to)
	}
	return body
}

// moto asks moto something about an organization, in the name of an account.
func (e *Emulator) moto(account, operation string, params map[string]any) (map[string]any, *problem) {
	if params == nil {
		params = map[string]any{}
	}
	body, err := json.Marshal(params)
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequest(http.MethodPost, e.process.url+"/", bytes.NewReader(e.ids.toMoto(body)))
	if err != nil {
		return nil, refuse("ServiceException", "%s", err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSOrganizationsV20161128."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAAWSTESTAWSTEST00/20260101/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0")
	a := e.roundTrip(r, account)
	out := map[string]any{}
	if a.status != http.StatusOK {
		p := refuse(a.code, "%s", a.body)
		if decodeJSON(a.body, &out); text(out, "message") != "" {
			p.message = text(out, "message")
		}
		return nil, p
	}
	decodeJSON(a.body, &out)
	return out, nil
}

// motoList asks for all pages of a list.
func (e *Emulator) motoList(account, operation, key string, params map[string]any) ([]map[string]any, *problem) {
	var all []map[string]any
	page := map[string]any{}
	for k, v := range params {
		page[k] = v
	}
	for {
		out, p := e.moto(account, operation, page)
		if p != nil {
			return nil, p
		}
		items, _ := out[key].([]any)
		for _, i := range items {
			if m, ok := i.(map[string]any); ok {
				all = append(all, m)
			}
		}
		next := text(out, "NextToken")
		if next == "" {
			return all, nil
		}
		page["NextToken"] = next
	}
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func texts(ms []map[string]any, key string) []string {
	out := make([]string, 0, len(ms))
	for _, m := range ms {
		out = append(out, text(m, key))
	}
	return out
}

// arn is an ARN of this organization.
func (o *organization) arn(kind string) string {
	return "arn:aws:organizations::" + o.management + ":" + kind
}

func isUnit(id string) bool { return strings.HasPrefix(id, "ou-") }
func isRoot(id string) bool { return strings.HasPrefix(id, "r-") }
func isAccount(id string) bool {
	return len(id) == 12 && !slices.ContainsFunc([]byte(id), func(b byte) bool { return b < '0' || b > '9' })
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
