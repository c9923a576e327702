package recognize_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/recognize"
	"github.com/orgrails/orgrails/internal/config"
)

func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	ts, ds := config.BuiltinTemplates()
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	c, ds := catalog.New(ts)
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return c
}

// perturbed is a document that means the same as statements, as somebody else
// might have written it.
func perturbed(t *testing.T, r *rand.Rand, list []policy.Statement) []policy.Statement {
	t.Helper()
	type object = map[string]any
	var out []object
	for _, s := range list {
		var o object
		if err := json.Unmarshal([]byte(policy.StatementJSON(s)), &o); err != nil {
			t.Fatal(err)
		}
		delete(o, "Sid")
		for _, key := range []string{"Action", "NotAction", "Resource", "NotResource"} {
			switch v := o[key].(type) {
			case string:
				o[key] = []any{v}
			case []any:
				r.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
				if strings.HasSuffix(key, "Action") {
					for i := range v {
						service, name, found := strings.Cut(v[i].(string), ":")
						if found && r.IntN(2) == 0 {
							v[i] = service + ":" + strings.ToLower(name)
						}
					}
				}
			}
		}
		out = append(out, o)
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	data, err := json.MarshalIndent(object{"Version": "2012-10-17", "Statement": out}, "\t", "   ")
	if err != nil {
		t.Fatal(err)
	}
	doc, ds := policy.Parse("perturbed", data)
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	return doc.Statements
}

func instantiate(c *catalog.Catalog, env catalog.Env, id string, params map[string]any) ([]policy.Statement, bool) {
	t, ok := c.Lookup(id)
	if !ok {
		return nil, false
	}
	given := map[string]org.Parameter{}
	for name, v := range params {
		given[name] = org.Parameter{Value: v}
	}
	made, ds := t.Instantiate(env, given, diag.Range{})
	return made, !ds.HasErrors()
}

// environment is the example's, with an account whose id is known by its key.
func environment() catalog.Env {
	env := catalog.ExampleEnv()
	env.Accounts = map[string]string{"security": "222222222222", "222222222222": "222222222222"}
	return env
}

// same wants what was found to say exactly what was there.
func same(t *testing.T, c *catalog.Catalog, env catalog.Env, typ catalog.Type, list []policy.Statement, uses []recognize.Use, rest []int) {
	t.Helper()
	covered := slices.Clone(rest)
	for _, u := range uses {
		made, ok := instantiate(c, env, u.Template, u.Parameters)
		if !ok || len(made) != len(u.Statements) {
			t.Fatalf("%s with %v makes nothing", u.Template, u.Parameters)
		}
		for i, s := range made {
			if !recognize.Equal(typ, s, list[u.Statements[i]]) {
				t.Errorf("%s with %v: %s is not %s", u.Template, u.Parameters, policy.StatementJSON(s), policy.StatementJSON(list[u.Statements[i]]))
			}
		}
		covered = append(covered, u.Statements...)
	}
	slices.Sort(covered)
	if len(slices.Compact(covered)) != len(list) || len(covered) != len(list) {
		t.Errorf("of %d statements, %v are accounted for", len(list), covered)
	}
}

// What a template makes is recognised, whatever its parameters, and however it
// was written down.
func TestEveryTemplate(t *testing.T) {
	c, env := load(t), environment()
	r := rand.New(rand.NewPCG(1, 2))
	made, found, asItself := 0, 0, 0
	for _, tpl := range c.All() {
		if tpl.Type != catalog.ServiceControlPolicy && tpl.Type != catalog.ResourceControlPolicy {
			continue
		}
		var cases []map[string]any
		seen := map[string]bool{}
		for _, v := range append([]catalog.Vector{{}}, tpl.Vectors...) {
			key, _ := json.Marshal(v.Parameters)
			if _, ok := instantiate(c, env, tpl.ID, v.Parameters); ok && !seen[string(key)] {
				seen[string(key)] = true
				cases = append(cases, v.Parameters)
			}
		}
		for i, params := range cases {
			statements, _ := instantiate(c, env, tpl.ID, params)
			list := perturbed(t, r, statements)
			uses, rest := recognize.Statements(c, tpl.Type, env, list, recognize.Options{})
			same(t, c, env, tpl.Type, list, uses, rest)
			made++
			if len(rest) == 0 {
				found++
			} else {
				t.Logf("%s with %v (case %d): %d of %d statements are not recognised", tpl.ID, params, i, len(rest), len(list))
			}
			if len(uses) == 1 && uses[0].Template == tpl.ID {
				asItself++
			}
		}
	}
	t.Logf("%d instances of service and resource control policies: %d recognised whole, %d of them as the template that made them", made, found, asItself)
	if made < 200 || found*100 < made*97 {
		t.Errorf("%d of %d instances are recognised", found, made)
	}
}
