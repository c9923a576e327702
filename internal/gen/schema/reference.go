package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// tables finds the places of the manual where a table of keys belongs:
// <!-- keys NAME --> … <!-- end -->, NAME being a definition of the schema.
var tables = regexp.MustCompile(`(?s)<!-- keys ([A-Za-z]+) -->\n.*?<!-- end -->`)

// Reference puts the tables of keys into the manual's page of the organization
// file, from the schema that [Organization] makes. Everything else of the page
// is left as it is.
func Reference(root string, page []byte) ([]byte, error) {
	src, err := Organization(root)
	if err != nil {
		return nil, err
	}
	var s document
	if err := json.Unmarshal(src, &s); err != nil {
		return nil, err
	}
	var missing error
	out := tables.ReplaceAllFunc(page, func(m []byte) []byte {
		name := string(tables.FindSubmatch(m)[1])
		def, ok := s.Defs[name]
		if !ok {
			missing = fmt.Errorf("the manual asks for the keys of %s, which the schema does not define", name)
			return m
		}
		return []byte(s.table(name, def))
	})
	return out, missing
}

// Definitions lists the definitions of the organization file's schema that
// have keys, sorted: what the manual must have tables of.
func Definitions(root string) ([]string, error) {
	src, err := Organization(root)
	if err != nil {
		return nil, err
	}
	var s document
	if err := json.Unmarshal(src, &s); err != nil {
		return nil, err
	}
	var names []string
	for name, def := range s.Defs {
		if len(def.Properties) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// document is the part of a schema that tables are made of.
type document struct {
	Defs map[string]part `json:"$defs"`
}

type part struct {
	Type                 any             `json:"type"`
	Ref                  string          `json:"$ref"`
	Description          string          `json:"description"`
	Properties           map[string]part `json:"properties"`
	Required             []string        `json:"required"`
	Items                *part           `json:"items"`
	PatternProperties    map[string]part `json:"patternProperties"`
	AdditionalProperties json.RawMessage `json:"additionalProperties"`
	Enum                 []any           `json:"enum"`
}

func (s document) table(name string, def part) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- keys %s -->\n| key | value | meaning |\n|---|---|---|\n", name)
	keys := make([]string, 0, len(def.Properties))
	for key := range def.Properties {
		if key != "$schema" {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(x, y string) int {
		// What must be there comes first.
		rx, ry := slices.Index(def.Required, x), slices.Index(def.Required, y)
		if rx >= 0 && ry >= 0 {
			return rx - ry
		}
		if (rx >= 0) != (ry >= 0) {
			return ry - rx
		}
		return strings.Compare(x, y)
	})
	for _, key := range keys {
		p := def.Properties[key]
		bold := ""
		if slices.Contains(def.Required, key) {
			bold = "**"
		}
		text := strings.NewReplacer("|", "\\|", "*", "\\*").Replace(p.Description)
		fmt.Fprintf(&b, "| %s`%s`%s | %s | %s |\n", bold, key, bold, s.value(p), text)
	}
	b.WriteString("<!-- end -->")
	return b.String()
}

// value says in a few words what a key takes.
func (s document) value(p part) string {
	switch {
	case p.Ref != "":
		name := strings.TrimPrefix(p.Ref, "#/$defs/")
		switch name {
		case "Regions":
			return "`governed` or a list of Regions"
		case "Guardrail":
			return "guardrail"
		case "BoundaryGuardrails":
			return "a node, or a list of guardrails"
		}
		return "mapping"
	case len(p.Enum) > 0:
		var words []string
		for _, e := range p.Enum {
			words = append(words, fmt.Sprintf("`%v`", e))
		}
		return strings.Join(words, ", ")
	case p.Type == "array":
		return "list of " + strings.TrimSuffix(strings.Replace(s.value(*p.Items), "mapping", "mappings", 1), " ") + map[bool]string{true: "s"}[p.Items.Ref == "#/$defs/Guardrail" || p.Items.Type == "string" && len(p.Items.Enum) == 0]
	case p.Type == "object":
		for _, v := range p.PatternProperties {
			return "mapping of " + plural(s.value(v))
		}
		var v part
		if json.Unmarshal(p.AdditionalProperties, &v) == nil && (v.Ref != "" || v.Type != nil) {
			return "mapping of " + plural(s.value(v))
		}
		return "mapping of values"
	case p.Type == "boolean":
		return "true or false"
	case p.Type == "integer":
		return "number"
	case p.Type == "string":
		return "string"
	}
	return "value"
}

func plural(s string) string {
	switch {
	case strings.HasPrefix(s, "list of "):
		return "lists" + strings.TrimPrefix(s, "list")
	case s == "string" || s == "mapping":
		return s + "s"
	}
	return s
}
