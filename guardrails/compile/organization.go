package compile

import (
	"cmp"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
)

// analyzerService is the service principal of IAM Access Analyzer, iamService
// that of IAM, which centralized root access needs.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
const (
	analyzerService = "access-analyzer.amazonaws.com"
	iamService      = "iam.amazonaws.com"
)

// organization states the settings: what the file says, and what the rest of
// the plan needs.
func (k *compiler) organization() {
	o := k.o
	out := guardrails.Organization{
		Name: o.Name, Partition: o.Partition, HomeRegion: o.HomeRegion, DeployRole: o.DeployRole,
		Regions: sortedUnique(o.Regions), CentralizedRootAccess: sortedUnique(o.CentralizedRootAccess),
		DelegatedAdministrators: []guardrails.DelegatedAdministrator{},
	}
	var trusted, types []string
	for _, d := range o.DelegatedAdministrators {
		trusted = append(trusted, d.ServicePrincipal)
		out.DelegatedAdministrators = append(out.DelegatedAdministrators, guardrails.DelegatedAdministrator{
			ServicePrincipal: d.ServicePrincipal, Account: d.Account.Key, Origin: k.origin(d.Range),
		})
	}
	slices.SortFunc(out.DelegatedAdministrators, func(a, b guardrails.DelegatedAdministrator) int {
		return cmp.Or(cmp.Compare(a.ServicePrincipal, b.ServicePrincipal), cmp.Compare(a.Account, b.Account))
	})
	if len(k.plan.Analyzers) > 0 {
		trusted = append(trusted, analyzerService)
	}
	if len(o.CentralizedRootAccess) > 0 {
		trusted = append(trusted, iamService)
	}
	for _, p := range k.plan.Policies {
		types = append(types, p.Type)
	}
	out.AccountQuota = o.Quotas.Accounts
	if o.NewAccounts != nil {
		out.NewAccounts = o.NewAccounts.Path
	}
	out.TrustedServices, out.PolicyTypes = sortedUnique(trusted), sortedUnique(types)
	k.plan.Organization = out
}
