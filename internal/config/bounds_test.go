package config

import (
	"encoding/json"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// Bounds that the schema has for editors are those of the dated tables.
func TestBoundsOfTheSchemaAreAWSs(t *testing.T) {
	quota := awsdata.Quotas{}.WithDefaults()
	passwords := awsdata.PasswordPolicy.Value
	for _, c := range []struct {
		def, key, bound string
		want            int
	}{
		{"PasswordPolicy", "minimumLength", "minimum", passwords.MinimumLength.Min},
		{"PasswordPolicy", "minimumLength", "maximum", passwords.MinimumLength.Max},
		{"PasswordPolicy", "maxAgeDays", "maximum", passwords.MaxAgeDays.Max},
		{"PasswordPolicy", "reusePrevention", "maximum", passwords.ReusePrevention.Max},
		{"UnusedAnalyzer", "ageDays", "minimum", awsdata.AccessAnalyzer.Value.UnusedAccessAge.Min},
		{"UnusedAnalyzer", "ageDays", "maximum", awsdata.AccessAnalyzer.Value.UnusedAccessAge.Max},
		{"Criterion", "contains", "maxItems", quota.ValuesPerCriterion},
		{"Criterion", "eq", "maxItems", quota.ValuesPerCriterion},
		{"Criterion", "neq", "maxItems", quota.ValuesPerCriterion},
		{"Account", "name", "maxLength", quota.AccountNameLength},
		{"Account", "email", "maxLength", quota.AccountEmailLength},
		{"ManagementAccount", "name", "maxLength", quota.AccountNameLength},
		{"Unit", "name", "maxLength", quota.OUNameLength},
		{"Role", "path", "maxLength", quota.PathLength},
		{"Role", "description", "maxLength", quota.RoleDescriptionLength},
		{"Trust", "externalId", "maxLength", quota.ExternalIDLength},
	} {
		properties, _ := organizationSchema().at("#/$defs/" + c.def)["properties"].(map[string]any)
		property, _ := properties[c.key].(map[string]any)
		n, _ := property[c.bound].(json.Number)
		if got, err := n.Int64(); err != nil || int(got) != c.want {
			t.Errorf("%s.%s: %s is %q, the table says %d", c.def, c.key, c.bound, n, c.want)
		}
	}
}
