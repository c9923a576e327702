package eval

import (
	"strings"
	"sync"
)

// pool has evaluations that are not in use. It is one for all sets: a pool in
// each would keep the sets of many cases alive that nobody asks again.
var pool = sync.Pool{New: func() any { return &evaluation{caller: parseCaller("")} }}

// An evaluation is one request on its way through a Set. It is used again for
// other requests, and for other sets.
type evaluation struct {
	s        *Set
	r        *Request
	caller   caller
	action   actionName
	resource string
	keys     slots
	round    uint64
	// What was found out of elements that several statements share.
	actionMemo, conditionMemo []memo

	applies uint32 // a bit for each layer that reaches the request
	special bool   // the resource's own policy must allow, in its own account too
	linked  bool   // the caller is a service-linked role
	foreign bool   // caller and resource are of different accounts, or the caller is of none

	deny  [layerCount]Truth
	allow []Truth // by scope
	// How the resource's policy allows the caller.
	direct, asRole, asAccount Truth
}

// Authorize decides a request. It allocates nothing, unless the decision is
// [Depends] or a StringEqualsIgnoreCase has a variable.
func (s *Set) Authorize(r *Request) (res Result) {
	e := s.start(r)
	for _, st := range s.wild {
		e.visit(st)
	}
	if e.action.service >= 0 {
		for _, st := range s.byService[e.action.service] {
			e.visit(st)
		}
	}
	e.result(&res)
	if res.Decision == Depends {
		res.DependsOn = e.dependsOn()
	}
	pool.Put(e)
	return res
}

// start takes an evaluation from the pool; whoever asks gives it back.
func (s *Set) start(r *Request) *evaluation {
	e := pool.Get().(*evaluation)
	if e.s != s {
		e.adopt(s)
	}
	e.r = r
	e.round++
	e.keys.begin()
	e.resource = r.Resource
	if e.resource == "" {
		e.resource = "*"
	}
	if e.caller.text != r.Principal { // requests in a row often have one caller
		e.caller = parseCaller(r.Principal)
	}
	if e.action.text != r.Action {
		e.action = s.services.look(r.Action)
	}
	e.deny = [layerCount]Truth{}
	clear(e.allow)
	e.direct, e.asRole, e.asAccount = No, No, No
	e.circumstances()
	return e
}

// adopt makes room for a set. What was found out for another is of a round that
// is over.
func (e *evaluation) adopt(s *Set) {
	e.s = s
	e.action = s.services.look("")
	e.allow = room(e.allow, len(s.scopes))
	e.keys.keys = room(e.keys.keys, len(s.keys.spellings))
	e.actionMemo = room(e.actionMemo, s.actionCount)
	e.conditionMemo = room(e.conditionMemo, s.conditionCount)
}

// room is a slice of length n, which may hold what was in it before.
func room[T any](list []T, n int) []T {
	if n > cap(list) {
		return make([]T, n)
	}
	return list[:n]
}

// key is what the request says of a condition key.
func (e *evaluation) key(id int32) (keyState, []string) { return e.keys.get(&e.s.keys, e.r, id) }

// circumstances finds out which layers reach the request.
func (e *evaluation) circumstances() {
	account := e.resourceAccount()
	e.foreign = e.caller.account == "" || e.caller.account != account
	e.special = e.ownPolicyNeeded()
	e.linked = false
	e.applies = e.s.present
	if e.applies&(1<<scpLayer|1<<rcpLayer|1<<boundaryLayer) == 0 {
		return
	}
	e.linked = e.serviceLinked()
	if e.linked || !e.s.governs(e.caller.account) {
		e.applies &^= 1 << scpLayer
	}
	if e.linked || !e.s.governs(account) || !e.rcpAction() {
		e.applies &^= 1 << rcpLayer
	}
}

// resourceAccount is the account that owns the resource: the one that the
// request says, that of the ARN, or the caller's.
func (e *evaluation) resourceAccount() string {
	if e.r.ResourceAccount != "" {
		return e.r.ResourceAccount
	}
	if a := field(e.resource, 4); isAccountID(a) {
		return a
	}
	return e.caller.account
}

