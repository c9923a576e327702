package catalog

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
)

// isList reports whether values of the type are lists.
func (p ParameterType) isList() bool {
	return slices.Contains([]ParameterType{"strings", "regions", "accounts", "roles", "actions"}, p)
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	accountKey = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	// The wildcards are ours; the rest is what IAM takes in names and paths.
	rolePattern   = regexp.MustCompile(`^role/([A-Za-z0-9+=,.@_*?-]+/)*[A-Za-z0-9+=,.@_*?-]+$`)
	literal       = regexp.MustCompile(`[A-Za-z0-9]`)
	actionPattern = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$`)
)

// A mistake is what is wrong with a value, before it has a place.
type mistake struct{ code, what, hint string }

// article is the type as a message says it.
func (p ParameterType) article() string {
	switch p {
	case "string":
		return "a string"
	case "strings":
		return "a list of strings"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	}
	return "a list of " + string(p)
}

// read turns a value as JSON has it into texts, and says all that is wrong
// with it. The partition narrows which regions exist; "" takes any.
func (s ParameterSpec) read(v any, partition string) (value, []mistake) {
	wrong := func() (value, []mistake) {
		hint := "expected " + s.Type.article()
		if str, ok := v.(string); ok && s.Type.isList() {
			hint += fmt.Sprintf("; write [%s]", str)
		}
		return value{}, []mistake{{"GR212", "it is " + noun(v), hint}}
	}
	switch {
	case s.Type == "boolean":
		b, ok := v.(bool)
		if !ok {
			return wrong()
		}
		return value{items: []string{strconv.FormatBool(b)}}, nil
	case s.Type == "integer":
		n, ok := integer(v)
		if !ok {
			return wrong()
		}
		var ms []mistake
		if s.Minimum != nil && n < *s.Minimum || s.Maximum != nil && n > *s.Maximum {
			ms = append(ms, mistake{"GR213", fmt.Sprintf("%d is out of bounds", n), s.bounds(s.Minimum, s.Maximum, "")})
		}
		return value{items: []string{strconv.Itoa(n)}}, ms
	case s.Type.isList():
		items, ok := list(v)
		if !ok {
			return wrong()
		}
		var ms []mistake
		if s.MinItems != nil && len(items) < *s.MinItems || s.MaxItems != nil && len(items) > *s.MaxItems {
			ms = append(ms, mistake{"GR213", fmt.Sprintf("it has %d items", len(items)), s.bounds(s.MinItems, s.MaxItems, " items")})
		}
		for _, item := range items {
			ms = append(ms, s.item(item, partition)...)
		}
		return value{list: true, items: items}, ms
	}
	str, ok := v.(string)
	if !ok {
		return wrong()
	}
	return value{items: []string{str}}, s.item(str, partition)
}

func (s ParameterSpec) bounds(low, high *int, unit string) string {
	switch {
	case low == nil:
		return fmt.Sprintf("expected at most %d%s", *high, unit)
	case high == nil:
		return fmt.Sprintf("expected at least %d%s", *low, unit)
	}
	return fmt.Sprintf("expected %d to %d%s", *low, *high, unit)
}

// item checks one string.
func (s ParameterSpec) item(str, partition string) []mistake {
	if str == "" {
		return []mistake{{"GR213", "an empty string stands in it", "leave it out"}}
	}
	if !onlyReferences(str) {
		return []mistake{{"GR216", fmt.Sprintf("%q holds {{", str), "placeholders stand in templates only"}}
	}
	if i := strings.IndexFunc(str, func(r rune) bool { return r < ' ' || r > 0xff || r >= 0x7f && r < 0xa0 }); i >= 0 {
		return []mistake{{"GR216", fmt.Sprintf("%q holds a character that IAM policies do not take", str), "use the printable characters up to U+00FF"}}
	}
	switch s.Type {
	case "regions":
		if known := awsdata.RegionNames(partition); !slices.Contains(known, str) {
			what := fmt.Sprintf("no region is named %q", str)
			if p, ok := awsdata.PartitionOf(str); ok {
				what = fmt.Sprintf("%q is a region of the partition %s, not of %s", str, p.Name, partition)
			}
			return []mistake{{"GR214", what, diag.DidYouMean(str, known)}}
		}
	case "accounts":
		if !accountID.MatchString(str) && !accountKey.MatchString(str) && !strings.HasPrefix(str, "{{id:") {
			return []mistake{{"GR214", fmt.Sprintf("%q is no account", str), "expected the key of an account of the file, or twelve digits in quotes"}}
		}
	case "roles":
		if rest := strings.TrimPrefix(str, "role/"); !rolePattern.MatchString(str) || !literal.MatchString(rest) {
			return []mistake{{"GR214", fmt.Sprintf("%q is no role", str), "expected role/name or role/path/name; * and ? are wildcards, but not all of it"}}
		}
	case "actions":
		if !actionPattern.MatchString(str) {
			return []mistake{{"GR214", fmt.Sprintf("%q is no action", str), "expected service:Action, such as s3:PutObject; * and ? are wildcards behind the colon"}}
		}
	}
	if s.Pattern != "" {
		if re, err := compiled(s.Pattern); err == nil && !re.MatchString(str) {
			return []mistake{{"GR213", fmt.Sprintf("%q does not have the form that the template asks for", str), "expected a match of " + s.Pattern}}
		}
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, str) {
		return []mistake{{"GR213", fmt.Sprintf("%q is not one of the values that the template takes", str), diag.DidYouMean(str, s.Enum)}}
	}
	return nil
}

// patterns are the regular expressions of parameters, by their text.
var patterns sync.Map

func compiled(pattern string) (*regexp.Regexp, error) {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp), nil
	}
	re, err := regexp.Compile(pattern)
	if err == nil {
		patterns.Store(pattern, re)
	}
	return re, err
}

// list reads a list of strings, as JSON or as Go has it.
func list(v any) ([]string, bool) {
	switch v := v.(type) {
	case []string:
		return v, true
	case []any:
		items := make([]string, 0, len(v))
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, false
			}
			items = append(items, s)
		}
		return items, true
	}
	return nil, false
}

func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case uint64:
		return int(v), v <= math.MaxInt32
	case float64:
		return int(v), v == math.Trunc(v) && math.Abs(v) <= math.MaxInt32
	}
	return 0, false
}

// noun is a JSON value's kind as a message says it.
func noun(v any) string {
	switch v := v.(type) {
	case nil:
		return "empty"
	case bool:
		return fmt.Sprintf("%v", v)
	case string:
		return fmt.Sprintf("the string %q", v)
	case []any:
		for _, item := range v {
			if item == nil {
				return "a list with an empty item"
			}
			if _, ok := item.(string); !ok {
				return "a list that holds " + noun(item)
			}
		}
		return "a list"
	case []string:
		return "a list"
	case map[string]any:
		return "a mapping"
	case float64:
		return "the number " + strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprintf("the number %v", v)
}
