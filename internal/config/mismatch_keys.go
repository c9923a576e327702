package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/orgrails/orgrails/guardrails/diag"
)

func (m *mismatches) unknown(e *jsonschema.ValidationError, n *node, names []string) {
	part := m.schema.at(e.SchemaURL)
	known := propertyNames(part)
	slices.Sort(names)
	if patterns, ok := part["patternProperties"].(map[string]any); ok && len(known) == 0 {
		for _, name := range names {
			key := n.keyNode(name)
			for pattern := range patterns {
				if !key.bad {
					m.malformed(key.rng(), name, pattern)
				}
			}
		}
		return
	}
	for _, name := range names {
		free := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return n.get(k) != nil })
		key := n.keyNode(name)
		if key == nil {
			key = n
		}
		key.bad = true
		hint := diag.DidYouMean(name, free)
		if near := diag.Nearest(name, free); len(near) == 0 {
			if near := diag.Nearest(name, known); len(near) > 0 {
				hint = fmt.Sprintf("did you mean %q? it is here already", near[0])
			} else if where := m.elsewhere(name); where != "" {
				hint = where
			}
		}
		m.add(key.rng(), "GR010", hint, "unknown key %s", quote(name))
	}
}

// elsewhere says where in the file a key belongs that is unknown here.
func (m *mismatches) elsewhere(name string) string {
	defs, _ := m.schema.text["$defs"].(map[string]any)
	var places []string
	for _, def := range slices.Sorted(mapKeys(defs)) {
		part, _ := defs[def].(map[string]any)
		if slices.Contains(propertyNames(part), name) {
			places = append(places, def)
		}
	}
	if len(places) == 1 {
		if places[0] == "Document" {
			return fmt.Sprintf("%q belongs at the top level of the file", name)
		}
		return fmt.Sprintf("%q belongs in %s", name, blockName(places[0]))
	}
	return ""
}

func (m *mismatches) missing(e *jsonschema.ValidationError, n *node, names []string) {
	part := m.schema.at(e.SchemaURL)
	properties, _ := part["properties"].(map[string]any)
	what := "here"
	r := n.head()
	if len(e.InstanceLocation) > 0 {
		name := e.InstanceLocation[len(e.InstanceLocation)-1]
		holder := m.node(e.InstanceLocation[:len(e.InstanceLocation)-1])
		if k := holder.keyNode(name); k != nil {
			what, r = "in "+quote(name), k.rng()
		}
	}
	for _, name := range names {
		hint := "add it"
		if p, ok := properties[name].(map[string]any); ok {
			if text, _ := p["description"].(string); text != "" {
				hint = "add " + name + ": " + lowerFirst(strings.TrimSuffix(text, "."))
			}
		}
		m.add(r, "GR011", hint, "the key %q is missing %s", name, what)
	}
}

// propertyNames lists the keys that a part of the schema knows.
func propertyNames(part map[string]any) []string {
	properties, _ := part["properties"].(map[string]any)
	return slices.Sorted(mapKeys(properties))
}

// blockNames say where in the file the definitions of the schema stand, for
// those whose name does not say it.
var blockNames = map[string]string{
	"GuardrailObject":   "a guardrail",
	"ManagementAccount": "managementAccount",
	"Organization":      "organization",
	"ExternalAnalyzer":  "accessAnalyzer.external",
	"UnusedAnalyzer":    "accessAnalyzer.unused",
	"ArchiveRule":       "a rule of accessAnalyzer.archiveRules",
	"Criterion":         "a filter of accessAnalyzer.archiveRules",
	"Identity":          "identity",
	"AccessAnalyzer":    "accessAnalyzer",
	"MFA":               "the mfa of a role",
	"Trust":             "the trust of a role",
	"OIDC":              "the oidc of a trust",
	"SAML":              "the saml of a trust",
	"Grant":             "an item of a group's assume",
}

func blockName(def string) string {
	if name := blockNames[def]; name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range def {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	s := strings.ToLower(b.String())
	if strings.ContainsRune("aeiou", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}
