// Package schema generates the JSON Schemas of the organization file, of
// guardrail templates and of the tool's sets from the Go types that they are read into: comments
// become descriptions, named kinds of strings bring their patterns and enums,
// and no object takes a key that it does not know.
//
// The generated files are in the folder schemas/, and a test holds them to
// what this package makes.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/config"
)

const module = "github.com/orgrails/orgrails"

// A File is one generated schema.
type File struct {
	Name string // in the folder schemas/
	Make func(root string) ([]byte, error)
}

// Files lists the generated schemas.
func Files() []File {
	return []File{
		{"organization.schema.json", Organization},
		{"template.schema.json", Template},
		{"set.schema.json", Set},
	}
}

// Organization is the schema of the organization file. root is the folder of
// the module, whose sources hold the descriptions.
func Organization(root string) ([]byte, error) {
	s, err := reflected(root, reflect.TypeFor[config.Document](), "internal/config")
	if err != nil {
		return nil, err
	}
	s.ID = "urn:orgrails:schema:organization:1"
	s.Title = "orgrails organization file"
	// Keys that begin with x- hold what anchors mark; they mean nothing.
	s.Definitions["Document"].PatternProperties = map[string]*jsonschema.Schema{
		"^x-": {Description: "A place for YAML anchors; it has no meaning of its own."},
	}
	// A guardrail may be a plain name.
	object := *s.Definitions["Guardrail"]
	object.Description = "A template with parameters, or a policy document of your own."
	s.Definitions["GuardrailObject"] = &object
	s.Definitions["Guardrail"] = &jsonschema.Schema{
		Description: s.Definitions["Guardrail"].Description,
		AnyOf: []*jsonschema.Schema{
			{Type: "string", MinLength: ptr(1), Description: "Name of a set or a template."},
			{Ref: "#/$defs/GuardrailObject"},
		},
	}
	s.Definitions["Regions"] = &jsonschema.Schema{
		Description: s.Definitions["Regions"].Description,
		AnyOf: []*jsonschema.Schema{
			{Type: "string", Enum: []any{"governed"}},
			{Type: "array", MinItems: ptr(1), UniqueItems: true, Items: wordSchema(config.Region(""))},
		},
	}
	s.Definitions["BoundaryGuardrails"] = &jsonschema.Schema{
		Description: s.Definitions["BoundaryGuardrails"].Description,
		AnyOf: []*jsonschema.Schema{
			{Type: "string", MinLength: ptr(1), Description: "A unit, an account or root, whose guardrails are meant, with those above it."},
			{Type: "array", MinItems: ptr(1), Items: &jsonschema.Schema{Ref: "#/$defs/Guardrail"}},
		},
	}
	return encode(s)
}

// Template is the schema of a guardrail template; see [Organization].
func Template(root string) ([]byte, error) {
	s, err := reflected(root, reflect.TypeFor[catalog.Template](), "guardrails/catalog")
	if err != nil {
		return nil, err
	}
	s.ID = "urn:orgrails:schema:template:1"
	s.Title = "orgrails guardrail template"
	// Editors find the schema by this key.
	s.Definitions["Template"].Properties.Set("$schema", &jsonschema.Schema{Type: "string", Description: "Path or URL of the JSON Schema, for editors."})
	return encode(s)
}

// Set is the schema of a set of guardrails that comes with the tool; see
// [Organization].
func Set(root string) ([]byte, error) {
	s, err := reflected(root, reflect.TypeFor[catalog.Set](), "guardrails/catalog")
	if err != nil {
		return nil, err
	}
	s.ID = "urn:orgrails:schema:set:1"
	s.Title = "orgrails set of guardrails"
	s.Definitions["Set"].Properties.Set("$schema", &jsonschema.Schema{Type: "string", Description: "Path or URL of the JSON Schema, for editors."})
	return encode(s)
}

func reflected(root string, t reflect.Type, folder string) (*jsonschema.Schema, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	r := &jsonschema.Reflector{Mapper: mapped, Anonymous: true}
	if err := r.AddGoComments("", filepath.Join(abs, filepath.FromSlash(folder))); err != nil {
		return nil, fmt.Errorf("read the comments of %s: %w", folder, err)
	}
	comments := make(map[string]string, len(r.CommentMap))
	for name, text := range r.CommentMap {
		comments[strings.Replace(name, filepath.ToSlash(abs), module, 1)] = strings.Join(strings.Fields(text), " ")
	}
	r.CommentMap = comments
	s := r.ReflectFromType(t)
	keys(s, t, map[reflect.Type]bool{})
	return s, nil
}

// enums are the closed sets of strings of package catalog.
func enums(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[catalog.Type]():
		return texts(catalog.Types())
	case reflect.TypeFor[catalog.Severity]():
		return texts(catalog.Severities())
	case reflect.TypeFor[catalog.ParameterType]():
		return texts(catalog.ParameterTypes())
	}
	if v, ok := reflect.Zero(t).Interface().(interface{ Values() []string }); ok {
		return v.Values()
	}
	return nil
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// mapped is the schema of a named kind of string; nil for every other type.
func mapped(t reflect.Type) *jsonschema.Schema {
	if t.Kind() != reflect.String {
		return nil
	}
	if w, ok := reflect.Zero(t).Interface().(grammar); ok {
		return wordSchema(w)
	}
	if values := enums(t); values != nil {
		s := &jsonschema.Schema{Type: "string"}
		for _, v := range values {
			s.Enum = append(s.Enum, v)
		}
		return s
	}
	return nil
}

type grammar interface{ Grammar() config.Grammar }

func wordSchema(w grammar) *jsonschema.Schema {
	g := w.Grammar()
	s := &jsonschema.Schema{Type: "string", Pattern: g.Pattern}
	if g.Example != "" {
		s.Examples = []any{g.Example}
	}
	return s
}

// keys gives the maps of a type, and of all types below it, the pattern of
// their keys.
func keys(s *jsonschema.Schema, t reflect.Type, seen map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	def := s.Definitions[t.Name()]
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if f.Type.Kind() == reflect.Map {
			if w, ok := reflect.Zero(f.Type.Key()).Interface().(grammar); ok {
				property, _ := def.Properties.Get(name)
				property.PatternProperties = map[string]*jsonschema.Schema{w.Grammar().Pattern: property.AdditionalProperties}
				property.AdditionalProperties = jsonschema.FalseSchema
			}
			bound(def, name, f)
		}
		keys(s, f.Type, seen)
	}
}

// bound gives a map its fewest entries, which the library knows of no tag for.
func bound(def *jsonschema.Schema, name string, f reflect.StructField) {
	for _, tag := range strings.Split(f.Tag.Get("jsonschema"), ",") {
		if text, ok := strings.CutPrefix(tag, "minProperties="); ok {
			property, _ := def.Properties.Get(name)
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				panic(err) // a tag of ours that no test has seen
			}
			property.MinProperties = ptr(n)
		}
	}
}

func encode(s *jsonschema.Schema) ([]byte, error) {
	s.Comments = "Code generated by internal/gen/schema. DO NOT EDIT."
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func ptr(n uint64) *uint64 { return &n }
