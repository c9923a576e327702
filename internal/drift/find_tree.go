package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// organizationLine is where the file says what holds for the organization: the
// plan keeps no line of it.
const organizationLine = ""

// settings looks for what was switched off. What is on besides stays: a
// deployment switches nothing off.
func (f *finder) settings() {
	o := f.plan.Organization
	if has, ok := f.snap.TrustedServices.Get(); ok {
		f.checked(len(o.TrustedServices))
		for _, s := range o.TrustedServices {
			if !slices.Contains(has, s) {
				x := f.found(TrustedServiceOff, Error, "trusted access of "+s, "")
				x.Expected, x.Found, x.Stack, x.Origin = "on", "off", organizationStack, organizationLine
				x.trail = trail{calls: []string{"DisableAWSServiceAccess"}, values: []string{s}}
			}
		}
	} else if len(o.TrustedServices) > 0 {
		f.unread("the trusted services", "", "", "ListAWSServiceAccessForOrganization")
	}
	f.checked(len(o.PolicyTypes))
	for _, t := range o.PolicyTypes {
		if !f.enabled(t) {
			x := f.found(PolicyTypeOff, Error, "policy type "+t, "root")
			x.Expected, x.Found, x.Stack, x.ID = "enabled", "disabled", organizationStack, f.root.ID
			x.trail = trail{calls: []string{"DisablePolicyType"}, values: []string{t}}
		}
	}
	f.administrators()
	f.rootAccess()
}

func (f *finder) administrators() {
	want := f.plan.Organization.DelegatedAdministrators
	have, ok := f.snap.DelegatedAdministrators.Get()
	if !ok {
		if len(want) > 0 {
			f.unread("the delegated administrators", "", "", "ListDelegatedAdministrators")
		}
		return
	}
	for _, d := range want {
		id := f.ids["account:"+d.Account]
		at := slices.IndexFunc(have, func(x live.DelegatedAdministrator) bool { return x.Account == id })
		var services []string
		if at >= 0 {
			if services, ok = have[at].Services.Get(); !ok {
				f.unread("the services that "+d.Account+" administers", "account:"+d.Account, "", "ListDelegatedServicesForAccount")
				continue
			}
		}
		f.checked(1)
		if slices.Contains(services, d.ServicePrincipal) || id == "" {
			continue
		}
		x := f.found(AdministratorGone, Error, "delegated administrator of "+d.ServicePrincipal, "account:"+d.Account)
		x.Expected, x.Found, x.Stack, x.Origin, x.ID = d.Account, f.administratorOf(d.ServicePrincipal), organizationStack, d.Origin, id
		x.trail = trail{calls: []string{"DeregisterDelegatedAdministrator"}, values: []string{id, d.ServicePrincipal}}
	}
}

