package policy

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// genPart makes parts of a document that stand where nothing is known of them.
func genPart(depth int) *rapid.Generator[*Declarative] {
	return rapid.Custom(func(t *rapid.T) *Declarative {
		d := &Declarative{}
		list := rapid.SliceOfN(genText, 1, 4)
		if rapid.IntRange(0, 3).Draw(t, "locked") == 0 {
			d.ChildOperators = rapid.SliceOfN(rapid.SampledFrom([]string{opNone, opAll, opAssign, opAppend, opRemove}), 1, 3).Draw(t, "operators")
		}
		if depth == 0 || rapid.Bool().Draw(t, "setting") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				d.Assign = genText.Draw(t, "text")
			case 1:
				d.Assign = list.Draw(t, "list")
			case 2:
				d.Assign = Literal(rapid.SampledFrom([]string{"0", "-1.5e3", "300", "true", "false"}).Draw(t, "literal"))
			default:
				d.Append, d.Remove = list.Draw(t, "append"), list.Draw(t, "remove")
			}
			return d
		}
		d.Members = rapid.MapOfN(rapid.StringMatching(`[a-zA-Z][a-z0-9.:{} "]{0,6}`), genPart(depth-1), 1, 3).Draw(t, "members")
		return d
	})
}

var genDeclarative = rapid.Custom(func(t *rapid.T) *Declarative {
	return &Declarative{Members: map[string]*Declarative{"ec2_attributes": {Members: map[string]*Declarative{"vpc_encryption_control": genPart(3).Draw(t, "part")}}}}
})

// What is written is read back as it was, and written again as it is.
func TestDeclarativeIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := genDeclarative.Draw(t, "document").JSON()
		if !json.Valid([]byte(one)) {
			t.Fatalf("not JSON: %q", one)
		}
		d, ds := ParseDeclarative("x", []byte(one), DeclarativePolicyEC2)
		if ds.HasErrors() {
			if ds[0].Code == "GR103" {
				t.Skip("two names differ by case alone")
			}
			t.Fatalf("%s\n%+v", one, ds)
		}
		if two := d.JSON(); two != one {
			t.Fatalf("%s\n%s", one, two)
		}
	})
}

// Settings that two documents do not share come to the same in one document and
// in two, one below the other.
func TestMergeChangesNothing(t *testing.T) {
	gen := genDeclarative
	rapid.Check(t, func(t *rapid.T) {
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		unlock := func(_ string, d *Declarative) { d.ChildOperators = nil }
		a.walk("", unlock)
		b.walk("", unlock)
		merged, conflicts := &Declarative{}, 0
		for _, d := range []*Declarative{a, b} {
			merged.Merge(d, func(string) { conflicts++ })
		}
		if conflicts > 0 {
			t.Skip("they set one thing differently")
		}
		never := func(path, op string) { t.Fatalf("%s is refused at %s", op, path) }
		var one, two Effective
		one.Merge(merged, never)
		two.Merge(a, never)
		two.Merge(b, never)
		for _, path := range merged.Settings() {
			if part := merged.At(path); part.Append != nil || part.Remove != nil {
				continue // what one adds, the other may take away again
			}
			if !reflect.DeepEqual(one.Value(path), two.Value(path)) {
				t.Fatalf("%s: %v in one, %v in two\n%s\n%s\n%s", path, one.Value(path), two.Value(path), a.JSON(), b.JSON(), merged.JSON())
			}
		}
	})
}

func FuzzParseDeclarative(f *testing.F) {
	for _, seed := range []string{
		`{"tags":{"a":{"tag_key":{"@@assign":"A"},"tag_value":{"@@append":["b"],"@@remove":["c"]}}}}`,
		`{"services":{"@@operators_allowed_for_child_policies":["@@none"],"default":{"opt_out_policy":{"@@assign":"optOut"}}}}`,
		`{"ec2_attributes":{"exception_message":{"@@assign":"no"},"new":{"a":{"@@assign":[1,true]}}}}`,
		`{"plans":{"p":{"regions":{"@@assign":["eu-central-1"]}}}}`, `{"@@assign":{}}`, `[`, `{"tags":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, kind := range DeclarativeKinds() {
			d, ds := CheckDeclarative("x", src, kind)
			if ds.HasErrors() {
				continue
			}
			one := d.JSON()
			again, ds := ParseDeclarative("x", []byte(one), kind)
			if ds.HasErrors() || again.JSON() != one {
				t.Fatalf("%s\n%+v", one, ds)
			}
			var e Effective
			e.Merge(d, func(string, string) { t.Fatal("nothing is above it") })
		}
	})
}

// The examples of declarative policies in the manual of the file are right.
func TestTheManualOfTheFile(t *testing.T) {
	src, err := os.ReadFile("../../docs/organization-file.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```json ([A-Z0-9_]+)\n(.*?)```").FindAllStringSubmatch(string(src), -1)
	for _, m := range examples {
		if _, ds := CheckDeclarative("example.json", []byte(m[2]), Kind(m[1])); len(ds) > 0 {
			t.Errorf("%s\n%+v", m[2], ds)
		}
	}
	if len(examples) == 0 {
		t.Error("no example")
	}
	for _, k := range DeclarativeKinds() {
		if !strings.Contains(string(src), "| `"+string(k)+"` |") {
			t.Errorf("the table of types lacks %s", k)
		}
	}
}
