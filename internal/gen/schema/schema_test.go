package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/schemas"
)

const root = "../../.."

func TestSchemasAreWhatTheTypesSay(t *testing.T) {
	if len(Files()) == 0 {
		t.Fatal("no schemas")
	}
	for _, f := range Files() {
		want, err := f.Make(root)
		if err != nil {
			t.Fatal(err)
		}
		got, err := schemas.Files.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("schemas/%s is not what the types say; run go generate ./schemas", f.Name)
		}
	}
}

func TestTheManualHasTheKeysOfEveryBlock(t *testing.T) {
	page, err := os.ReadFile(root + "/docs/organization-file.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Reference(root, page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, want) {
		t.Error("docs/organization-file.md is not what the types say; run go generate ./schemas")
	}
	names, err := Definitions(root)
	if err != nil || len(names) < 20 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if !bytes.Contains(page, []byte("<!-- keys "+name+" -->")) {
			t.Errorf("docs/organization-file.md has no table of the keys of %s", name)
		}
	}
}

func TestReferenceRefusesUnknownTables(t *testing.T) {
	if _, err := Reference(root, []byte("<!-- keys Nothing -->\n<!-- end -->")); err == nil {
		t.Error("a table of keys that do not exist")
	}
}

// Every object is closed and every property is described.
func TestSchemasAreClosedAndDescribed(t *testing.T) {
	for _, f := range Files() {
		src, err := f.Make(root)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(src, &doc); err != nil {
			t.Fatal(err)
		}
		defs, _ := doc["$defs"].(map[string]any)
		if len(defs) < 3 {
			t.Fatalf("%s has %d definitions", f.Name, len(defs))
		}
		for name, d := range defs {
			def := d.(map[string]any)
			properties, isObject := def["properties"].(map[string]any)
			if !isObject {
				continue
			}
			if def["additionalProperties"] != false {
				t.Errorf("%s: %s takes unknown keys", f.Name, name)
			}
			if f.Name != "organization.schema.json" {
				continue
			}
			for key, p := range properties {
				property := p.(map[string]any)
				_, described := property["description"]
				ref, _ := property["$ref"].(string)
				if !described && !describedDef(defs, ref) {
					t.Errorf("%s: %s.%s has no description", f.Name, name, key)
				}
			}
		}
	}
}

func describedDef(defs map[string]any, ref string) bool {
	def, _ := defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	return def["description"] != nil
}
