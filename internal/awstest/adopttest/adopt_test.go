package adopttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What was deployed and lost from the state is adopted: nothing is written to
// AWS, nothing is left to change, doing it again does nothing, and `up`
// changes nothing. The e2e tests do the same with examples/acme.
func TestAdopt(t *testing.T) {
	p := newPlace(t, small)
	want := p.resources()
	p.forget()
	out := p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt", out.Stdout, "nothing is left to change", "nothing left to change")
	alike(t, p.resources(), want)
	out = p.run(0, "preview")
	p.noWrites()
	p.contains("preview", out.Stdout, "0 changes to make")
	out = p.run(0, "adopt", "--yes")
	p.noWrites()
	p.contains("adopt again", out.Stdout, "adopt: 0 things", "nothing is left to change")
	p.run(0, "up", "--yes")
	p.noWrites()
	out = p.run(0, "up", "--yes")
	p.noWrites()
	p.contains("a second up", out.Stdout, "up: 0 changes")
}

// resources are those of all states, by URN.
func (p *place) resources() map[string]map[string]any {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.Dir, ".orgrails", "state", ".pulumi", "stacks", "orgrails", "*.json"))
	if err != nil || len(files) == 0 {
		p.t.Fatalf("no state: %v", err)
	}
	all := map[string]map[string]any{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			p.t.Fatal(err)
		}
		var state struct {
			Checkpoint struct {
				Latest struct{ Resources []map[string]any }
			}
		}
		if err := json.Unmarshal(src, &state); err != nil {
			p.t.Fatal(err)
		}
		for _, r := range state.Checkpoint.Latest.Resources {
			all[r["urn"].(string)] = r
		}
	}
	return all
}

// alike wants adopted resources as a deployment has them: the same URNs, ids,
// inputs, and what decides about their end.
func alike(t *testing.T, got, want map[string]map[string]any) {
	t.Helper()
	compared := 0
	for urn, w := range want {
		g := got[urn]
		if g == nil {
			t.Errorf("%s is not in the state", urn)
			continue
		}
		fields := []string{"type", "custom", "parent", "protect", "retainOnDelete", "resourceHooks", "ignoreChanges"}
		typ := w["type"].(string)
		if strings.HasPrefix(typ, "aws:") {
			compared++
			asked(t, urn, g, w)
			if !strings.HasSuffix(typ, ":GroupPolicyAttachment") { // the provider makes up an id when it creates one
				fields = append(fields, "id")
			}
		}
		for _, f := range fields {
			if !reflect.DeepEqual(g[f], w[f]) {
				t.Errorf("%s: %s is\n%v, a deployment has\n%v", urn, f, g[f], w[f])
			}
		}
	}
	for urn := range got {
		if want[urn] == nil {
			t.Errorf("%s is in no deployment", urn)
		}
	}
	if compared < 20 {
		t.Errorf("only %d resources were compared", compared)
	}
}

// asked wants the same inputs, and the same of them in the outputs. What is
// empty, and the role that an account was created with, AWS does not tell.
func asked(t *testing.T, urn string, got, want map[string]any) {
	t.Helper()
	g, w := got["inputs"].(map[string]any), want["inputs"].(map[string]any)
	gOut, wOut := got["outputs"].(map[string]any), want["outputs"].(map[string]any)
	for k, v := range w {
		untold := k == "__defaults" || k == "roleName" || v == false || v == "" || v == float64(0)
		if _, ok := g[k]; !ok && untold || k == "__defaults" {
			continue
		}
		if !reflect.DeepEqual(g[k], v) || !reflect.DeepEqual(gOut[k], wOut[k]) {
			t.Errorf("%s: the input %s is %v, in the outputs %v; a deployment has %v, %v", urn, k, g[k], gOut[k], v, wOut[k])
		}
	}
	for k := range g {
		if _, ok := w[k]; !ok && k != "__defaults" {
			t.Errorf("%s: a deployment has no input %s", urn, k)
		}
	}
}
