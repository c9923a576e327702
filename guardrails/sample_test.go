package guardrails

// sample is a plan that uses every field of every type.
func sample() *Plan {
	lengths := Lengths{Organization: 34, Root: 34, Unit: 68, Account: 12}
	yes := true
	doc := func(sids ...string) Text {
		t := Text(`{"Version":"2012-10-17","Statement":[`)
		for i, sid := range sids {
			if i > 0 {
				t += ","
			}
			t += Text(`{"Sid":"` + sid + `","Effect":"Deny","Action":["a:B","a:C"],"Resource":"arn:aws:iam::` + string(Ref("account:payments")) + `:role/<x>"}`)
		}
		return t + "]}"
	}
	statements := func(sids ...string) []Statement {
		out := []Statement{}
		for _, sid := range sids {
			out = append(out, Statement{Sid: sid, Guardrail: "deny-root-user", Origin: "organization.yaml:3:5", Exceptions: []string{"one"}})
		}
		if len(out) > 1 {
			out[1].Packed = &Packed{Lines: []string{"organization.yaml:4:5"}, AskedAt: []string{"unit:Workloads"}, Merged: []Merged{
				{Guardrail: "deny-root-user", Origin: "organization.yaml:3:5", Sid: "B", Exceptions: []string{"one"}, Statement: `{"Sid":"B","Effect":"Deny","Action":"a:B","Resource":"*"}`},
				{Guardrail: "restrict-regions", Origin: "organization.yaml:4:5", Sid: "C", Exceptions: []string{}, Statement: `{"Sid":"C","Effect":"Deny","Action":"a:C","Resource":"` + Ref("account:payments") + `"}`},
			}}
		}
		return out
	}
	managed := func(name string) ManagedPolicy {
		return ManagedPolicy{Name: name, Path: "/", Description: "d & e", Document: doc("A"), Size: doc("A").Size(lengths), Statements: statements("A"), Origin: "organization.yaml:9:3"}
	}
	return &Plan{
		Version:   Version,
		IDs:       map[string]string{"organization": "o-a1b2c3d4e5", "root": "r-ab12", "unit:Workloads": "ou-ab12-12345678", "account:management": "111111111111"},
		IDLengths: lengths,
		Organization: Organization{
			Name: "acme", Partition: "aws", HomeRegion: "eu-central-1", Regions: []string{"eu-central-1", "eu-west-1"},
			DeployRole: "OrganizationAccountAccessRole", TrustedServices: []string{"access-analyzer.amazonaws.com"}, PolicyTypes: []string{"SERVICE_CONTROL_POLICY"},
			DelegatedAdministrators: []DelegatedAdministrator{{ServicePrincipal: "access-analyzer.amazonaws.com", Account: "payments", Origin: "organization.yaml:4:1"}},
			CentralizedRootAccess:   []string{"RootSessions"},
		},
		Units: []Unit{
			{Path: "Workloads", Name: "Workloads", Parent: "root", Was: []string{}, Origin: "organization.yaml:5:1"},
			{Path: "Workloads/Prod", Name: "Prod \u2028 <1>", Parent: "Workloads", Was: []string{"Workloads/Live"}, Origin: "organization.yaml:6:1"},
		},
		Accounts: []Account{{Key: "payments", Name: "Payments", Email: "pay@acme.example", Parent: "Workloads/Prod", Origin: "organization.yaml:7:1"}},
		Baselines: []Baseline{
			{Account: "management", Boundaries: []ManagedPolicy{managed("carrier")}, Roles: []Role{}, Groups: []Group{{Name: "auditors", Path: "/", Policy: managed("assume-auditors"), Origin: "organization.yaml:20:1"}}},
			{
				Account: "payments", Boundaries: []ManagedPolicy{managed("developer")},
				PasswordPolicy: &PasswordPolicy{MinimumPasswordLength: 14, RequireNumbers: true, Origin: "organization.yaml:21:1"},
				Roles: []Role{{
					Name: "Admin", Path: "/", Description: "", Trust: doc("T"), ManagedPolicies: []Text{"arn:aws:iam::aws:policy/SecurityAudit"},
					Policies: []ManagedPolicy{managed("admin-own")}, Boundary: "arn:aws:iam::" + Ref("account:payments") + ":policy/developer", MaxSessionDuration: 3600, BreakGlass: true, Origin: "organization.yaml:22:1",
				}},
				Groups: []Group{},
			},
		},
		Analyzers: []AnalyzerRegion{{Region: "eu-central-1", Administrator: "payments", Analyzers: []Analyzer{{
			Name: "orgrails-unused", Type: "ORGANIZATION_UNUSED_ACCESS", UnusedAccessAge: 90, ExcludeAccounts: []Text{Ref("account:payments")},
			ArchiveRules: []ArchiveRule{{Name: "vendor", Filter: []Criterion{{Property: "principal.AWS", Contains: []string{"999999999999"}, Eq: []string{}, Neq: []string{}, Exists: &yes}}, Origin: "organization.yaml:30:1"}},
			Origin:       "organization.yaml:29:1",
		}}}},
		Policies: []Policy{{
			Type: "SERVICE_CONTROL_POLICY", Name: "orgrails-scp-root", Was: []string{}, Description: "what it is", Content: doc("A", "B"), Size: doc("A", "B").Size(lengths), Statements: statements("A", "B"),
			Pending: &Pending{Content: doc("A"), Needs: []BoundaryNeed{{Account: "payments", Policy: "developer"}}},
		}},
		Attachments:  []Attachment{{Target: "root", Type: "SERVICE_CONTROL_POLICY", Policy: "orgrails-scp-root"}},
		NoFullAccess: []string{},
		Exceptions:   []Exception{{Key: "one", Guardrail: "deny-root-user", Reason: "r", Owner: "o", Ticket: "t", Expires: "2027-03-31T00:00:00Z", Policies: []string{"orgrails-scp-root"}, Origin: "organization.yaml:40:1"}},
		NotCarried:   []NotCarried{{Boundary: "carrier", Guardrail: "deny-root-user", Origin: "organization.yaml:3:5", Reason: "the root user has no boundary"}},
		Elsewhere: []ForeignPolicy{
			{Type: "SERVICE_CONTROL_POLICY", Name: "aws-guardrails-AbCdEf", Content: doc("X"), Targets: []string{"unit:Workloads"}, Origin: "organization.yaml:50:1"},
			{Type: "TAG_POLICY", Name: "tags", Content: "", Targets: []string{"root"}, Origin: "organization.yaml:51:1"},
		},
		Beside: []string{"control-tower", "stack-sets"},
		MustWork: []MustWork{{Key: "batch", Level: "must", Loses: "the batch stops", As: "role/Batch", In: []string{"unit:Workloads"}, Action: "s3:GetObject", Resource: "*",
			Context: []Context{{Key: "aws:RequestedRegion", Values: []string{"eu-west-1"}}}, Source: "INC-1", Origin: "organization.yaml:52:1"}},
		AcceptedLockouts: []string{"root-session-unlocks-bucket"},
	}
}
