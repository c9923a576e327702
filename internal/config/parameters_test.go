package config

import (
	"strings"
	"testing"
)

func TestParseParameters(t *testing.T) {
	params, ds := ParseParameters("p.yaml", []byte("trails: [org-trail, 'security-*']\nmaxHops: 2\n"))
	if len(ds) > 0 {
		t.Fatal(show(ds))
	}
	if p := params["maxHops"]; p.Value != float64(2) || p.Range.Start.Line != 2 || p.Range.Start.Column != 10 {
		t.Errorf("%+v", p)
	}
	if items, ok := params["trails"].Value.([]any); !ok || len(items) != 2 || items[1] != "security-*" {
		t.Errorf("%+v", params["trails"])
	}
	for src, want := range map[string]string{
		"":                "the file is empty",
		"[a]":             "the file holds a list",
		"a: 1\na: 2":      "GR0",
		"a: [":            "GR00",
		"trails: {{a}}\n": "",
	} {
		params, ds := ParseParameters("p.yaml", []byte(src))
		if !strings.Contains(show(ds), want) || want != "" && !ds.HasErrors() {
			t.Errorf("%q: %v %s", src, params, show(ds))
		}
	}
}
