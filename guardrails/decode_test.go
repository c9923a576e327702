package guardrails

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	p := sample()
	q, err := Decode(Encode(p))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(p, q) {
		t.Errorf("wrote %+v, read %+v", p, q)
	}
}

func TestDecodeRefusesBytes(t *testing.T) {
	good := string(Encode(sample()))
	once := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the plan has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	tests := []struct{ name, src, want string }{
		{"empty", "", "ends too early"},
		{"cut off", good[:len(good)/2], "ends too early"},
		{"no JSON", "version: 1\n", "not JSON"},
		{"no plan", "{}", "no version"},
		{"a list", "[]", "a array where"},
		{"other version", once(`"version": 4`, `"version": 2`), "version 2, and this orgrails reads version 4; make the plan again"},
		{"other version and fields", `{"version": 7, "new": true}`, "version 7"},
		{"unknown field", once(`"ids": {`, `"more": 1, "ids": {`), `unknown field "more"`},
		{"other case", once(`"ids": {`, `"IDs": {`), "not spelled as orgrails writes it, from line 3"},
		{"a name twice", once(`  "version": 4,`, "  \"version\": 1,\n  \"version\": 4,"), "from line 2"},
		{"an id twice", once(`"root": "r-ab12"`, `"root": "r-zzzz", "root": "r-ab12"`), "not spelled"},
		{"missing field", once(`      "name": "Workloads",`+"\n", ""), "not spelled"},
		{"missing false", once(`        "hardExpiry": false,`+"\n", ""), "not spelled"},
		{"null list", once(`"was": []`, `"was": null`), "null; write []"},
		{"null document", once(`"ids": {`, `"ids": null, "x": {`), "unknown field"},
		{"null plan", "null", "no version"},
		{"more behind it", good + "{}", "more behind its end"},
		{"no line feed", strings.TrimSuffix(good, "\n"), "not spelled"},
		{"minified", strings.ReplaceAll(good, "\n", ""), "not spelled"},
		{"escaped", once(`d & e`, `d \u0026 e`), "not spelled"},
		{"wrong type", once(`"size": `, `"size": "x", "y": `), "where"},
		{"a float", once(`"minimumPasswordLength": 14`, `"minimumPasswordLength": 14.5`), "where"},
	}
	for _, tt := range tests {
		p, err := Decode([]byte(tt.src))
		if err == nil || p != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && (strings.Contains(err.Error(), "guardrails.") || strings.Contains(err.Error(), "Go ")) {
			t.Errorf("%s: %v names a Go type", tt.name, err)
		}
	}
}

func TestDecodeHasALimit(t *testing.T) {
	if _, err := Decode(make([]byte, MaxSize+1)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("%v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(Encode(sample()))
	f.Add([]byte(`{"version": 1}`))
	f.Add([]byte(`{"version":1,"policies":[{"content":["{{","id:root}}"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		if !bytes.Equal(Encode(p), data) {
			t.Fatalf("%s was read, and is written %s", data, Encode(p))
		}
	})
}
