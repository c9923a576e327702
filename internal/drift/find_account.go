package drift

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/live"
)

// in is a finding in an account that its stack puts right.
func (f *finder) in(kind Kind, severity Severity, what, key, origin, id string) *Finding {
	x := f.found(kind, severity, what, "account:"+key)
	x.Stack, x.Origin, x.ID = accountStack(key), origin, id
	return x
}

// baseline compares what the plan places into an account.
func (f *finder) baseline(want *guardrails.Baseline) {
	x := f.iam(want.Account)
	if x.id == "" || f.match.accounts[x.id].State != "ACTIVE" {
		return // the account itself is the finding
	}
	if want.PasswordPolicy != nil {
		if have, ok := x.PasswordPolicy.Get(); ok {
			f.passwords(want, x, have)
		} else {
			f.unread("the password policy", "account:"+want.Account, x.id, "GetAccountPasswordPolicy")
		}
	}
	if len(want.Boundaries)+len(want.Roles)+len(want.Groups) == 0 {
		return
	}
	if x.roles == nil || x.groups == nil || x.policies == nil {
		f.unread("the roles, groups and boundaries", "account:"+want.Account, x.id, "GetAccountAuthorizationDetails")
		return
	}
	for i := range want.Boundaries {
		f.managedPolicy(want.Account, x, &want.Boundaries[i], "boundary", BoundaryDeleted, BoundaryEdited)
	}
	for i := range want.Roles {
		f.role(want.Account, x, &want.Roles[i])
	}
	for i := range want.Groups {
		f.group(want.Account, x, &want.Groups[i])
	}
}

// managedPolicy compares a customer managed policy.
func (f *finder) managedPolicy(key string, x accountIAM, m *guardrails.ManagedPolicy, called string, deleted, edited Kind) {
	f.checked(1)
	arn := f.arn(x, m)
	have := x.policies[arn]
	if have == nil {
		y := f.in(deleted, Error, called+" "+m.Name, key, m.Origin, arn)
		y.Expected = "there"
		y.trail = trail{account: x.id, calls: []string{"DeletePolicy"}, values: []string{arn}}
		return
	}
	if !f.differs("", m.Document, have.Document, "the document of "+called+" "+m.Name, "account:"+key) {
		return
	}
	y := f.in(edited, Error, called+" "+m.Name, key, m.Origin, arn)
	p := guardrails.Policy{Content: m.Document, Statements: m.Statements}
	y.Expected, y.Found, y.Origin = f.edited(&p, have.Document)
	y.Origin = cmp.Or(y.Origin, m.Origin)
	y.trail = trail{account: x.id, calls: []string{"CreatePolicyVersion", "SetDefaultPolicyVersion"}, values: []string{arn}}
}

// passwords says which requirements differ, and whether they are weaker.
func (f *finder) passwords(want *guardrails.Baseline, x accountIAM, have live.PasswordPolicy) {
	f.checked(1)
	w := want.PasswordPolicy
	tr := trail{account: x.id, calls: []string{"UpdateAccountPasswordPolicy", "DeleteAccountPasswordPolicy"}}
	if !have.Custom {
		y := f.in(PasswordPolicyGone, Error, "password policy", want.Account, w.Origin, x.id)
		y.Expected, y.Found, y.trail = fmt.Sprintf("at least %d characters, and more", w.MinimumPasswordLength), "AWS's default", tr
		return
	}
	for _, d := range passwordFields(*w, passwords(have)) {
		kind, severity := PasswordPolicyWeaker, Error
		if !d.weaker {
			kind, severity = PasswordPolicyOther, Note
		}
		y := f.in(kind, severity, "password policy: "+d.field, want.Account, w.Origin, x.id)
		y.Expected, y.Found, y.trail = d.want, d.have, tr
	}
}

type passwordField struct {
	field, want, have string
	weaker            bool
}

