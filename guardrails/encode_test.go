package guardrails

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEncodeIsWhatEncodingJSONWrites(t *testing.T) {
	p := sample()
	p.Units[1].Name = "Prod <1>" // encoding/json escapes U+2028, which JSON does not require
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		t.Fatal(err)
	}
	if got := Encode(p); string(got) != want.String() {
		t.Errorf("Encode wrote\n%s\nand encoding/json\n%s", got, want.Bytes())
	}
}

func TestNilListsAreWrittenEmpty(t *testing.T) {
	got := string(Encode(&Plan{Version: 1}))
	if strings.Contains(got, "null") || !strings.Contains(got, `"policies": []`) || !strings.Contains(got, `"ids": {}`) {
		t.Errorf("an empty plan is %s", got)
	}
}

func TestDigestLeavesIDsOut(t *testing.T) {
	p, q := sample(), sample()
	q.IDs = map[string]string{"account:payments": "444444444444"}
	if p.Digest() != q.Digest() {
		t.Error("an id changed the digest")
	}
	if len(q.IDs) != 1 {
		t.Error("the digest changed the plan")
	}
	q.Units[0].Origin = "organization.yaml:5:2"
	if p.Digest() == q.Digest() {
		t.Error("an origin did not change the digest")
	}
	if d := p.Digest(); !strings.HasPrefix(d, "sha256:") || len(d) != 71 {
		t.Errorf("digest %q", d)
	}
}

// genString makes what people write, and what hurts.
var genString = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a", "<&>", "\x00\x1f\"\\\n", "\u2028\uFFFD😀", "{{id", "}}", "{"}),
	rapid.String(),
)

var genText = rapid.Custom(func(t *rapid.T) Text {
	var b Text
	for _, part := range rapid.SliceOfN(rapid.OneOf(
		genString,
		rapid.SampledFrom([]string{"{{id:organization}}", "{{id:root}}", "{{id:unit:A/b_C-d}}", "{{id:account:management}}", "{", "{{", "}", "{{i", "d:root}}"}),
	), 0, 5).Draw(t, "parts") {
		b += Text(part)
	}
	return b
})

// genValue makes any value of a type that a plan is made of.
func genValue(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == textType {
			v.SetString(string(genText.Filter(func(t Text) bool { return t.check() == nil }).Draw(t, "text")))
		} else {
			v.SetString(genString.Draw(t, "string"))
		}
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int:
		v.SetInt(int64(rapid.Int().Draw(t, "int")))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			genValue(t, v.Elem())
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 2).Draw(t, "n")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			genValue(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(rapid.MapOfN(genString, genString, 0, 2).Draw(t, "map")))
	case reflect.Struct:
		for i := range v.NumField() {
			genValue(t, v.Field(i))
		}
	}
}

func TestWhatIsEncodedIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p, q Plan
		genValue(t, reflect.ValueOf(&p).Elem())
		if err := json.Unmarshal(Encode(&p), &q); err != nil {
			t.Fatalf("%v in %s", err, Encode(&p))
		}
		if !reflect.DeepEqual(p, q) {
			t.Fatalf("wrote\n%#v\nread\n%#v", p, q)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	p := sample()
	one := p.Baselines[1]
	for range 5000 {
		p.Baselines = append(p.Baselines, one)
	}
	b.SetBytes(int64(len(Encode(p))))
	for b.Loop() {
		p.Digest()
	}
}
