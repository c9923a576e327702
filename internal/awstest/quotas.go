package awstest

// Quotas are AWS's numbers, read on 2026-11-22. A zero field takes the
// default; a test that wants to see a limit reached lowers it.
type Quotas struct {
	// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
	PolicySize             map[string]int // characters, by policy type
	PoliciesPerTarget      map[string]int // directly attached, by policy type
	OrganizationalUnits    int
	OrganizationalUnitPath int // units below each other under the root
	Accounts               int // 10 at AWS until raised; 0 here is no limit
	AccountCreations       int // at the same time
	Invitations            int // within 24 hours; at AWS the quota of accounts where that is more
	ClosedAccounts         int // within 30 days; at AWS 20 % of the accounts where that is more

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	ManagedPolicySize int // characters that are not white space
	TrustPolicySize   int
	PoliciesPerRole   int
	PoliciesPerGroup  int
	PolicyVersions    int

	// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
	AccountAnalyzers      int // per type, account and Region
	OrganizationAnalyzers int // per type, account and Region
	ArchiveRules          int // per analyzer
	FilterValues          int // per criterion
}

func (q Quotas) orDefault() Quotas {
	size := map[string]int{
		serviceControlPolicy: 10240, resourceControlPolicy: 5120, "AISERVICES_OPT_OUT_POLICY": 2500,
	}
	perTarget := map[string]int{
		serviceControlPolicy: 10, resourceControlPolicy: 5, "CHATBOT_POLICY": 5, "AISERVICES_OPT_OUT_POLICY": 5,
	}
	for t, n := range q.PolicySize {
		size[t] = n
	}
	for t, n := range q.PoliciesPerTarget {
		perTarget[t] = n
	}
	q.PolicySize, q.PoliciesPerTarget = size, perTarget
	for field, value := range map[*int]int{
		&q.OrganizationalUnits: 2000, &q.AccountCreations: 5, &q.Invitations: 20, &q.ClosedAccounts: 250, &q.OrganizationalUnitPath: 5,
		&q.ManagedPolicySize: 6144, &q.TrustPolicySize: 2048, &q.PoliciesPerRole: 20, &q.PoliciesPerGroup: 10, &q.PolicyVersions: 5,
		&q.AccountAnalyzers: 1, &q.OrganizationAnalyzers: 5, &q.ArchiveRules: 100, &q.FilterValues: 20,
	} {
		if *field == 0 {
			*field = value
		}
	}
	return q
}

func (q Quotas) policySize(policyType string) int {
	if n, ok := q.PolicySize[policyType]; ok {
		return n
	}
	return 10000
}

func (q Quotas) policiesPerTarget(policyType string) int {
	if n, ok := q.PoliciesPerTarget[policyType]; ok {
		return n
	}
	return 10
}