// passwordFields are the fields in which a policy differs from the wanted one,
// as IAM's API calls them.
func passwordFields(want, have guardrails.PasswordPolicy) []passwordField {
	var list []passwordField
	number := func(field string, w, h int, none string, weaker bool) {
		if w == h {
			return
		}
		say := func(n int) string {
			if n == 0 {
				return none
			}
			return fmt.Sprint(n)
		}
		list = append(list, passwordField{field, say(w), say(h), weaker})
	}
	required := func(field string, w, h bool, weaker bool) {
		if w != h {
			list = append(list, passwordField{field, fmt.Sprint(w), fmt.Sprint(h), weaker})
		}
	}
	number("minimumPasswordLength", want.MinimumPasswordLength, have.MinimumPasswordLength, "0", have.MinimumPasswordLength < want.MinimumPasswordLength)
	required("requireUppercaseCharacters", want.RequireUppercaseCharacters, have.RequireUppercaseCharacters, want.RequireUppercaseCharacters)
	required("requireLowercaseCharacters", want.RequireLowercaseCharacters, have.RequireLowercaseCharacters, want.RequireLowercaseCharacters)
	required("requireNumbers", want.RequireNumbers, have.RequireNumbers, want.RequireNumbers)
	required("requireSymbols", want.RequireSymbols, have.RequireSymbols, want.RequireSymbols)
	// 0 days is for ever.
	number("maxPasswordAge", want.MaxPasswordAge, have.MaxPasswordAge, "never", have.MaxPasswordAge == 0 || want.MaxPasswordAge != 0 && have.MaxPasswordAge > want.MaxPasswordAge)
	number("passwordReusePrevention", want.PasswordReusePrevention, have.PasswordReusePrevention, "none", have.PasswordReusePrevention < want.PasswordReusePrevention)
	required("hardExpiry", want.HardExpiry, have.HardExpiry, want.HardExpiry)
	required("allowUsersToChangePassword", want.AllowUsersToChangePassword, have.AllowUsersToChangePassword, want.AllowUsersToChangePassword)
	return list
}

