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
	for _, s := range t.Settings {
		candidates = append(candidates, s.Parameters)
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
		var doc string
		if doc, ds = exampleDocument(t, params); ds.HasErrors() {
			continue
		}
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(doc), "", "  "); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	}
	return nil, fmt.Errorf("make an example of %s: %s", t.ID, ds[0].Summary)
}

// exampleDocument is the document of a template of any type.
func exampleDocument(t *catalog.Template, params map[string]org.Parameter) (string, diag.Diagnostics) {
	if t.Type.IsDeclarative() {
		d, ds := t.Declare(exampleEnv(), params, t.Range)
		if ds.HasErrors() {
			return "", ds
		}
		return d.JSON(), ds
	}
	statements, ds := t.Instantiate(exampleEnv(), params, t.Range)
	return policy.Document{Version: policy.Version2012, Statements: statements}.JSON(), ds
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
