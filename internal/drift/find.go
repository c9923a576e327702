package drift

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/live"
)

// A Kind says what became of something.
type Kind string

// The kinds. [Kinds] says what each is.
const (
	PolicyDeleted        Kind = "policy-deleted"
	PolicyEdited         Kind = "policy-edited"
	PolicyDetached       Kind = "policy-detached"
	PolicyAttached       Kind = "policy-attached-elsewhere"
	PolicyLeft           Kind = "policy-left"
	PolicyForeign        Kind = "policy-foreign"
	ForeignGone          Kind = "policy-foreign-gone"
	FullAccessMissing    Kind = "full-access-missing"
	FullAccessBack       Kind = "full-access-back"
	UnitMissing          Kind = "unit-missing"
	UnitRenamed          Kind = "unit-renamed"
	UnitUnknown          Kind = "unit-unknown"
	AccountGone          Kind = "account-gone"
	AccountSuspended     Kind = "account-suspended"
	AccountMoved         Kind = "account-moved"
	AccountRenamed       Kind = "account-renamed"
	AccountUnknown       Kind = "account-unknown"
	TrustedServiceOff    Kind = "trusted-service-off"
	PolicyTypeOff        Kind = "policy-type-off"
	AdministratorGone    Kind = "delegated-administrator-gone"
	RootAccessOff        Kind = "central-root-access-off"
	RootAccessOn         Kind = "central-root-access-on"
	BoundaryDeleted      Kind = "boundary-deleted"
	BoundaryEdited       Kind = "boundary-edited"
	PasswordPolicyGone   Kind = "password-policy-deleted"
	PasswordPolicyWeaker Kind = "password-policy-weaker"
	PasswordPolicyOther  Kind = "password-policy-changed"
	RoleDeleted          Kind = "role-deleted"
	RoleTrust            Kind = "role-trust"
	RoleBoundary         Kind = "role-boundary"
	RolePolicies         Kind = "role-policies"
	RoleSettings         Kind = "role-settings"
	GroupDeleted         Kind = "group-deleted"
	GroupPolicies        Kind = "group-policies"
	ManagedPolicyGone    Kind = "managed-policy-deleted"
	ManagedPolicyEdited  Kind = "managed-policy-edited"
	AnalyzerDeleted      Kind = "analyzer-deleted"
	AnalyzerChanged      Kind = "analyzer-changed"
	ArchiveRuleDeleted   Kind = "archive-rule-deleted"
	ArchiveRuleChanged   Kind = "archive-rule-changed"
	ArchiveRuleUnknown   Kind = "archive-rule-unknown"
)

// A Severity says how much a finding matters.
type Severity string

// The severities: of what protects less than the file says, or locks somebody
// out; of what is otherwise than the file says; and of what is worth knowing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Kinds is the table of kinds, sorted.
var Kinds = []struct {
	Kind  Kind
	Title string
}{
	{AccountGone, "an account of the file is not in the organization"},
	{AccountMoved, "an account is in another unit than the file says"},
	{AccountRenamed, "an account has another name or e-mail address than the file says"},
	{AccountSuspended, "an account is suspended or closed"},
	{AccountUnknown, "an account of the organization is not in the file"},
	{AnalyzerChanged, "an analyzer has another configuration than the file says"},
	{AnalyzerDeleted, "an analyzer was deleted"},
	{ArchiveRuleChanged, "an archive rule was changed"},
	{ArchiveRuleDeleted, "an archive rule was deleted"},
	{ArchiveRuleUnknown, "an analyzer has an archive rule that is not in the file"},
	{BoundaryDeleted, "a permissions boundary was deleted"},
	{BoundaryEdited, "a permissions boundary was edited"},
	{RootAccessOff, "central root access was switched off"},
	{RootAccessOn, "central root access is on where the file does not ask for it"},
	{AdministratorGone, "an account is not a delegated administrator any more"},
	{FullAccessBack, "FullAWSAccess is attached where an allow list takes its place"},
	{FullAccessMissing, "FullAWSAccess is not attached"},
	{GroupDeleted, "a group was deleted"},
	{GroupPolicies, "a group lost the policy of its grants"},
	{ManagedPolicyGone, "a customer managed policy was deleted"},
	{ManagedPolicyEdited, "a customer managed policy was edited"},
	{PasswordPolicyOther, "a password policy was changed, and is not weaker"},
	{PasswordPolicyGone, "a password policy was deleted"},
	{PasswordPolicyWeaker, "a password policy is weaker than the file says"},
	{PolicyAttached, "a policy of the file is attached where the file does not say"},
	{PolicyDeleted, "a policy of the file was deleted"},
	{PolicyDetached, "a policy of the file was detached"},
	{PolicyEdited, "a policy of the file was edited"},
	{PolicyForeign, "a policy that the file does not know is attached"},
	{ForeignGone, "a policy that the file leaves to others is not where it says"},
	{PolicyLeft, "a policy of an earlier file is still there"},
	{PolicyTypeOff, "a policy type is not enabled"},
	{RoleBoundary, "a role has another permissions boundary than the file says"},
	{RoleDeleted, "a role was deleted"},
	{RolePolicies, "a role has other policies than the file says"},
	{RoleSettings, "a role has another path, description or session duration than the file says"},
	{RoleTrust, "other principals may assume a role than the file says"},
	{TrustedServiceOff, "a service is not trusted any more"},
	{UnitMissing, "a unit of the file is not in the organization"},
	{UnitRenamed, "a unit has another name than the file says"},
	{UnitUnknown, "a unit of the organization is not in the file"},
}