// field is the i-th field of an ARN, from 0; "" of what is no ARN.
func field(arn string, i int) string {
	if !strings.HasPrefix(arn, "arn:") {
		return ""
	}
	for ; i > 0; i-- {
		colon := strings.IndexByte(arn, ':')
		if colon < 0 {
			return ""
		}
		arn = arn[colon+1:]
	}
	if colon := strings.IndexByte(arn, ':'); colon >= 0 {
		return arn[:colon]
	}
	return ""
}

// ownPolicyNeeded reports whether the resource is one whose policy must allow
// even callers of its own account: a KMS key, or a role that is assumed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func (e *evaluation) ownPolicyNeeded() bool {
	switch {
	case hasPrefixFold(e.r.Action, "kms:"):
		return field(e.resource, 2) == "kms" && strings.HasPrefix(tail(e.resource), "key/")
	case hasPrefixFold(e.r.Action, "sts:"):
		return field(e.resource, 2) == "iam" && strings.HasPrefix(tail(e.resource), "role/")
	}
	return false
}

// tail is what stands behind the fifth colon of an ARN.
func tail(arn string) string {
	for range arnFields - 1 {
		colon := strings.IndexByte(arn, ':')
		if colon < 0 {
			return ""
		}
		arn = arn[colon+1:]
	}
	return arn
}

// governs reports whether policies of the organization reach an account: all
// of its accounts but the management account.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (s *Set) governs(account string) bool {
	if account == "" || account == s.org.ManagementAccount {
		return false
	}
	_, ok := s.accounts[account]
	return ok
}

// serviceLinked reports whether the caller is a service-linked role, which no
// SCP, RCP or boundary reaches. The ARN of a session does not tell; its
// aws:PrincipalArn does, if it is of the role of that name.
func (e *evaluation) serviceLinked() bool {
	if e.caller.kind != roleSession {
		return e.caller.serviceLinked()
	}
	values, ok := e.r.Context["aws:PrincipalArn"]
	if !ok {
		for key, v := range e.r.Context {
			if strings.EqualFold(key, "aws:PrincipalArn") {
				values = v
			}
		}
	}
	if len(values) != 1 {
		return false
	}
	c := parseCaller(values[0])
	return c.serviceLinked() && c.name == e.caller.name && c.account == e.caller.account
}

// rcpAction reports whether RCPs reach the action: it is of a service that
// supports them, and not one of the exceptions.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (e *evaluation) rcpAction() bool {
	before, name, ok := strings.Cut(e.r.Action, ":")
	if !ok {
		return false
	}
	if _, ok = e.s.rcp[before]; !ok {
		if _, ok = e.s.rcp[lowerASCII(before)]; !ok {
			return false
		}
	}
	if !strings.EqualFold(before, "kms") {
		return true
	}
	return !strings.EqualFold(name, "RetireGrant") && !strings.HasPrefix(tail(e.resource), "alias/aws/")
}

// visit counts one statement that might match.
func (e *evaluation) visit(st *statement) {
	if e.applies&(1<<st.layer) == 0 {
		return
	}
	if st.deny {
		if e.deny[st.layer] != Yes {
			t, _ := e.match(st)
			e.deny[st.layer] = max(e.deny[st.layer], t)
		}
		return
	}
	if e.allow[st.scope] == Yes && (st.layer != resourceLayer || e.direct == Yes) {
		return
	}
	t, n := e.match(st)
	e.allow[st.scope] = max(e.allow[st.scope], t)
	if st.layer == resourceLayer {
		e.direct = max(e.direct, when(n&directly != 0, t))
		e.asRole = max(e.asRole, when(n&byRole != 0, t))
		e.asAccount = max(e.asAccount, when(n&byAccount != 0, t))
	}
}

func when(b bool, t Truth) Truth {
	if b {
		return t
	}
	return No
}
