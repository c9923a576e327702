package render

import (
	"fmt"

	"github.com/orgrails/orgrails/guardrails"
)

// samplePlan is a small organization that uses every part of a plan.
func samplePlan() *guardrails.Plan {
	scp := guardrails.Text(`{"Version":"2012-10-17","Statement":[{"Sid":"DenyLeave","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"` + string(guardrails.Ref("organization")) + `"}}}]}`)
	trust := func(principal, condition string) guardrails.Text {
		return guardrails.Text(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole","Condition":` + condition + `}]}`)
	}
	identity := "arn:aws:iam::" + string(guardrails.Ref("account:identity")) + ":root"
	boundary := func(account string) guardrails.ManagedPolicy {
		doc := guardrails.Text(`{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::` + string(guardrails.Ref("account:"+account)) + `:policy/developer"}]}`)
		return guardrails.ManagedPolicy{Name: "developer", Path: "/", Document: doc, Size: 140, Origin: "organization.yaml:60:3",
			Statements: []guardrails.Statement{{Sid: "Own", Guardrail: "developer-boundary", Origin: "organization.yaml:60:3", Exceptions: []string{}}}}
	}
	baseline := func(account string) guardrails.Baseline {
		return guardrails.Baseline{
			Account:    account,
			Boundaries: []guardrails.ManagedPolicy{boundary(account)},
			PasswordPolicy: &guardrails.PasswordPolicy{MinimumPasswordLength: 14, RequireUppercaseCharacters: true, RequireNumbers: true,
				MaxPasswordAge: 90, PasswordReusePrevention: 24, AllowUsersToChangePassword: true, Origin: "organization.yaml:70:3"},
			Roles: []guardrails.Role{
				{Name: "Admin", Path: "/", Trust: trust(identity, `{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"900"},"StringEquals":{"aws:PrincipalTag/orgrails:group/on-call":"member"},"DateLessThan":{"aws:CurrentTime":"2026-12-01T06:00:00Z"}}`),
					ManagedPolicies: []guardrails.Text{"arn:aws:iam::aws:policy/AdministratorAccess"}, Policies: []guardrails.ManagedPolicy{},
					Boundary:           guardrails.Text("arn:aws:iam::" + string(guardrails.Ref("account:"+account)) + ":policy/developer"),
					MaxSessionDuration: 3600, Origin: "organization.yaml:80:3"},
				{Name: "BreakGlass", Path: "/", Trust: trust("arn:aws:iam::"+string(guardrails.Ref("account:management"))+":user/break-glass-1", `{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}}`),
					ManagedPolicies: []guardrails.Text{}, Policies: []guardrails.ManagedPolicy{
						{Name: "BreakGlass-extra", Path: "/", Document: `{"Version":"2012-10-17","Statement":[]}`, Size: 40, Statements: []guardrails.Statement{}, Origin: "organization.yaml:82:3"}},
					MaxSessionDuration: 5400, BreakGlass: true, Origin: "organization.yaml:81:3"},
			},
			Groups: []guardrails.Group{},
		}
	}
	own := guardrails.Baseline{Account: "identity", Boundaries: []guardrails.ManagedPolicy{}, Roles: []guardrails.Role{}, Groups: []guardrails.Group{{
		Name: "on-call", Path: "/", Origin: "organization.yaml:75:3",
		Policy: guardrails.ManagedPolicy{Name: "on-call", Path: "/", Size: 210, Origin: "organization.yaml:75:3",
			Document:   guardrails.Text(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":["arn:aws:iam::%s:role/Admin","arn:aws:iam::%s:role/Admin"]}]}`, guardrails.Ref("account:payments-prod"), guardrails.Ref("account:sandbox-1"))),
			Statements: []guardrails.Statement{{Guardrail: "", Origin: "organization.yaml:76:5", Exceptions: []string{}}}},
	}}}
	statement := func(sid, guardrail, origin string, exceptions ...string) guardrails.Statement {
		return guardrails.Statement{Sid: sid, Guardrail: guardrail, Origin: "organization.yaml:" + origin, Exceptions: append([]string{}, exceptions...)}
	}
	exists := true
	return &guardrails.Plan{
		Version: guardrails.Version,
		IDs: map[string]string{"organization": "o-a1b2c3d4e5", "account:management": "111111111111", "account:identity": "777777777777",
			"account:log-archive": "333333333333", "account:payments-prod": "444444444444"},
		IDLengths: guardrails.Lengths{Organization: 34, Root: 34, Unit: 68, Account: 12},
		Organization: guardrails.Organization{Name: "acme", Partition: "aws", HomeRegion: "eu-central-1", Regions: []string{"eu-central-1", "eu-west-1"},
			DeployRole: "OrganizationAccountAccessRole", TrustedServices: []string{"access-analyzer.amazonaws.com"}, PolicyTypes: []string{"RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"},
			DelegatedAdministrators: []guardrails.DelegatedAdministrator{{ServicePrincipal: "access-analyzer.amazonaws.com", Account: "identity", Origin: "organization.yaml:12:5"}},
			CentralizedRootAccess:   []string{"RootSessions"}},
		Units: []guardrails.Unit{
			{Path: "Sandbox", Name: "Sandbox", Parent: "root", Was: []string{}, Origin: "organization.yaml:40:5"},
			{Path: "Security", Name: "Security", Parent: "root", Was: []string{}, Origin: "organization.yaml:30:5"},
			{Path: "Workloads", Name: "Workloads", Parent: "root", Was: []string{}, Origin: "organization.yaml:34:5"},
			{Path: "Workloads/NonProd", Name: "Non Production", Parent: "Workloads", Was: []string{"Workloads/Dev"}, Origin: "organization.yaml:38:7"},
			{Path: "Workloads/Prod", Name: "Prod", Parent: "Workloads", Was: []string{}, Origin: "organization.yaml:36:7"},
		},
		Accounts: []guardrails.Account{
			{Key: "identity", Name: "identity", Email: "identity@acme.example", Parent: "Security", Origin: "organization.yaml:31:9"},
			{Key: "log-archive", Name: "Log Archive", Email: "logs@acme.example", Parent: "Security", Origin: "organization.yaml:32:9"},
			{Key: "payments-prod", Name: "payments-prod", Email: "pay@acme.example", Parent: "Workloads/Prod", Origin: "organization.yaml:37:9"},
			{Key: "sandbox-1", Name: "sandbox-1", Email: "sandbox-1@acme.example", Parent: "Sandbox", Origin: "organization.yaml:41:9"},
		},
		Baselines: []guardrails.Baseline{own, baseline("payments-prod"), baseline("sandbox-1")},
		Analyzers: []guardrails.AnalyzerRegion{{Region: "eu-central-1", Administrator: "identity", Analyzers: []guardrails.Analyzer{
			{Name: "external", Type: "ORGANIZATION", ExcludeAccounts: []guardrails.Text{}, Origin: "organization.yaml:90:3",
				ArchiveRules: []guardrails.ArchiveRule{{Name: "vendor-audit", Filter: []guardrails.Criterion{{Property: "principal.AWS", Contains: []string{}, Eq: []string{}, Neq: []string{}, Exists: &exists}}, Origin: "organization.yaml:92:3"}}},
			{Name: "unused", Type: "ORGANIZATION_UNUSED_ACCESS", UnusedAccessAge: 90, ExcludeAccounts: []guardrails.Text{guardrails.Ref("account:sandbox-1")}, ArchiveRules: []guardrails.ArchiveRule{}, Origin: "organization.yaml:91:3"},
		}}},
		Policies: []guardrails.Policy{
			{Type: "RESOURCE_CONTROL_POLICY", Name: "orgrails-rcp-root", Was: []string{}, Content: scp, Size: 201, Statements: []guardrails.Statement{statement("Perimeter", "data-perimeter-identity", "25:5")}},
			{Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-@payments-prod", Was: []string{}, Content: `{"Version":"2012-10-17","Statement":[]}`, Size: 39, Statements: []guardrails.Statement{statement("P", "policies/our-own.json", "37:30")}},
			{Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-Workloads/Prod", Was: []string{}, Content: scp, Size: 10_000, Statements: []guardrails.Statement{statement("M", "require-boundary", "60:3")},
				Pending: &guardrails.Pending{Content: `{"Version":"2012-10-17","Statement":[]}`, Needs: []guardrails.BoundaryNeed{{Account: "payments-prod", Policy: "developer"}}}},
			{Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-root", Was: []string{}, Content: scp, Size: 202, Statements: []guardrails.Statement{
				statement("A", "deny-leave-organization", "20:5"), statement("B", "deny-leave-organization", "20:5"), statement("C", "restrict-regions", "21:5", "bedrock-us")}},
		},
		Attachments: []guardrails.Attachment{
			{Target: "account:payments-prod", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-@payments-prod"},
			{Target: "root", Type: "RESOURCE_CONTROL_POLICY", Policy: "orgrails-rcp-root"},
			{Target: "root", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-root"},
			{Target: "unit:Workloads/Prod", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-Workloads/Prod"},
		},
		Exceptions: []guardrails.Exception{{Key: "bedrock-us", Guardrail: "restrict-regions", Reason: "model only offered in us-east-1", Owner: "data-platform@acme.example", Ticket: "SEC-142",
			Expires: "2027-04-01T00:00:00Z", Policies: []string{"orgrails-scp-root"}, Origin: "organization.yaml:50:3"}},
		NoFullAccess: []string{}, Elsewhere: []guardrails.ForeignPolicy{}, Beside: []string{}, MustWork: []guardrails.MustWork{}, AcceptedLockouts: []string{},
		NotCarried: []guardrails.NotCarried{
			{Boundary: "management-guardrails", Guardrail: "data-perimeter-identity", Origin: "organization.yaml:16:5", Reason: "what it demands of those who assume roles is carried, into their trust; what it says of dynamodb:*, kms:*, s3:* and 1 more is not"},
			{Boundary: "management-guardrails", Guardrail: "deny-root-user", Origin: "organization.yaml:13:5", Reason: "it is about the root user, who has no boundary"},
		},
	}
}

// largePlan is an organization of n accounts, a hundred to a unit, all alike.
func largePlan(n int) *guardrails.Plan {
	p := samplePlan()
	like := p.Baselines[1]
	for i := range n {
		key := fmt.Sprintf("team-%05d", i)
		unit := fmt.Sprintf("Workloads/Prod/U%03d", i/100)
		if i%100 == 0 {
			p.Units = append(p.Units, guardrails.Unit{Path: unit, Name: unit[len("Workloads/Prod/"):], Parent: "Workloads/Prod", Was: []string{}, Origin: "organization.yaml:100:3"})
		}
		p.Accounts = append(p.Accounts, guardrails.Account{Key: key, Name: key, Email: key + "@acme.example", Parent: unit, Origin: "organization.yaml:100:3"})
		p.IDs["account:"+key] = fmt.Sprintf("%012d", i+500000000000)
		b := like
		b.Account = key
		b.Roles = append([]guardrails.Role{}, like.Roles...)
		b.Roles[0].Boundary = guardrails.Text("arn:aws:iam::" + string(guardrails.Ref("account:"+key)) + ":policy/developer")
		b.Boundaries = []guardrails.ManagedPolicy{like.Boundaries[0]}
		b.Boundaries[0].Document = guardrails.Text(`{"Version":"2012-10-17","Statement":[{"Sid":"Own","Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::` + string(guardrails.Ref("account:"+key)) + `:policy/developer"}]}`)
		p.Baselines = append(p.Baselines, b)
	}
	return p
}