// A Finding is one thing that AWS has otherwise than the file says.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	What     string   `json:"what"`     // SCP orgrails-scp-root
	Where    string   `json:"where"`    // reference of a node or an account, or a region; "" for the organization
	Expected string   `json:"expected"` // by the file; "" for what it does not have
	Found    string   `json:"found"`    // in AWS; "" for what is not there
	Origin   string   `json:"origin"`   // line of the file; "" for what it does not have
	Stack    string   `json:"stack"`    // whose deployment puts it right; "" for none
	Hint     string   `json:"hint"`     // the way out where no deployment is
	ID       string   `json:"id"`       // AWS's id or ARN; "" where it is not known
	// Effects are what is newly denied and newly allowed by it, beside what the
	// file says; only of policies of Organizations, of accounts and boundaries.
	Effects []diff.Effect `json:"effects"`
	By      *Event        `json:"by"` // who changed it, by the events that were given

	policy  string // type and name, where it is about one of Organizations
	account string // key, where an account is elsewhere
	trail   trail
}

// NotChecked is something that could not be read, and that may have drifted.
type NotChecked struct {
	What   string `json:"what"`
	Where  string `json:"where"` // as in a finding
	Reason string `json:"reason"`
}

// A Report is everything that was found, sorted: first what concerns the
// organization, then its policies, accounts and regions.
type Report struct {
	Findings   []Finding    `json:"findings"`
	NotChecked []NotChecked `json:"notChecked"`
	// Effects are what is newly denied and allowed by what cannot be told apart.
	Effects []diff.Effect `json:"effects"`
	Checked int           `json:"checked"` // things of the file that were compared
}

// Clean reports whether nothing was found.
func (r *Report) Clean() bool { return len(r.Findings) == 0 }