func (f *finder) role(key string, x accountIAM, r *guardrails.Role) {
	f.checked(1)
	for i := range r.Policies {
		f.managedPolicy(key, x, &r.Policies[i], "policy", ManagedPolicyGone, ManagedPolicyEdited)
	}
	arn := "arn:" + f.snap.Organization.Partition + ":iam::" + x.id + ":role" + r.Path + r.Name
	have := x.roles[r.Name]
	if have == nil {
		y := f.in(RoleDeleted, Error, "role "+r.Name, key, r.Origin, arn)
		y.Expected, y.trail = "there", trail{account: x.id, calls: []string{"DeleteRole"}, values: []string{r.Name}}
		return
	}
	say := func(kind Kind, severity Severity, what, expected, found string, calls ...string) {
		y := f.in(kind, severity, what+" of role "+r.Name, key, r.Origin, have.ARN)
		y.Expected, y.Found, y.trail = expected, found, trail{account: x.id, calls: calls, values: []string{r.Name}}
	}
	if f.differs("", r.Trust, have.Trust, "the trust of role "+r.Name, "account:"+key) {
		text, _ := f.filled(r.Trust)
		say(RoleTrust, Error, "trust", cut(text), cut(compact(have.Trust)), "UpdateAssumeRolePolicy", "CreateRole")
	}
	if want, ok := f.filled(r.Boundary); ok && want != have.Boundary {
		say(RoleBoundary, Error, "boundary", cmp.Or(want, "none"), cmp.Or(have.Boundary, "none"), "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "CreateRole")
	}
	want, ok := f.filledAll(r.ManagedPolicies)
	for i := range r.Policies {
		want = append(want, f.arn(x, &r.Policies[i]))
	}
	if lack, more := without(want, have.AttachedPolicies), without(have.AttachedPolicies, want); ok && len(lack)+len(more) > 0 {
		found := strings.Join(more, ", ")
		if found != "" {
			found = "also " + found
		}
		say(RolePolicies, Error, "policies", cmp.Or(strings.Join(lack, ", "), "no others"), cmp.Or(found, "not attached"), "AttachRolePolicy", "DetachRolePolicy", "CreateRole")
	}
	if len(have.InlinePolicies) > 0 {
		say(RolePolicies, Error, "inline policies", "none", strings.Join(have.InlinePolicies, ", "), "PutRolePolicy")
		y := &f.r.Findings[len(f.r.Findings)-1]
		y.Stack, y.Hint = "", "take them out of the role: a deployment leaves inline policies alone"
	}
	if have.Path != r.Path {
		say(RoleSettings, Warning, "path", r.Path, have.Path, "CreateRole")
	}
	if s, ok := have.Description.Get(); ok && s != r.Description {
		say(RoleSettings, Note, "description", r.Description, s, "UpdateRole", "UpdateRoleDescription")
	}
	if n, ok := have.MaxSession.Get(); ok && n != r.MaxSessionDuration {
		severity := Note
		if n > r.MaxSessionDuration {
			severity = Warning
		}
		say(RoleSettings, severity, "session duration", fmt.Sprintf("%d seconds", r.MaxSessionDuration), fmt.Sprintf("%d seconds", n), "UpdateRole")
	}
}

// compact is a document in the one spelling, where it can be understood.
func compact(content string) string {
	if d, ok := understood("", content); ok {
		return d.text
	}
	return content
}

// cut shortens a document to what fits in a line or two.
func cut(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// without are those of a list that are not in another.
func without(list, other []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}

func (f *finder) group(key string, x accountIAM, g *guardrails.Group) {
	f.checked(1)
	f.managedPolicy(key, x, &g.Policy, "policy", ManagedPolicyGone, ManagedPolicyEdited)
	have := x.groups[g.Name]
	if have == nil {
		y := f.in(GroupDeleted, Error, "group "+g.Name, key, g.Origin, "")
		y.Expected, y.trail = "there", trail{account: x.id, calls: []string{"DeleteGroup"}, values: []string{g.Name}}
		return
	}
	if arn := f.arn(x, &g.Policy); !slices.Contains(have.AttachedPolicies, arn) {
		y := f.in(GroupPolicies, Error, "policy of group "+g.Name, key, g.Origin, have.ARN)
		y.Expected, y.Found, y.trail = arn, "not attached", trail{account: x.id, calls: []string{"DetachGroupPolicy"}, values: []string{g.Name}}
	}
}

// analyzers compares the analyzers of a region.
func (f *finder) analyzers(region *guardrails.AnalyzerRegion) {
	have, ok := f.regionAnalyzers(region.Region, region.Administrator)
	id := f.ids["account:"+region.Administrator]
	if !ok {
		if len(region.Analyzers) > 0 {
			f.unread("the analyzers", region.Region, id, "ListAnalyzers")
		}
		return
	}
	for i := range region.Analyzers {
		f.analyzer(region.Region, id, &region.Analyzers[i], have[region.Analyzers[i].Name])
	}
}

func (f *finder) analyzer(region, account string, want *guardrails.Analyzer, have *live.Analyzer) {
	f.checked(1)
	say := func(kind Kind, severity Severity, what, origin, expected, found string, values []string, calls ...string) *Finding {
		x := f.found(kind, severity, what, region)
		x.Expected, x.Found, x.Stack, x.Origin = expected, found, analyzersStack(region), origin
		if have != nil {
			x.ID = have.ARN
		}
		x.trail = trail{account: account, region: region, calls: calls, values: values}
		return x
	}
	if have == nil {
		say(AnalyzerDeleted, Error, "analyzer "+want.Name, want.Origin, "there", "", []string{want.Name}, "DeleteAnalyzer")
		return
	}
	if have.Type != want.Type {
		say(AnalyzerChanged, Error, "type of analyzer "+want.Name, want.Origin, want.Type, have.Type, []string{want.Name}, "CreateAnalyzer").Hint = replaces
	}
	if conf, ok := have.Configuration.Get(); !ok {
		f.unread("the configuration of analyzer "+want.Name, region, account, "GetAnalyzer")
	} else {
		if conf.UnusedAccessAge != want.UnusedAccessAge {
			severity := Warning
			if conf.UnusedAccessAge > want.UnusedAccessAge {
				severity = Error
			}
			say(AnalyzerChanged, severity, "unused access age of analyzer "+want.Name, want.Origin, fmt.Sprintf("%d days", want.UnusedAccessAge),
				fmt.Sprintf("%d days", conf.UnusedAccessAge), []string{want.Name}, "CreateAnalyzer", "UpdateAnalyzer").Hint = replaces
		}
		if wanted, ok := f.filledAll(want.ExcludeAccounts); ok && !slices.Equal(wanted, excludedAccounts(conf)) {
			say(AnalyzerChanged, Error, "excluded accounts of analyzer "+want.Name, want.Origin, cmp.Or(strings.Join(wanted, ", "), "none"),
				cmp.Or(strings.Join(excludedAccounts(conf), ", "), "none"), []string{want.Name}, "CreateAnalyzer", "UpdateAnalyzer").Hint = replaces
		}
	}
	rules, ok := have.ArchiveRules.Get()
	if !ok {
		f.unread("the archive rules of analyzer "+want.Name, region, account, "ListArchiveRules")
		return
	}
	f.checked(len(want.ArchiveRules))
	known := map[string]bool{}
	for _, r := range want.ArchiveRules {
		known[r.Name] = true
		i := slices.IndexFunc(rules, func(x live.ArchiveRule) bool { return x.Name == r.Name })
		if i < 0 {
			say(ArchiveRuleDeleted, Warning, "archive rule "+r.Name+" of analyzer "+want.Name, r.Origin, "there", "", []string{want.Name, r.Name}, "DeleteArchiveRule")
			continue
		}
		if has := criteria(rules[i].Filter); !sameFilter(r.Filter, has) {
			say(ArchiveRuleChanged, Warning, "archive rule "+r.Name+" of analyzer "+want.Name, r.Origin, filter(r.Filter), filter(has),
				[]string{want.Name, r.Name}, "UpdateArchiveRule", "CreateArchiveRule")
		}
	}
	for _, r := range rules {
		if !known[r.Name] {
			x := say(ArchiveRuleUnknown, Warning, "archive rule "+r.Name+" of analyzer "+want.Name, "", "", filter(criteria(r.Filter)), []string{want.Name, r.Name}, "CreateArchiveRule")
			x.Stack, x.Hint = "", "it hides findings: delete it, or add it to the file"
		}
	}
}

const replaces = "a deployment replaces the analyzer, whose findings are lost, where --allow-replace lets it"

// sameFilter compares filters, in which no list and an empty one are the same.
func sameFilter(a, b []guardrails.Criterion) bool {
	plain := func(list []guardrails.Criterion) map[string]guardrails.Criterion {
		by := map[string]guardrails.Criterion{}
		for _, c := range list {
			for _, l := range []*[]string{&c.Contains, &c.Eq, &c.Neq} {
				*l = append([]string{}, slices.Sorted(slices.Values(*l))...)
			}
			by[c.Property] = c
		}
		return by
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// filter is a filter in words.
func filter(list []guardrails.Criterion) string {
	var out []string
	for _, c := range list {
		for _, p := range []struct {
			word   string
			values []string
		}{{"contains", c.Contains}, {"eq", c.Eq}, {"neq", c.Neq}} {
			if len(p.values) > 0 {
				out = append(out, c.Property+" "+p.word+" "+strings.Join(p.values, ", "))
			}
		}
		if c.Exists != nil {
			out = append(out, fmt.Sprintf("%s exists %v", c.Property, *c.Exists))
		}
	}
	return strings.Join(out, "; ")
}