// administratorOf names the accounts that administer a service.
func (f *finder) administratorOf(service string) string {
	var names []string
	have, _ := f.snap.DelegatedAdministrators.Get()
	for _, d := range have {
		if services, _ := d.Services.Get(); slices.Contains(services, service) {
			names = append(names, f.accountName(d.Account))
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// accountName is the key of an account, or its name where the file has none.
func (f *finder) accountName(id string) string {
	if ref := f.refs[id]; ref != "" && !f.isStranger(id) {
		return strings.TrimPrefix(ref, "account:")
	}
	if a, ok := f.accounts[id]; ok {
		return a.Name + " (" + id + ")"
	}
	return id
}

func (f *finder) rootAccess() {
	want := f.plan.Organization.CentralizedRootAccess
	if len(want) == 0 {
		return // left as it is
	}
	have, ok := f.snap.CentralizedRootAccess.Get()
	if !ok {
		f.unread("central root access", "", "", "ListOrganizationsFeatures")
		return
	}
	f.checked(len(want))
	calls := map[string]string{"RootCredentialsManagement": "OrganizationsRootCredentialsManagement", "RootSessions": "OrganizationsRootSessions"}
	for _, s := range want {
		if !slices.Contains(have, s) {
			x := f.found(RootAccessOff, Error, "central root access "+s, "")
			x.Expected, x.Found, x.Stack = "on", "off", organizationStack
			x.trail = trail{calls: []string{"Disable" + calls[s]}}
		}
	}
	for _, s := range have {
		if !slices.Contains(want, s) {
			x := f.found(RootAccessOn, Warning, "central root access "+s, "")
			x.Expected, x.Found, x.Stack = "off", "on", organizationStack
			x.trail = trail{calls: []string{"Enable" + calls[s]}}
		}
	}
}

func (f *finder) units() {
	f.checked(len(f.plan.Units))
	for _, u := range f.plan.Units {
		ref := "unit:" + u.Path
		id := f.ids[ref]
		switch {
		case id == "":
			x := f.found(UnitMissing, Error, "unit "+u.Path, ref)
			x.Expected, x.Found, x.Stack, x.Origin, x.ID = "there", "", organizationStack, u.Origin, f.plan.IDs[ref]
			if x.ID != "" {
				x.Stack, x.Hint = "", "take the id of the unit out of the file, so that it is made again"
				x.trail = trail{calls: []string{"DeleteOrganizationalUnit"}, values: []string{x.ID}}
			}
		case f.match.units[id].Name != u.Name:
			x := f.found(UnitRenamed, Warning, "unit "+u.Path, ref)
			x.Expected, x.Found, x.Stack, x.Origin, x.ID = u.Name, f.match.units[id].Name, organizationStack, u.Origin, id
			x.trail = trail{calls: []string{"UpdateOrganizationalUnit"}, values: []string{id}}
		}
	}
	for _, id := range f.strangers {
		u, ok := f.match.units[id]
		if !ok {
			continue
		}
		x := f.found(UnitUnknown, Warning, "unit "+u.Name, f.refs[u.ParentID])
		x.Found, x.ID, x.Hint = "there, "+id, id, "add it to the file, or delete it"
		x.trail = trail{calls: []string{"CreateOrganizationalUnit"}, values: []string{id}}
	}
}

func (f *finder) accountsFound() {
	for _, a := range f.plan.Accounts {
		ref := "account:" + a.Key
		id := f.ids[ref]
		if id == "" {
			x := f.found(AccountGone, Error, "account "+a.Key, ref)
			x.Origin, x.ID, x.Expected = a.Origin, f.plan.IDs[ref], "in the organization"
			if x.ID == "" { // it has yet to be made
				x.Severity, x.Stack = Warning, organizationStack
			} else {
				x.Hint = "invite it again, or take it out of the file and out of organization.lock.json"
				x.trail = trail{calls: []string{"RemoveAccountFromOrganization", "LeaveOrganization"}, values: []string{x.ID}, account: x.ID, either: true}
			}
			f.checked(1)
			continue
		}
		f.account(a, f.match.accounts[id])
	}
	for _, id := range f.strangers {
		a, ok := f.match.accounts[id]
		if !ok || a.State == "CLOSED" {
			continue
		}
		x := f.found(AccountUnknown, Warning, "account "+a.Name, "")
		if at, ok := a.ParentID.Get(); ok {
			x.Where = f.refs[at]
		}
		x.Found, x.ID, x.Hint = strings.ToLower(a.State)+", "+id+" <"+a.Email+">", id, "add it to the file, with its id"
		x.trail = trail{calls: []string{"CreateAccount", "CreateAccountResult", "InviteAccountToOrganization", "AcceptHandshake", "CreateGovCloudAccount"}, values: []string{id}}
	}
}

func (f *finder) account(a guardrails.Account, have live.Account) {
	ref := "account:" + a.Key
	f.checked(1)
	if have.State != "ACTIVE" {
		x := f.found(AccountSuspended, Error, "account "+a.Key, ref)
		x.Expected, x.Found, x.Origin, x.ID = "active", strings.ToLower(strings.ReplaceAll(have.State, "_", " ")), a.Origin, have.ID
		x.Hint = "AWS Support reopens a closed account within 90 days; otherwise take it out of the file"
		x.trail = trail{calls: []string{"CloseAccount"}, values: []string{have.ID}, account: have.ID, either: true}
	}
	for _, p := range [][3]string{{"name", a.Name, have.Name}, {"e-mail address", a.Email, have.Email}} {
		if p[1] != p[2] && !(p[0] != "name" && strings.EqualFold(p[1], p[2])) {
			x := f.found(AccountRenamed, Note, p[0]+" of account "+a.Key, ref)
			x.Expected, x.Found, x.Origin, x.ID = p[1], p[2], a.Origin, have.ID
			x.Hint = "a deployment does not change it; change it in AWS, or the file"
			x.trail = trail{calls: []string{"PutAccountName", "AcceptPrimaryEmailUpdate", "StartPrimaryEmailUpdate"}, account: have.ID}
		}
	}
	at, ok := have.ParentID.Get()
	if !ok {
		f.unread("which unit account "+a.Key+" is in", ref, "", "ListParents")
		return
	}
	if f.refs[at] == nodeRef(a.Parent) {
		return
	}
	x := f.found(AccountMoved, Error, "account "+a.Key, ref)
	x.Expected, x.Found, x.Stack, x.Origin, x.ID, x.account = nodeRef(a.Parent), f.refs[at], organizationStack, a.Origin, have.ID, a.Key
	if x.Found == "" {
		x.Found = at
	}
	if have.State != "ACTIVE" {
		x.Stack = ""
	}
	x.trail = trail{calls: []string{"MoveAccount"}, values: []string{have.ID}}
}

// plural is "1 slot" or "2 slots".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
