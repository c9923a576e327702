package policy

import (
	"reflect"
	"slices"
	"testing"

	"encoding/json"

	"pgregory.net/rapid"
)

// genText makes strings that hurt: quotes, references, controls, other scripts.
var genText = rapid.OneOf(
	rapid.SampledFrom([]string{"", "*", "s3:Get*", "{{id:organization}}", "arn:aws:iam::{{id:account:a-b}}:role/x", `"\`, "a\x00\x1f\u2028<&>", "äß漢😀"}),
	rapid.String(),
)

var genValues = rapid.Custom(func(t *rapid.T) Values {
	return Values(rapid.SliceOfN(genText, 0, 5).Draw(t, "values"))
})

var genDocument = rapid.Custom(func(t *rapid.T) Document {
	d := Document{
		Version: rapid.SampledFrom([]string{"", "2012-10-17", "2008-10-17"}).Draw(t, "version"),
		ID:      genText.Draw(t, "id"),
	}
	d.Statements = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Statement {
		s := Statement{Sid: genText.Draw(t, "sid"), Effect: rapid.SampledFrom([]Effect{Allow, Deny}).Draw(t, "effect")}
		either := func(a, b *Values, none bool) {
			switch k := rapid.IntRange(0, 2).Draw(t, "which"); {
			case k == 0 && none:
			case k == 1:
				*b = genValues.Draw(t, "values")
			default:
				*a = genValues.Draw(t, "values")
			}
		}
		either(&s.Action, &s.NotAction, false)
		either(&s.Resource, &s.NotResource, true)
		switch rapid.IntRange(0, 2).Draw(t, "principal") {
		case 1:
			s.Principal = &Principal{Everyone: true}
		case 2:
			s.NotPrincipal = &Principal{AWS: genValues.Draw(t, "aws"), Service: genValues.Draw(t, "service")}
		}
		if rapid.Bool().Draw(t, "condition") {
			s.Condition = Conditions(rapid.MapOfN(genText, rapid.MapOfN(genText, genValues, 0, 3), 0, 3).Draw(t, "conditions"))
		}
		return s
	}), 0, 4).Draw(t, "statements")
	return d
})

func TestCanonicalIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := genDocument.Draw(t, "document")
		one := d.JSON()
		if !json.Valid([]byte(one)) {
			t.Fatalf("not JSON: %q", one)
		}
		again, ds := Parse("p.json", []byte(one))
		if ds != nil {
			t.Fatalf("%s: %v", one, ds)
		}
		if two := again.JSON(); two != one {
			t.Fatalf("no fixed point:\n%s\n%s", one, two)
		}
	})
}

// Canonical form forgets the order of values, and nothing else.
func TestCanonicalKeepsTheMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := genDocument.Draw(t, "document")
		again, _ := Parse("p.json", []byte(d.JSON()))
		sortValues(reflect.ValueOf(&d).Elem())
		if len(d.Statements) == 0 {
			d.Statements = []Statement{}
		}
		if !reflect.DeepEqual(again, d) {
			t.Fatalf("got  %#v\nwant %#v", again, d)
		}
	})
}

// sortValues sorts every Values below v, and drops what stands twice.
func sortValues(v reflect.Value) {
	if vs, ok := v.Interface().(Values); ok {
		if vs != nil && v.CanSet() {
			v.Set(reflect.ValueOf(append(Values{}, slices.Compact(slices.Sorted(slices.Values(vs)))...)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			sortValues(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			sortValues(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			sortValues(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if vs, ok := v.MapIndex(k).Interface().(Values); ok {
				if vs == nil {
					vs = Values{}
				}
				v.SetMapIndex(k, reflect.ValueOf(append(Values{}, slices.Compact(slices.Sorted(slices.Values(vs)))...)))
			} else {
				sortValues(v.MapIndex(k))
			}
		}
	}
}
