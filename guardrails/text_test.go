package guardrails

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTextInJSON(t *testing.T) {
	tests := []struct {
		text Text
		want string
	}{
		{"", `""`},
		{"a <b>", `"a <b>"`},
		{Ref("root"), `{"$id":"root"}`},
		{"x:" + Ref("account:a") + ":y", `["x:",{"$id":"account:a"},":y"]`},
		{Ref("root") + Ref("root"), `[{"$id":"root"},{"$id":"root"}]`},
		{"{" + Ref("root") + "}", `["{",{"$id":"root"},"}"]`},
	}
	for _, tt := range tests {
		got, err := tt.text.MarshalJSON()
		if err != nil || string(got) != tt.want {
			t.Errorf("%q is written %s (%v), want %s", tt.text, got, err, tt.want)
		}
		var back Text
		if err := json.Unmarshal(got, &back); err != nil || back != tt.text {
			t.Errorf("%s is read %q (%v), want %q", got, back, err, tt.text)
		}
	}
}

func TestTextRefuses(t *testing.T) {
	for _, src := range []string{
		`"{{id:root}}"`, `["{{id:root}}","a"]`, // a reference written as a string
		`["{{","id:root}}"]`, `["{{id",":root}}"]`, `["{","{id:root}}"]`, // joined, they would be one
		`["\u007b{id:root}}"]`, `"\u007b\u007bid:"`,
		`["a","b"]`, `["a",""]`, `["",{"$id":"root"}]`, `[]`, `["a"]`, `[{"$id":"root"}]`, // second spellings
		`{"$id":""}`, `{"$id":"ou"}`, `{"$id":"unit:"}`, `{"$id":"unit:a b"}`, `{"$id":"root:x"}`, `{"$id":"account:a/b"}`, `{"$id":"unit:a}}b"}`,
		`{"$id":"root","x":1}`, `{}`, `null`, `7`, `true`, `[null,"a"]`, `[["a"],"b"]`, `{"$id":null}`,
	} {
		var got Text
		if err := json.Unmarshal([]byte(src), &got); err == nil && !(src == `null` && got == "") {
			t.Errorf("%s is read as %q", src, got)
		}
	}
}

func TestTextSize(t *testing.T) {
	l := Lengths{Organization: 34, Root: 33, Unit: 68, Account: 12}
	text := "ä " + Ref("organization") + Ref("root") + Ref("unit:A/B") + Ref("account:x") + "!"
	if got := text.Size(l); got != 2+34+33+68+12+1 {
		t.Errorf("size %d", got)
	}
}

func TestTextFill(t *testing.T) {
	text := "a" + Ref("root") + "b" + Ref("account:x")
	if got, err := text.Fill(map[string]string{"root": "r-1", "account:x": "2"}); err != nil || got != "ar-1b2" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := text.Fill(map[string]string{"root": "r-1"}); err == nil || !strings.Contains(err.Error(), "account:x") {
		t.Errorf("a missing id: %v", err)
	}
}

// Whatever the parts, a text that passes its check has the same references
// before and after it was written.
func TestTextKeepsItsReferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genText.Draw(t, "text")
		data, err := text.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back Text
		switch err := json.Unmarshal(data, &back); {
		case text.check() != nil:
			if err == nil && back == text {
				t.Fatalf("%q is wrong and was read back", text)
			}
		case err != nil || back != text:
			t.Fatalf("%q became %q (%v)", text, back, err)
		}
	})
}