// Stacks are those whose deployment puts findings right, each once, sorted.
func (r *Report) Stacks() []string {
	var names []string
	for _, f := range r.Findings {
		if f.Stack != "" {
			names = append(names, f.Stack)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

const (
	organizationStack = "organization"
	policiesStack     = "policies"
)

func accountStack(key string) string      { return "account-" + key }
func analyzersStack(region string) string { return "analyzers-" + region }

// Options say how to compare. Their zero value is right where the quotas are
// AWS's own.
type Options struct {
	Quotas awsdata.Quotas // of the organization; zero fields are AWS's own numbers
	Diff   diff.Options   // of what drift does to access
}

// Find compares everything that the plan manages with what AWS has. It fails
// where units and accounts were not read, or are of another organization.
func Find(snap *live.Snapshot, plan *guardrails.Plan, o Options) (*Report, error) {
	m, err := newMatch(snap, plan)
	if err != nil {
		return nil, err
	}
	f := &finder{match: m, quotas: o.Quotas.WithDefaults(), r: &Report{Findings: []Finding{}, NotChecked: []NotChecked{}, Effects: []diff.Effect{}}}
	f.settings()
	f.units()
	f.accountsFound()
	f.policiesFound()
	for i := range plan.Baselines {
		f.baseline(&plan.Baselines[i])
	}
	for i := range plan.Analyzers {
		f.analyzers(&plan.Analyzers[i])
	}
	if err := f.effects(o.Diff); err != nil {
		return nil, err
	}
	f.sort()
	return f.r, nil
}

type finder struct {
	*match
	quotas awsdata.Quotas
	r      *Report
}

// found notes a finding, and returns it to say more.
func (f *finder) found(kind Kind, severity Severity, what, where string) *Finding {
	f.r.Findings = append(f.r.Findings, Finding{Kind: kind, Severity: severity, What: what, Where: where, Effects: []diff.Effect{}})
	return &f.r.Findings[len(f.r.Findings)-1]
}

// unread notes what could not be read, with AWS's reason: the one that the
// snapshot has for the operation, or for everything in the account.
func (f *finder) unread(what, where, account, api string) {
	n := NotChecked{What: what, Where: where}
	for _, x := range f.snap.NotRead {
		if x.Account == account && (strings.HasSuffix(x.API, ":"+api) || account != "" && x.API == "sts:AssumeRole" || x.API == "") {
			n.Reason = x.Reason
			break
		}
	}
	if !slices.Contains(f.r.NotChecked, n) {
		f.r.NotChecked = append(f.r.NotChecked, n)
	}
}

// differs reports whether AWS has another document than the plan. One that
// names what has yet to be made cannot be compared, and that is noted.
func (f *finder) differs(typ string, want guardrails.Text, content, what, where string) bool {
	if refs := f.unmade(want); len(refs) > 0 {
		f.r.NotChecked = append(f.r.NotChecked, NotChecked{What: what, Where: where, Reason: "it names " + strings.Join(refs, ", ") + ", which AWS has yet to make"})
		return false
	}
	return !f.same(typ, want, content)
}

// checked counts things of the file that were compared.
func (f *finder) checked(n int) { f.r.Checked += n }

// group is the order of findings: the organization, its policies, and what is
// in accounts and regions.
func group(k Kind) int {
	begins := func(prefix string) bool { return strings.HasPrefix(string(k), prefix) }
	switch {
	case k == PolicyTypeOff, begins("trusted"), begins("delegated"), begins("central"), begins("unit"), begins("account"):
		return 0
	case begins("policy"), begins("full"):
		return 1
	}
	return 2
}

func (f *finder) sort() {
	slices.SortStableFunc(f.r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(group(a.Kind), group(b.Kind)), cmp.Compare(a.Where, b.Where),
			cmp.Compare(a.What, b.What), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Found, b.Found))
	})
	slices.SortStableFunc(f.r.NotChecked, func(a, b NotChecked) int { return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.What, b.What)) })
}

// effects says what drift does to access: it compares what AWS has with what it
// would have if nothing had drifted, and gives each difference to the finding
// that it comes from.
func (f *finder) effects(o diff.Options) error {
	if !slices.ContainsFunc(f.r.Findings, func(x Finding) bool { return x.policy != "" || x.account != "" || x.Kind == BoundaryEdited }) {
		return nil
	}
	now, with, _ := f.asIs()
	// What others have attached is drift, too, where the file does not know it.
	with.Elsewhere = slices.DeleteFunc(slices.Clone(with.Elsewhere), func(p guardrails.ForeignPolicy) bool {
		return !slices.ContainsFunc(f.plan.Elsewhere, func(w guardrails.ForeignPolicy) bool { return w.Type == p.Type && w.Name == p.Name })
	})
	with.NoFullAccess = f.plan.NoFullAccess
	d, err := diff.Diff(with, now, o)
	if err != nil {
		return fmt.Errorf("compare what AWS has with the plan: %w", err)
	}
	for _, e := range d.Effects {
		if !f.give(e) {
			f.r.Effects = append(f.r.Effects, e)
		}
	}
	for i := range f.r.Findings {
		x := &f.r.Findings[i]
		typ, _, _ := strings.Cut(x.policy, " ")
		if x.Kind == PolicyEdited && len(x.Effects) == 0 && (typ == serviceControl || typ == resourceControl) {
			x.Severity = Warning // it comes to the same
		}
	}
	return nil
}

// give finds the findings that an effect comes from: those of its policies, or
// else those of the accounts that are elsewhere.
func (f *finder) give(e diff.Effect) bool {
	given := false
	to := func(is func(*Finding) bool) {
		for i := range f.r.Findings {
			if x := &f.r.Findings[i]; is(x) {
				x.Effects, given = append(x.Effects, e), true
			}
		}
	}
	to(func(x *Finding) bool {
		return slices.ContainsFunc(e.Sources, func(s diff.Source) bool {
			if e.Type == "PERMISSIONS_BOUNDARY" {
				return x.Kind == BoundaryEdited && x.What == "boundary "+s.Policy && slices.Contains(e.Accounts, strings.TrimPrefix(x.Where, "account:"))
			}
			return x.policy == e.Type+" "+s.Policy
		})
	})
	if !given {
		to(func(x *Finding) bool { return x.account != "" && slices.Contains(e.Accounts, x.account) })
	}
	return given
}
