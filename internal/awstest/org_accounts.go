package awstest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

var emailPattern = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

// createAccount answers as AWS does, IN_PROGRESS and without an id; the id,
// or the reason of the failure, is in DescribeCreateAccountStatus.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
func createAccount(e *Emulator, o *organization, q *request) (*answer, *problem) {
	email, name := q.string("Email"), q.string("AccountName")
	if len(email) < 6 || len(email) > 64 || !emailPattern.MatchString(email) {
		return nil, refuse("InvalidInputException", "You specified an invalid email address.").with("Reason", "INVALID_EMAIL_ADDRESS_TARGET")
	}
	if len(name) < 1 || len(name) > 50 {
		return nil, refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "MAX_LENGTH_EXCEEDED")
	}
	if e.finalizing() {
		return nil, refuse("FinalizingOrganizationException", "AWS Organizations couldn't perform the operation because your organization hasn't finished initializing. This can take up to an hour. Try again later.")
	}
	if o.inProgress() >= e.options.Quotas.AccountCreations {
		return nil, refuse("TooManyRequestsException", "You have sent too many requests in too short a period of time. Only %d accounts can be created at the same time.", e.options.Quotas.AccountCreations).with("Type", "CREATE_ACCOUNT")
	}
	full, p := o.full(e)
	if p != nil {
		return nil, p
	}
	if full {
		return nil, refuse("ConstraintViolationException", "You have exceeded the allowed number of AWS accounts.").with("Reason", "ACCOUNT_NUMBER_LIMIT_EXCEEDED")
	}
	emails, p := o.knownEmails(e)
	if p != nil {
		return nil, p
	}
	if emails[strings.ToLower(email)] {
		return o.failAccount(q, name, "EMAIL_ALREADY_EXISTS"), nil
	}
	a := e.forward(q)
	if a.status != http.StatusOK {
		return a, nil
	}
	var out struct {
		CreateAccountStatus map[string]any
	}
	if err := json.Unmarshal(a.body, &out); err != nil {
		return a, nil
	}
	status := out.CreateAccountStatus
	id := e.ids.created(email, text(status, "AccountId"))
	o.mu.Lock()
	o.emails[strings.ToLower(email)] = true
	o.making[text(status, "Id")] = time.Now().Add(e.options.AccountCreation)
	o.mu.Unlock()
	e.orgs.mu.Lock()
	e.orgs.memberOf[id] = o.management
	e.orgs.mu.Unlock()
	delete(status, "AccountId")
	delete(status, "CompletedTimestamp")
	status["State"] = "IN_PROGRESS"
	return ok(q, map[string]any{"CreateAccountStatus": status}), nil
}

// stillMaking says that an account which was asked for is not there yet.
func (o *organization) stillMaking(request string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Before(o.making[request])
}

// inProgress is how many accounts are being made.
func (o *organization) inProgress() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, until := range o.making {
		if time.Now().Before(until) {
			n++
		}
	}
	return n
}

// full says that the organization takes no further account. Closed accounts and
// open invitations count.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func (o *organization) full(e *Emulator) (bool, *problem) {
	most := e.options.Quotas.Accounts
	if most == 0 {
		return false, nil
	}
	emails, p := o.knownEmails(e)
	if p != nil {
		return false, p
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(emails)
	for _, h := range o.handshakes {
		if h.now() == "OPEN" {
			n++
		}
	}
	return n >= most, nil
}

// finalizing says that AWS has not set the organization up yet.
func (e *Emulator) finalizing() bool {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	return e.faults.faults.Finalizing
}

// knownEmails are the e-mail addresses in use, those of closed accounts
// included: AWS never lets go of one.
func (o *organization) knownEmails(e *Emulator) (map[string]bool, *problem) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.emails == nil {
		accounts, p := e.motoList(o.management, "ListAccounts", "Accounts", nil)
		if p != nil {
			return nil, p
		}
		o.emails = map[string]bool{}
		for _, a := range accounts {
			o.emails[strings.ToLower(text(a, "Email"))] = true
		}
	}
	return o.emails, nil
}

func (o *organization) failAccount(q *request, name, reason string) *answer {
	id := "car-" + strings.ToLower(rand.Text())
	now := seconds(time.Now())
	o.mu.Lock()
	o.failed[id] = map[string]any{
		"Id": id, "AccountName": name, "State": "FAILED", "FailureReason": reason,
		"RequestedTimestamp": now, "CompletedTimestamp": now,
	}
	o.mu.Unlock()
	return ok(q, map[string]any{"CreateAccountStatus": map[string]any{
		"Id": id, "AccountName": name, "State": "IN_PROGRESS", "RequestedTimestamp": now,
	}})
}

func describeCreateAccountStatus(e *Emulator, o *organization, q *request) (*answer, *problem) {
	id := q.string("CreateAccountRequestId")
	o.mu.Lock()
	failed := o.failed[id]
	o.mu.Unlock()
	if failed != nil {
		return ok(q, map[string]any{"CreateAccountStatus": failed}), nil
	}
	a := e.forward(q)
	if a.status == http.StatusOK && o.stillMaking(id) {
		return ok(q, map[string]any{"CreateAccountStatus": map[string]any{"Id": id, "State": "IN_PROGRESS", "RequestedTimestamp": seconds(time.Now())}}), nil
	}
	if a.code == "AccountNotFoundException" {
		return nil, refuse("CreateAccountStatusNotFoundException", "You specified a create account request that doesn't exist.")
	}
	return a, nil
}

func listCreateAccountStatus(e *Emulator, o *organization, q *request) (*answer, *problem) {
	params := map[string]any{}
	states, _ := q.params["States"].([]any)
	if len(states) > 0 {
		params["States"] = states
	}
	all, p := e.motoList(o.management, "ListCreateAccountStatus", "CreateAccountStatuses", params)
	if p != nil {
		return nil, p
	}
	if len(states) == 0 || slices.Contains(states, any("FAILED")) {
		o.mu.Lock()
		for _, f := range o.failed {
			all = append(all, f)
		}
		o.mu.Unlock()
	}
	return ok(q, map[string]any{"CreateAccountStatuses": all}), nil
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html
func moveAccount(e *Emulator, o *organization, q *request) (*answer, *problem) {
	account, from, to := q.string("AccountId"), q.string("SourceParentId"), q.string("DestinationParentId")
	parents, p := e.motoList(o.management, "ListParents", "Parents", map[string]any{"ChildId": account})
	if p != nil {
		return nil, refuse("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	if !slices.Contains(texts(parents, "Id"), from) {
		return nil, refuse("SourceParentNotFoundException", "We can't find a source root or OU with the ParentId that you specified.")
	}
	if from == to {
		return nil, refuse("DuplicateAccountException", "That account is already present in the specified destination.")
	}
	if _, p := e.motoList(o.management, "ListOrganizationalUnitsForParent", "OrganizationalUnits", map[string]any{"ParentId": to}); p != nil {
		return nil, refuse("DestinationParentNotFoundException", "We can't find the destination container (a root or OU) with the ParentId that you specified.")
	}
	return nil, nil
}

// closeAccount leaves the closing itself to moto, where an account is SUSPENDED
// at once.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html
func closeAccount(e *Emulator, o *organization, q *request) (*answer, *problem) {
	if q.string("AccountId") == o.management {
		return nil, refuse("ConstraintViolationException", "You cannot close the management account of the organization.").with("Reason", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed >= e.options.Quotas.ClosedAccounts {
		return nil, refuse("ConstraintViolationException", "You have exceeded close account quota for the past 30 days.").with("Reason", "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
	}
	o.closed++
	return nil, nil
}
