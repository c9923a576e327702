package catalog

import "github.com/orgrails/orgrails/guardrails/awsdata"

// ExampleEnv is the organization for which vectors are written: the built-in
// templates' and those of users' own templates. Its id is o-a1b2c3d4e5, its
// management account 111111111111, its regions are eu-central-1 and eu-west-1,
// people's IAM users are in the account 777777777777, the deploy role is
// OrganizationAccountAccessRole, and guardrails exempt role/platform/*.
func ExampleEnv() Env {
	rcp := []string{}
	for _, s := range awsdata.RCPServices.Value {
		rcp = append(rcp, s+":*")
	}
	return Env{
		Partition:  "aws",
		DeployRole: "OrganizationAccountAccessRole",
		Values: map[string]any{
			"boundaryName":                   "developer",
			"data.globalServices":            awsdata.GlobalServiceActions(),
			"data.rcpServices":               rcp,
			"organization.boundaries":        []string{"developer"},
			"organization.breakGlassRoles":   []string{"role/BreakGlass"},
			"organization.exemptPrincipals":  []string{"role/platform/*"},
			"organization.homeRegion":        "eu-central-1",
			"organization.id":                "o-a1b2c3d4e5",
			"organization.identityAccounts":  []string{"777777777777"},
			"organization.managementAccount": "111111111111",
			"organization.regions":           []string{"eu-central-1", "eu-west-1"},
		},
		Accounts: map[string]string{},
	}
}
