package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Env is what a template may know of the organization that it is instantiated
// for. Where AWS makes up an id, the texts hold a reference such as
// {{id:organization}}, and the documents keep it.
type Env struct {
	Partition  string // aws, aws-us-gov: {{partition}}
	DeployRole string // name of the deploy role, without path: {{deployRole}}
	// Values by placeholder, such as "organization.regions": a string or a
	// list of strings. See [Placeholders] for the names.
	Values map[string]any
	// Accounts are the texts that stand for account ids, by the account's key,
	// and by its id where that is known.
	Accounts map[string]string
}

// A Placeholder is a name that templates may use beside their own parameters.
type Placeholder struct {
	Name        string
	Description string
	List        bool // a list of strings, else one string
	MayBeEmpty  bool // the list may have no item
}

// Placeholders lists the names that every template may use, sorted.
func Placeholders() []Placeholder { return slices.Clone(placeholders) }

var placeholders = []Placeholder{
	{"boundaryName", "the name of the managed policy that the template becomes; permissions boundaries only", false, false},
	{"data.globalServices", "actions of the services that answer in one region for all", true, false},
	{"data.rcpServices", "services whose actions resource control policies may name, each as service:*", true, false},
	{"deployRole", "the name of the role that deploys", false, false},
	{"organization.boundaries", "the names of the permissions boundaries that are required", true, true},
	{"organization.breakGlassRoles", "role patterns of the break-glass roles", true, true},
	{"organization.exemptPrincipals", "role patterns that any guardrail or exception exempts", true, true},
	{"organization.homeRegion", "the home region", false, false},
	{"organization.id", "the id of the organization", false, false},
	{"organization.identityAccounts", "ids of the accounts whose IAM users are people", true, true},
	{"organization.managementAccount", "the id of the management account", false, false},
	{"organization.regions", "the governed regions", true, false},
	{"partition", "the partition: aws, aws-us-gov, aws-cn", false, false},
}

func lookupPlaceholder(name string) (Placeholder, bool) {
	i := slices.IndexFunc(placeholders, func(p Placeholder) bool { return p.Name == name })
	if i < 0 {
		return Placeholder{}, false
	}
	return placeholders[i], true
}

// A value is what a placeholder becomes: one text, or the items of a list.
type value struct {
	list  bool
	items []string
}

// A part of a template's string is literal text or the name of a placeholder.
type part struct{ literal, name string }

var placeholderName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$`)

// parseText splits a template's string. ${…} is AWS's and stays literal.
func parseText(s string) ([]part, error) {
	var parts []part
	for {
		i := strings.Index(s, "{{")
		if i < 0 {
			if strings.Contains(s, "}}") {
				return nil, fmt.Errorf("}} closes nothing")
			}
			if s != "" {
				parts = append(parts, part{literal: s})
			}
			return parts, nil
		}
		if i > 0 {
			parts = append(parts, part{literal: s[:i]})
		}
		j := strings.Index(s[i:], "}}")
		if j < 0 {
			return nil, fmt.Errorf("{{ is not closed")
		}
		name := s[i+2 : i+j]
		if !placeholderName.MatchString(name) {
			return nil, fmt.Errorf("{{%s}} is no placeholder", name)
		}
		parts = append(parts, part{name: name})
		s = s[i+j+2:]
	}
}

// maxItems bounds what one string of a template may become.
const maxItems = 5000

// expand puts values into a string: once for each item of every list in it. A
// placeholder's text is never looked at again, so that it cannot bring another.
func expand(s string, values map[string]value) ([]string, error) {
	parts, err := parseText(s)
	if err != nil {
		return nil, err
	}
	out := []string{""}
	for _, p := range parts {
		items := []string{p.literal}
		if p.name != "" {
			v, ok := values[p.name]
			if !ok {
				return nil, fmt.Errorf("nothing is known for {{%s}}", p.name)
			}
			items = v.items
		}
		next := make([]string, 0, len(out)*len(items))
		for _, before := range out {
			for _, item := range items {
				next = append(next, before+item)
			}
		}
		if len(next) > maxItems {
			return nil, fmt.Errorf("it becomes more than %d values", maxItems)
		}
		out = next
	}
	return out, nil
}

// onlyReferences reports whether every {{ in s opens a reference {{id:…}}.
func onlyReferences(s string) bool {
	for {
		i := strings.Index(s, "{{")
		if i < 0 {
			return true
		}
		name, rest, ok := strings.Cut(s[i:], "}}")
		name, isRef := strings.CutPrefix(name, "{{id:")
		if !ok || !isRef || name == "" || strings.ContainsAny(name, "{}\"\\") {
			return false
		}
		s = rest
	}
}

// names of everything a template may use: its parameters and the common ones.
func (t *Template) placeholderNames() []string {
	names := slices.Sorted(maps.Keys(t.Parameters))
	for _, p := range placeholders {
		names = append(names, p.Name)
	}
	return names
}
