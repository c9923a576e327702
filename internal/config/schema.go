package config

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/schemas"
)

// A schema is a compiled JSON Schema beside its own text, which knows the
// names that messages suggest.
type schema struct {
	compiled *jsonschema.Schema
	text     map[string]any
	url      string
}

var (
	organizationSchema = sync.OnceValue(func() *schema { return mustSchema("organization.schema.json") })
	templateSchema     = sync.OnceValue(func() *schema { return mustSchema("template.schema.json") })
	setSchema          = sync.OnceValue(func() *schema { return mustSchema("set.schema.json") })
)

// mustSchema compiles an embedded schema. That each of them compiles is held
// by a test.
func mustSchema(name string) *schema {
	data, err := schemas.Files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	root := text.(map[string]any)
	url := root["$id"].(string)
	c := jsonschema.NewCompiler()
	if err := c.AddResource(url, text); err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	compiled, err := c.Compile(url)
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return &schema{compiled: compiled, text: root, url: url}
}

// validate checks a file against the schema and says in our words, at the
// place in the file, what does not fit.
func (s *schema) validate(root *node) diag.Diagnostics {
	var ds diag.Diagnostics
	err := s.compiled.Validate(root.value())
	if err == nil {
		return nil
	}
	ve, ok := err.(*jsonschema.ValidationError)
	if !ok {
		// Values of nodes are those of JSON; nothing else can go wrong.
		panic(fmt.Errorf("config: validate: %w", err))
	}
	m := mismatches{schema: s, root: root, ds: &ds, seen: map[string]bool{}}
	m.report(ve)
	return ds
}

// at is the part of the schema's text that a URL with a JSON pointer names.
func (s *schema) at(url string) map[string]any {
	_, pointer, _ := strings.Cut(url, "#")
	var part any = s.text
	for _, step := range strings.Split(strings.Trim(pointer, "/"), "/") {
		if step == "" {
			continue
		}
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch p := part.(type) {
		case map[string]any:
			part = p[step]
		case []any:
			var i int
			if _, err := fmt.Sscanf(step, "%d", &i); err != nil || i < 0 || i >= len(p) {
				return nil
			}
			part = p[i]
		}
	}
	m, _ := part.(map[string]any)
	return m
}

// resolve follows a $ref.
func (s *schema) resolve(part map[string]any) map[string]any {
	for range 10 {
		ref, ok := part["$ref"].(string)
		if !ok {
			return part
		}
		part = s.at(ref)
	}
	return part
}
