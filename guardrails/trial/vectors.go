package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A VectorResult is one vector of a template, and what happened.
type VectorResult struct {
	Vector *catalog.Vector
	eval.Explanation
}

// Passed reports whether the answer is the one that the vector expects.
func (r *VectorResult) Passed() bool {
	return (r.Decision == eval.Allowed) == (r.Vector.Expect == "allow")
}

// resourceOwner owns the resources of vectors whose ARN names no account.
const resourceOwner = "222222222222"

// Vectors puts a template's vectors to the template alone, for the example
// organization (see [catalog.ExampleEnv]): beside it there is FullAWSAccess,
// everybody may do everything by their own policies, and so do resources
// allow. A password preset has none. The context is that of the vector, with
// aws:PrincipalArn and aws:PrincipalAccount where it does not say them.
func Vectors(t *catalog.Template) ([]VectorResult, error) {
	if t.Type == catalog.PasswordPolicyPreset {
		return nil, nil
	}
	results := make([]VectorResult, 0, len(t.Vectors))
	for i := range t.Vectors {
		v := &t.Vectors[i]
		params := catalog.Parameters(v.Parameters)
		statements, ds := t.Instantiate(catalog.ExampleEnv(), params, t.Range)
		if ds.HasErrors() {
			return nil, fmt.Errorf("%s: vector %q: %s", t.ID, v.Name, ds[0].Summary)
		}
		r, p := vectorPolicies(t, v, statements)
		o := eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "111111111111", Accounts: []string{resourceOwner}}
		if t.Type == catalog.ServiceControlPolicy { // whoever an SCP is asked about is of the organization
			o.Accounts = append(o.Accounts, accountOf(v.Principal))
		}
		set, err := eval.Compile(o, p)
		if err != nil {
			return nil, fmt.Errorf("%s: vector %q: %w", t.ID, v.Name, err)
		}
		results = append(results, VectorResult{v, set.Explain(r)})
	}
	return results, nil
}

func vectorPolicies(t *catalog.Template, v *catalog.Vector, statements []policy.Statement) (*eval.Request, eval.Policies) {
	doc := eval.Document{Name: t.ID, Policy: policy.Document{Version: policy.Version2012, Statements: statements}}
	resource := allowAll(ResourceNotKnown)
	resource.Policy.Statements[0].Principal = &policy.Principal{Everyone: true}
	p := eval.Policies{Identity: []eval.Document{allowAll(IdentityNotKnown)}, Resource: &resource}
	r := &eval.Request{Principal: v.Principal, Action: v.Action, Resource: v.Resource, ResourceAccount: resourceOwner, Context: map[string][]string{}}
	if r.Resource == "" {
		r.Resource = "*"
	}
	if parts := policy.SplitARN(r.Resource); len(parts) == 6 && len(parts[4]) == 12 {
		r.ResourceAccount = parts[4]
	}
	account := accountOf(v.Principal)
	if account != "" {
		r.Context["aws:principalarn"] = []string{v.Principal}
		r.Context["aws:principalaccount"] = []string{account}
	}
	for key, value := range v.Context {
		r.Context[strings.ToLower(key)] = org.Values(value)
	}
	switch t.Type {
	case catalog.ServiceControlPolicy:
		p.SCP = []eval.Level{{ID: org.RootSelector, Policies: []eval.Document{allowAll(fullAWSAccess), doc}}}
	case catalog.ResourceControlPolicy:
		p.RCP = []eval.Level{{ID: org.RootSelector, Policies: []eval.Document{doc}}}
	case catalog.PermissionsBoundary:
		p.Boundary = []eval.Document{doc}
		// Everyone would let who asks past the boundary.
		resource.Policy.Statements[0].Principal = &policy.Principal{AWS: policy.Values{account}}
		if r.ResourceAccount != account {
			r.ResourceAccount = account
		}
	}
	return r, p
}

// accountOf is the account of a principal's ARN, "" where it has none.
func accountOf(principal string) string {
	if parts := policy.SplitARN(principal); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// CatalogResult is what became of a template's vectors, or of its settings.
type CatalogResult struct {
	Template *catalog.Template
	Vectors  []VectorResult
	Settings []SettingResult
}

// Asked is how many vectors and settings there are, and how many of them failed.
func (r *CatalogResult) Asked() (n, failed int) {
	for i := range r.Vectors {
		if !r.Vectors[i].Passed() {
			failed++
		}
	}
	for i := range r.Settings {
		if !r.Settings[i].Passed() {
			failed++
		}
	}
	return len(r.Vectors) + len(r.Settings), failed
}

// Catalog puts the vectors and settings of every template of a catalogue.
func Catalog(c *catalog.Catalog) ([]CatalogResult, error) {
	var results []CatalogResult
	for _, t := range c.All() {
		vs, err := Vectors(t)
		if err != nil {
			return nil, err
		}
		settings, err := Settings(t)
		if err != nil {
			return nil, err
		}
		if t.Type != catalog.PasswordPolicyPreset {
			results = append(results, CatalogResult{t, vs, settings})
		}
	}
	return results, nil
}

// CatalogDiagnostics say of each vector and setting that failed what was
// expected, and what happened.
func CatalogDiagnostics(results []CatalogResult) diag.Diagnostics {
	var ds diag.Diagnostics
	for _, r := range results {
		for i := range r.Vectors {
			v := &r.Vectors[i]
			if v.Passed() {
				continue
			}
			happened := "nothing denies it"
			if j := slices.IndexFunc(v.Reasons, func(x eval.Reason) bool { return x.Decisive }); j >= 0 && v.Decision != eval.Allowed {
				happened = v.Reasons[j].Text
			}
			ds.Errorf(r.Template.Range, "GR372", "template %s: vector %q: expected %s, but %s", r.Template.ID, v.Vector.Name, v.Vector.Expect, happened).Hint =
				"the request is written from AWS's documentation: change the template's statements, or the vector if it misstates the call"
		}
		for i := range r.Settings {
			if s := &r.Settings[i]; !s.Passed() {
				ds.Errorf(r.Template.Range, "GR372", "template %s: setting %s: expected %s, but it comes to %s", r.Template.ID, s.Setting.Path, said(Expected(s.Setting.Value)), said(s.Value)).Hint =
					"the value is written from AWS's documentation: change the template's document, or the setting if it misstates the page"
			}
		}
	}
	return ds
}
