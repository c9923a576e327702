package stackstest

import "github.com/orgrails/orgrails/guardrails"

// basePlan has one of everything that a plan can have. Its ids are filled in
// by newWorld.
func basePlan() *guardrails.Plan {
	const role = "OrganizationAccountAccessRole"
	managed := func(name, action string) guardrails.ManagedPolicy {
		doc := `{"Version":"2012-10-17","Statement":{"Sid":"Only","Effect":"Allow","Action":"` + action + `","Resource":"*"}}`
		return guardrails.ManagedPolicy{Name: name, Path: "/orgrails/", Description: name + " by orgrails", Document: guardrails.Text(doc), Size: len(doc), Statements: []guardrails.Statement{}}
	}
	deny := func(sid, action string) guardrails.Text {
		return guardrails.Text(`{"Version":"2012-10-17","Statement":{"Sid":"` + sid + `","Effect":"Deny","Action":"` + action + `","Resource":"*"}}`)
	}
	boundaries := func() []guardrails.ManagedPolicy {
		return []guardrails.ManagedPolicy{managed("developer", "s3:*")}
	}
	password := guardrails.PasswordPolicy{
		MinimumPasswordLength: 14, RequireUppercaseCharacters: true, RequireLowercaseCharacters: true, RequireNumbers: true, RequireSymbols: true,
		MaxPasswordAge: 90, PasswordReusePrevention: 24, AllowUsersToChangePassword: true,
	}
	auditor := guardrails.Role{
		Name: "Auditor", Path: "/", Description: "reads", MaxSessionDuration: 3600,
		Trust:           `{"Version":"2012-10-17","Statement":{"Sid":"Group","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::{{id:account:identity}}:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalTag/orgrails:group/auditors":"member"}}}}`,
		ManagedPolicies: []guardrails.Text{"arn:aws:iam::aws:policy/SecurityAudit"},
		Policies:        []guardrails.ManagedPolicy{managed("auditor-extra", "sts:GetCallerIdentity")},
		Boundary:        "arn:aws:iam::{{id:account:payments}}:policy/orgrails/developer",
	}
	sandboxRole := auditor
	sandboxRole.Policies = []guardrails.ManagedPolicy{}
	sandboxRole.Boundary = ""
	p := &guardrails.Plan{
		Version: guardrails.Version,
		IDs:     map[string]string{},
		Organization: guardrails.Organization{
			Name: "test", Partition: "aws", HomeRegion: "eu-central-1", Regions: []string{"eu-central-1", "eu-west-1"}, DeployRole: role,
			TrustedServices:         []string{"access-analyzer.amazonaws.com", "iam.amazonaws.com"},
			PolicyTypes:             []string{"RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"},
			DelegatedAdministrators: []guardrails.DelegatedAdministrator{{ServicePrincipal: "access-analyzer.amazonaws.com", Account: "identity"}},
			CentralizedRootAccess:   []string{"RootCredentialsManagement", "RootSessions"},
		},
		Units: []guardrails.Unit{
			{Path: "Security", Name: "Security", Parent: "root", Was: []string{}},
			{Path: "Workloads", Name: "Workloads", Parent: "root", Was: []string{}},
			{Path: "Workloads/Prod", Name: "Prod", Parent: "Workloads", Was: []string{}},
		},
		Accounts: []guardrails.Account{
			{Key: "identity", Name: "identity", Email: "identity@acme.example", Parent: "Security"},
			{Key: "payments", Name: "payments", Email: "pay@acme.example", Parent: "Workloads/Prod"},
			{Key: "sandbox", Name: "sandbox", Email: "sandbox@acme.example", Parent: "Workloads"},
		},
		Baselines: []guardrails.Baseline{
			{Account: "identity", Boundaries: []guardrails.ManagedPolicy{}, PasswordPolicy: &password, Roles: []guardrails.Role{}, Groups: []guardrails.Group{{
				Name: "auditors", Path: "/", Policy: guardrails.ManagedPolicy{
					Name: "assume-auditors", Path: "/orgrails/", Description: "assume", Statements: []guardrails.Statement{},
					Document: `{"Version":"2012-10-17","Statement":{"Sid":"Assume","Effect":"Allow","Action":"sts:AssumeRole","Resource":["arn:aws:iam::{{id:account:payments}}:role/Auditor","arn:aws:iam::{{id:account:sandbox}}:role/Auditor"]}}`,
				},
			}}},
			{Account: "management", Boundaries: []guardrails.ManagedPolicy{}, PasswordPolicy: &password, Roles: []guardrails.Role{}, Groups: []guardrails.Group{}},
			{Account: "payments", Boundaries: boundaries(), PasswordPolicy: &password, Roles: []guardrails.Role{auditor}, Groups: []guardrails.Group{}},
			{Account: "sandbox", Boundaries: boundaries(), Roles: []guardrails.Role{sandboxRole}, Groups: []guardrails.Group{}},
		},
		Analyzers: []guardrails.AnalyzerRegion{
			{Region: "eu-central-1", Administrator: "identity", Analyzers: []guardrails.Analyzer{
				{Name: "external", Type: "ORGANIZATION", ExcludeAccounts: []guardrails.Text{}, ArchiveRules: []guardrails.ArchiveRule{
					{Name: "vendor", Filter: []guardrails.Criterion{{Property: "principal.AWS", Contains: []string{"999999999999"}, Eq: []string{}, Neq: []string{}}}},
				}},
				{Name: "unused", Type: "ORGANIZATION_UNUSED_ACCESS", UnusedAccessAge: 90, ExcludeAccounts: []guardrails.Text{guardrails.Ref("account:sandbox")}, ArchiveRules: []guardrails.ArchiveRule{}},
			}},
			{Region: "eu-west-1", Administrator: "identity", Analyzers: []guardrails.Analyzer{
				{Name: "external", Type: "ORGANIZATION", ExcludeAccounts: []guardrails.Text{}, ArchiveRules: []guardrails.ArchiveRule{}},
			}},
		},
		Policies: []guardrails.Policy{
			{Type: "RESOURCE_CONTROL_POLICY", Name: "orgrails-rcp-root", Was: []string{}, Description: "by orgrails",
				Content: `{"Version":"2012-10-17","Statement":{"Sid":"Perimeter","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"{{id:organization}}"}}}}`},
			{Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-Workloads", Was: []string{}, Description: "by orgrails", Content: deny("DenyTrail", "cloudtrail:StopLogging"),
				Pending: &guardrails.Pending{Content: deny("DenyTrailOnly", "cloudtrail:DeleteTrail"), Needs: []guardrails.BoundaryNeed{
					{Account: "payments", Policy: "developer"}, {Account: "sandbox", Policy: "developer"},
				}}},
			{Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-root", Was: []string{}, Description: "by orgrails", Content: deny("DenyLeave", "organizations:LeaveOrganization")},
		},
		Attachments: []guardrails.Attachment{
			{Target: "root", Type: "RESOURCE_CONTROL_POLICY", Policy: "orgrails-rcp-root"},
			{Target: "root", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-root"},
			{Target: "unit:Workloads", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-Workloads"},
		},
		Exceptions: []guardrails.Exception{}, NotCarried: []guardrails.NotCarried{},
		NoFullAccess: []string{}, Elsewhere: []guardrails.ForeignPolicy{}, Beside: []string{}, MustWork: []guardrails.MustWork{}, AcceptedLockouts: []string{},
	}
	return p
}
