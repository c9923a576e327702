package live

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestAnswer(t *testing.T) {
	type both struct {
		None, Some, Not Answer[[]string]
	}
	in := both{None: answered([]string{}), Some: answered([]string{"a"})}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"None":[],"Some":["a"],"Not":null}` {
		t.Fatalf("%s %v", b, err)
	}
	out := both{Not: answered([]string{"before"})}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	none, ok := out.None.Get()
	if !ok || none == nil || len(none) != 0 || !out.Some.IsRead() || out.Not.IsRead() {
		t.Errorf("%+v", out)
	}
	if v, ok := out.Not.Get(); ok || v != nil {
		t.Errorf("what was not read has the value %v", v)
	}
	if _, err := json.Marshal(answered[[]string](nil)); !errors.Is(err, errNullAnswer) {
		t.Errorf("an answer that is null would be taken for none: %v", err)
	}
}
