package cli

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// example is a template's policy document for an example organization: the
// parameters are the defaults, or those of a vector where some have none. A
// password preset has no document.
func example(t *catalog.Template) (json.RawMessage, error) {
	if t.Type == catalog.PasswordPolicyPreset {
		return nil, nil
	}
	candidates := []map[string]any{nil}
	for _, v := range t.Vectors {
		candidates = append(candidates, v.Parameters)
	}
	var ds diag.Diagnostics
	for _, given := range candidates {
		params := map[string]org.Parameter{}
		for name, v := range given {
			params[name] = org.Parameter{Value: v}
		}
		if ds = t.Check(params, t.Range); ds.HasErrors() {
			continue
		}
		var statements []policy.Statement
		if statements, ds = t.Instantiate(exampleEnv(), params, t.Range); ds.HasErrors() {
			continue
		}
		doc := policy.Document{Version: policy.Version2012, Statements: statements}.JSON()
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(doc), "", "  "); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	}
	return nil, fmt.Errorf("make an example of %s: %s", t.ID, ds[0].Summary)
}

// exampleEnv is the organization that documents are shown for.
func exampleEnv() catalog.Env {
	management, identity := string(guardrails.Ref("account:management")), string(guardrails.Ref("account:identity"))
	return catalog.Env{
		Partition:  "aws",
		DeployRole: "OrganizationAccountAccessRole",
		Values: map[string]any{
			"boundaryName":                   "developer",
			"data.globalServices":            awsdata.GlobalServiceActions(),
			"data.rcpServices":               rcpActions(),
			"organization.boundaries":        []string{"developer"},
			"organization.exemptPrincipals":  []string{"role/platform/DataPlatform"},
			"organization.homeRegion":        "eu-central-1",
			"organization.id":                string(guardrails.Ref("organization")),
			"organization.identityAccounts":  []string{identity},
			"organization.managementAccount": management,
			"organization.regions":           []string{"eu-central-1", "eu-west-1"},
		},
		Accounts: map[string]string{"management": management, "identity": identity},
	}
}

// rcpActions are all actions of every service that resource control policies reach.
func rcpActions() []string {
	var actions []string
	for _, s := range awsdata.RCPServices.Value {
		actions = append(actions, s+":*")
	}
	return actions
}
