package awstest

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"
)

// invitation is how long an invitation stands.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html
const invitation = 15 * 24 * time.Hour

// A handshake is an invitation to join the organization. moto has none.
type handshake struct {
	id               string
	party, partyType string // whom it is for: ACCOUNT or EMAIL
	requested        time.Time
	state            string // as it was left: OPEN, CANCELED, DECLINED, ACCEPTED
	notes            string
}

// now is the state at this moment.
func (h *handshake) now() string {
	if h.state == "OPEN" && time.Since(h.requested) > invitation {
		return "EXPIRED"
	}
	return h.state
}

func (h *handshake) describe(o *organization) map[string]any {
	resources := []any{map[string]any{"Type": "ORGANIZATION", "Value": o.id}, map[string]any{"Type": h.partyType, "Value": h.party}}
	if h.notes != "" {
		resources = append(resources, map[string]any{"Type": "NOTES", "Value": h.notes})
	}
	return map[string]any{
		"Id": h.id, "Action": "INVITE", "State": h.now(), "Arn": o.arn("handshake/" + o.id + "/invite/" + h.id),
		"Parties":            []any{map[string]any{"Id": strings.TrimPrefix(o.id, "o-"), "Type": "ORGANIZATION"}, map[string]any{"Id": h.party, "Type": h.partyType}},
		"RequestedTimestamp": seconds(h.requested), "ExpirationTimestamp": seconds(h.requested.Add(invitation)), "Resources": resources,
	}
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteAccountToOrganization.html
func inviteAccount(e *Emulator, o *organization, q *request) (*answer, *problem) {
	target, _ := q.params["Target"].(map[string]any)
	h := &handshake{id: "h-" + strings.ToLower(rand.Text()[:16]), party: text(target, "Id"), partyType: text(target, "Type"),
		requested: time.Now(), state: "OPEN", notes: q.string("Notes")}
	switch {
	case h.partyType == "ACCOUNT" && !isAccount(h.party):
		return nil, refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "INVALID_PATTERN")
	case h.partyType == "EMAIL" && !emailPattern.MatchString(h.party):
		return nil, refuse("InvalidInputException", "You specified an invalid email address.").with("Reason", "INVALID_EMAIL_ADDRESS_TARGET")
	case h.partyType != "ACCOUNT" && h.partyType != "EMAIL":
		return nil, refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "INVALID_PARTY_TYPE_TARGET")
	case e.finalizing():
		return nil, refuse("FinalizingOrganizationException", "AWS Organizations couldn't perform the operation because your organization hasn't finished initializing. This can take up to an hour. Try again later.")
	}
	violates := func(reason, message string) *problem {
		return refuse("HandshakeConstraintViolationException", "%s", message).with("Reason", reason)
	}
	accounts, p := e.motoList(o.management, "ListAccounts", "Accounts", nil)
	if p != nil {
		return nil, p
	}
	if slices.ContainsFunc(accounts, func(a map[string]any) bool {
		return text(a, "Id") == h.party || strings.EqualFold(text(a, "Email"), h.party)
	}) {
		return nil, violates("ALREADY_IN_AN_ORGANIZATION", "The invited account is already a member of an organization.")
	}
	full, p := o.full(e)
	switch {
	case p != nil:
		return nil, p
	case full:
		return nil, violates("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	today := 0
	for _, other := range o.handshakes {
		if other.party == h.party && other.now() == "OPEN" {
			return nil, refuse("DuplicateHandshakeException", "A handshake with the same action and target already exists.")
		}
		if time.Since(other.requested) < 24*time.Hour {
			today++
		}
	}
	if today >= e.options.Quotas.Invitations {
		return nil, violates("HANDSHAKE_RATE_LIMIT_EXCEEDED", "You attempted to exceed the number of handshakes that you can send in one day.")
	}
	o.handshakes = append(o.handshakes, h)
	return ok(q, map[string]any{"Handshake": h.describe(o)}), nil
}

// listHandshakes lists those of the organization, or of the account that asks.
func listHandshakes(_ *Emulator, o *organization, q *request) (*answer, *problem) {
	list := []any{}
	o.mu.Lock()
	defer o.mu.Unlock()
	filter, _ := q.params["Filter"].(map[string]any)
	for _, h := range o.handshakes {
		if action := text(filter, "ActionType"); action != "" && action != "INVITE" {
			continue
		}
		if q.operation == "ListHandshakesForOrganization" || h.party == q.account {
			list = append(list, h.describe(o))
		}
	}
	return ok(q, map[string]any{"Handshakes": list}), nil
}

// handshake finds one; the caller holds the lock.
func (o *organization) handshake(id string) (*handshake, *problem) {
	for _, h := range o.handshakes {
		if h.id == id {
			return h, nil
		}
	}
	return nil, refuse("HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified.")
}

func describeHandshake(_ *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, p := o.handshake(q.string("HandshakeId"))
	if p != nil {
		return nil, p
	}
	return ok(q, map[string]any{"Handshake": h.describe(o)}), nil
}

// end leaves an open handshake in another state; the caller holds the lock.
func (o *organization) end(id, state string) (*handshake, *problem) {
	h, p := o.handshake(id)
	switch {
	case p != nil:
		return nil, p
	case h.now() == state:
		return nil, refuse("HandshakeAlreadyInStateException", "The specified handshake is already in the requested state.")
	case h.now() != "OPEN":
		return nil, refuse("InvalidHandshakeTransitionException", "You can't perform the operation on the handshake in its current state.")
	}
	h.state = state
	return h, nil
}

func cancelHandshake(_ *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, p := o.end(q.string("HandshakeId"), "CANCELED")
	if p != nil {
		return nil, p
	}
	return ok(q, map[string]any{"Handshake": h.describe(o)}), nil
}

// invitedCalls are what an account may call that is in no organization.
var invitedCalls = map[string]organizationCall{
	"ListHandshakesForAccount": listHandshakes,
	"DescribeHandshake":        describeHandshake,
	"AcceptHandshake":          acceptHandshake,
	"DeclineHandshake":         declineHandshake,
}

// invitedCall makes a call about the organization that has invited the caller.
func (e *Emulator) invitedCall(q *request, call organizationCall) *answer {
	e.orgs.mu.Lock()
	var from *organization
	for _, o := range e.orgs.byManagement {
		o.mu.Lock()
		if slices.ContainsFunc(o.handshakes, func(h *handshake) bool { return h.party == q.account }) {
			from = o
		}
		o.mu.Unlock()
	}
	e.orgs.mu.Unlock()
	switch {
	case from == nil && q.operation == "ListHandshakesForAccount":
		return ok(q, map[string]any{"Handshakes": []any{}})
	case from == nil:
		return refuse("HandshakeNotFoundException", "We can't find a handshake with the HandshakeId that you specified.").answer(q)
	}
	a, p := call(e, from, q)
	if p != nil {
		return p.answer(q)
	}
	return onePage(q, a)
}

func declineHandshake(_ *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, p := o.end(q.string("HandshakeId"), "DECLINED")
	if p != nil {
		return nil, p
	}
	return ok(q, map[string]any{"Handshake": h.describe(o)}), nil
}

// acceptHandshake makes the caller a member. moto, which has no way in but to
// create an account, creates one that is known by the caller's id; its e-mail
// is <id>@invited.example unless the emulator's options give the id another.
func acceptHandshake(e *Emulator, o *organization, q *request) (*answer, *problem) {
	o.mu.Lock()
	h, p := o.end(q.string("HandshakeId"), "ACCEPTED")
	o.mu.Unlock()
	if p != nil {
		return nil, p
	}
	email := q.account + "@invited.example"
	for address, id := range e.options.AccountIDs {
		if id == q.account {
			email = address
		}
	}
	if _, p := o.knownEmails(e); p != nil {
		return nil, p
	}
	out, p := e.moto(o.management, "CreateAccount", map[string]any{"Email": email, "AccountName": email, "RoleName": "made-by-moto-alone"})
	if p != nil {
		return nil, p
	}
	status, _ := out["CreateAccountStatus"].(map[string]any)
	e.ids.want(email, q.account)
	e.ids.created(email, text(status, "AccountId"))
	o.mu.Lock()
	o.emails[strings.ToLower(email)] = true
	o.mu.Unlock()
	e.orgs.mu.Lock()
	e.orgs.memberOf[q.account] = o.management
	e.orgs.mu.Unlock()
	return ok(q, map[string]any{"Handshake": h.describe(o)}), nil
}
