package stacks

import "github.com/orgrails/orgrails/guardrails"

// fixture is a plan that has one of everything.
func fixture() *guardrails.Plan {
	text := func(s string) guardrails.Text { return guardrails.Text(s) }
	managed := func(name, document string) guardrails.ManagedPolicy {
		return guardrails.ManagedPolicy{Name: name, Path: "/orgrails/", Description: name, Document: text(document), Size: len(document), Statements: []guardrails.Statement{}, Origin: "organization.yaml:9:1"}
	}
	yes := true
	return &guardrails.Plan{
		Version: 1,
		IDs: map[string]string{
			"organization": "o-a1b2c3d4e5", "account:management": "111111111111", "account:identity": "777777777777",
			"account:payments": "444444444444", "unit:Security": "ou-ab12-11111111",
		},
		Organization: guardrails.Organization{
			Name: "acme", Partition: "aws", HomeRegion: "eu-central-1", Regions: []string{"eu-central-1"}, DeployRole: "OrganizationAccountAccessRole",
			TrustedServices: []string{"access-analyzer.amazonaws.com", "iam.amazonaws.com"},
			PolicyTypes:     []string{"RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"},
			DelegatedAdministrators: []guardrails.DelegatedAdministrator{
				{ServicePrincipal: "access-analyzer.amazonaws.com", Account: "identity", Origin: "organization.yaml:5:1"},
			},
			CentralizedRootAccess: []string{"RootCredentialsManagement"},
		},
		Units: []guardrails.Unit{
			{Path: "Security", Name: "Security", Parent: "root", Was: []string{}},
			{Path: "Workloads", Name: "Workloads", Parent: "root", Was: []string{"Work"}},
			{Path: "Workloads/Prod", Name: "Production", Parent: "Workloads", Was: []string{"Work/Prod"}},
		},
		Accounts: []guardrails.Account{
			{Key: "identity", Name: "identity", Email: "identity@acme.example", Parent: "Security"},
			{Key: "payments", Name: "payments", Email: "pay@acme.example", Parent: "Workloads/Prod"},
			{Key: "sandbox", Name: "sandbox", Email: "sandbox@acme.example", Parent: "root"},
		},
		Baselines: []guardrails.Baseline{
			{
				Account: "identity", Boundaries: []guardrails.ManagedPolicy{}, Roles: []guardrails.Role{},
				Groups: []guardrails.Group{{Name: "on-call", Path: "/", Policy: managed("assume-on-call", `{"Resource":"arn:aws:iam::{{id:account:sandbox}}:role/Admin"}`)}},
			},
			{Account: "management", Boundaries: []guardrails.ManagedPolicy{}, Roles: []guardrails.Role{}, Groups: []guardrails.Group{}},
			{
				Account:    "payments",
				Boundaries: []guardrails.ManagedPolicy{managed("developer", `{"b":1}`)},
				PasswordPolicy: &guardrails.PasswordPolicy{MinimumPasswordLength: 14, RequireSymbols: true, PasswordReusePrevention: 24,
					AllowUsersToChangePassword: true, Origin: "organization.yaml:20:1"},
				Roles: []guardrails.Role{{
					Name: "Admin", Path: "/", Trust: text(`{"AWS":"arn:aws:iam::{{id:account:identity}}:root"}`),
					ManagedPolicies: []guardrails.Text{"arn:aws:iam::aws:policy/AdministratorAccess"},
					Policies:        []guardrails.ManagedPolicy{managed("extra", `{"e":1}`)},
					Boundary:        "arn:aws:iam::{{id:account:payments}}:policy/orgrails/developer", MaxSessionDuration: 3600,
				}},
				Groups: []guardrails.Group{},
			},
		},
		Analyzers: []guardrails.AnalyzerRegion{{
			Region: "eu-west-1", Administrator: "identity",
			Analyzers: []guardrails.Analyzer{{
				Name: "unused", Type: "ORGANIZATION_UNUSED_ACCESS", UnusedAccessAge: 90,
				ExcludeAccounts: []guardrails.Text{guardrails.Ref("account:sandbox")},
				ArchiveRules: []guardrails.ArchiveRule{{Name: "vendor", Filter: []guardrails.Criterion{
					{Property: "isPublic", Exists: &yes}, {Property: "principal.AWS", Contains: []string{"999999999999"}},
				}}},
			}},
		}},
		Policies: []guardrails.Policy{
			{Type: "RESOURCE_CONTROL_POLICY", Name: "orgrails-rcp-root", Was: []string{}, Content: `{"org":"{{id:organization}}"}`},
			{
				Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-Workloads", Was: []string{"orgrails-scp-Work"}, Content: `{"full":true}`,
				Pending: &guardrails.Pending{Content: `{"full":false}`, Needs: []guardrails.BoundaryNeed{{Account: "payments", Policy: "developer"}}},
			},
			{
				Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-root", Was: []string{}, Content: `{"only":"boundary"}`,
				Pending: &guardrails.Pending{Needs: []guardrails.BoundaryNeed{{Account: "sandbox", Policy: "developer"}}},
			},
		},
		Attachments: []guardrails.Attachment{
			{Target: "root", Type: "RESOURCE_CONTROL_POLICY", Policy: "orgrails-rcp-root"},
			{Target: "root", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-root"},
			{Target: "unit:Workloads", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-Workloads"},
		},
		Exceptions: []guardrails.Exception{}, NotCarried: []guardrails.NotCarried{},
		NoFullAccess: []string{}, Elsewhere: []guardrails.ForeignPolicy{}, Beside: []string{}, MustWork: []guardrails.MustWork{}, AcceptedLockouts: []string{},
	}
}
