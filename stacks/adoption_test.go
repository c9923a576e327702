package stacks

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// What is adopted stands where a deployment would put it: the same names and
// types, below the same component, with the same provider, retained, protected
// and guarded alike. It asks for nothing of its own.
func TestAdoptionRegistersAlike(t *testing.T) {
	p := fixture()
	ids := IDs(p, deployed()[organizationStack])
	for _, s := range List(p) {
		t.Run(s.Name, func(t *testing.T) {
			m, err := register(t, s.Name, Options{Reader: deployed()})
			if err != nil {
				t.Fatal(err)
			}
			want := whatIsMade(t, m)
			a := Adopted{IDs: ids, Found: map[string]string{}, Detached: []string{"unit:Workloads"}}
			for name := range LogicalNames(p, s) {
				if _, ok := want[name]; ok { // a policy may wait for its boundary
					a.Found[name] = "id-of-" + name
				}
			}
			m = &monitor{}
			if err := m.run(t, s.Name, false, Adoption(p, s, a)); err != nil {
				t.Fatal(err)
			}
			got := whatIsMade(t, m)
			if len(got) != len(want) || len(got) < 3 {
				t.Errorf("%d resources are registered, a deployment registers %d", len(got), len(want))
			}
			for name, w := range want {
				g := got[name]
				for _, field := range []string{"type", "parent", "provider", "retain", "protect", "beforeDelete"} {
					if !reflect.DeepEqual(g[field], w[field]) {
						t.Errorf("%s: %s is %v, a deployment has %v", name, field, g[field], w[field])
					}
				}
				if typ := w["type"].(string); strings.HasPrefix(typ, "aws:") {
					if g["import"] != a.Found[name] || len(g["inputs"].(map[string]any)) > 0 || !reflect.DeepEqual(g["ignoreChanges"], []any{"*"}) {
						t.Errorf("%s is not only imported: %v", name, g)
					}
				} else if !reflect.DeepEqual(g["inputs"], w["inputs"]) {
					t.Errorf("%s has the inputs %v, a deployment %v", name, g["inputs"], w["inputs"])
				}
			}
			if m.outputs[DigestOutput] != nil || m.outputs[IDsOutput] != nil {
				t.Errorf("an adopted stack says that it is deployed: %v", m.outputs)
			}
			if s.Kind == OrganizationKind && (IDs(p, m.outputs)["unit:Workloads"] != "id-of-organization-unit-Workloads" || m.outputs[OrganizationIDOutput] != "o-a1b2c3d4e5") {
				t.Errorf("the ids that others need are not exported: %v", m.outputs)
			}
			if s.Kind == PoliciesKind && !reflect.DeepEqual(Outputs(m.outputs).StringList(DetachedOutput), a.Detached) {
				t.Errorf("where FullAWSAccess is gone is not exported: %v", m.outputs)
			}
		})
	}
}

// Only what was found is registered.
func TestAdoptionOfAPart(t *testing.T) {
	p := fixture()
	for _, s := range List(p) {
		if s.Name != "account-payments" {
			continue
		}
		m := &monitor{}
		found := map[string]string{"account-payments-role-Admin": "Admin"}
		if err := m.run(t, s.Name, false, Adoption(p, s, Adopted{IDs: IDs(p, nil), Found: found})); err != nil {
			t.Fatal(err)
		}
		got := whatIsMade(t, m)
		for _, name := range []string{"aws", "account-payments", "account-payments-role-Admin"} {
			delete(got, name)
		}
		if len(got) > 0 {
			t.Errorf("registered as well: %v", got)
		}
		return
	}
	t.Fatal("the fixture has no stack account-payments")
}

// Every type that a stack can hold has a rank.
func TestRanks(t *testing.T) {
	p := fixture()
	for _, s := range List(p) {
		for name, identity := range LogicalNames(p, s) {
			if _, ok := rank[identity.Type]; !ok {
				t.Errorf("%s, %s, has no rank", name, identity.Type)
			}
		}
	}
}

func whatIsMade(t *testing.T, m *monitor) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for line := range strings.Lines(m.text()) {
		r := map[string]any{}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if name, ok := r["name"].(string); ok {
			all[name] = maps.Clone(r)
		}
	}
	return all
}
