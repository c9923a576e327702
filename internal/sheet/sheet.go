// Package sheet says of a template all that there is to say: its policy
// document as the example organization gets it, how much of the quota that
// takes, what its parameters may be, and what the engine makes of its vectors.
//
// The command "orgrails catalog" and the manual's pages of the catalogue
// (internal/gen/pages) write the same sheet in two ways, so that they cannot
// say different things. A sheet holds no layout; see [catalog.ExampleEnv] for
// the example organization.
package sheet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// A Sheet is what there is to say of one template.
type Sheet struct {
	*catalog.Template
	// Given are the parameters that the document was made with; empty means
	// the defaults.
	Given map[string]any
	// Document is the policy document, canonical; "" for a template that
	// becomes none.
	Document string
	// Results are those of the template's vectors, each with the parameters
	// of its own.
	Results []trial.VectorResult
	// Effects are what the settings of a declarative template come to, each
	// with the parameters of its own.
	Effects []trial.SettingResult
}

// New makes the sheet of a template for some parameters. Diagnostics are about
// these parameters. Where a parameter has no default and none is given, those
// of the first vector that gives enough are taken.
func New(t *catalog.Template, given map[string]org.Parameter) (*Sheet, diag.Diagnostics, error) {
	s := &Sheet{Template: t}
	if ds := t.Check(given, t.Range); given != nil && ds.HasErrors() {
		return nil, ds, nil
	}
	if len(t.Statements) > 0 || t.Type.IsDeclarative() {
		if ds := s.document(given); ds.HasErrors() {
			return nil, ds, nil
		}
	}
	var err error
	if s.Results, err = trial.Vectors(t); err != nil {
		return nil, nil, fmt.Errorf("put the vectors: %w", err)
	}
	if s.Effects, err = trial.Settings(t); err != nil {
		return nil, nil, fmt.Errorf("look at the settings: %w", err)
	}
	return s, nil, nil
}

func (s *Sheet) document(given map[string]org.Parameter) diag.Diagnostics {
	candidates := []map[string]org.Parameter{given}
	if given == nil {
		for _, v := range s.Vectors {
			candidates = append(candidates, catalog.Parameters(v.Parameters))
		}
		for _, v := range s.Settings {
			candidates = append(candidates, catalog.Parameters(v.Parameters))
		}
	}
	env := catalog.ExampleEnv()
	env.Accounts = map[string]string{"management": "111111111111", "identity": "777777777777"}
	var first diag.Diagnostics
	for i, params := range candidates {
		doc, ds := made(s.Template, env, params)
		if ds.HasErrors() {
			if i == 0 {
				first = ds
			}
			continue
		}
		s.Document = doc
		s.Given = map[string]any{}
		for name, p := range params {
			s.Given[name] = p.Value
		}
		return nil
	}
	return first
}

// made is the document of a template of any type that becomes one.
func made(t *catalog.Template, env catalog.Env, params map[string]org.Parameter) (string, diag.Diagnostics) {
	if t.Type.IsDeclarative() {
		d, ds := t.Declare(env, params, t.Range)
		if ds.HasErrors() {
			return "", ds
		}
		return d.JSON(), ds
	}
	statements, ds := t.Instantiate(env, params, t.Range)
	return policy.Document{Version: policy.Version2012, Statements: statements}.JSON(), ds
}

// Pretty is the document with a line for each part.
func (s *Sheet) Pretty() string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(s.Document), "", "  "); err != nil {
		panic(fmt.Errorf("the document of %s: %w", s.ID, err)) // the encoder writes JSON
	}
	return b.String()
}

// Size is how many characters of its quota the document takes. The quota is 0
// where a document of the type has none that is known.
func (s *Sheet) Size() (size, quota int) {
	q := awsdata.Quotas{}.WithDefaults()
	return policy.Size(s.Document), map[catalog.Type]int{
		catalog.ServiceControlPolicy:   q.SCPSize,
		catalog.ResourceControlPolicy:  q.RCPSize,
		catalog.PermissionsBoundary:    q.ManagedPolicySize,
		catalog.DeclarativePolicyEC2:   q.EC2PolicySize,
		catalog.AIServicesOptOutPolicy: q.AIPolicySize,
		catalog.TagPolicy:              q.TagPolicySize,
		catalog.BackupPolicy:           q.BackupPolicySize,
	}[s.Type]
}

// Characters say how much of its quota the document takes: 412 of 10,240
// characters.
func (s *Sheet) Characters() string {
	size, quota := s.Size()
	if quota == 0 {
		return Number(size) + " characters"
	}
	return Number(size) + " of " + Number(quota) + " characters"
}

// Number writes n with a comma between thousands.
func Number(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Passed reports whether every vector got the answer that it expects, and every
// setting comes to the value that it must have.
func (s *Sheet) Passed() bool {
	return !slices.ContainsFunc(s.Effects, func(r trial.SettingResult) bool { return !r.Passed() }) &&
		!slices.ContainsFunc(s.Results, func(r trial.VectorResult) bool { return !r.Passed() })
}

// VectorName is what a vector's request is, without the action that the
// catalogue adds to the names of those that differ in nothing else.
func VectorName(v *catalog.Vector) string { return strings.TrimSuffix(v.Name, ": "+v.Action) }

// Why says in a few words what a vector's answer rests on: the statements that
// deny it, or that nothing allows it; "" where it is let through.
func Why(r *trial.VectorResult) string {
	switch by := DeniedBy(r); {
	case r.Decision == eval.Allowed:
		return ""
	case len(by) == 0:
		return "nothing allows it"
	default:
		return strings.Join(by, ", ")
	}
}

// DeniedBy names the statements that deny the request of a vector: none where
// it is let through, or denied because nothing allows it.
func DeniedBy(r *trial.VectorResult) []string {
	sids := []string{}
	if r.Decision == eval.Allowed {
		return sids
	}
	for _, reason := range r.Reasons {
		if reason.Decisive && reason.Sid != "" && !slices.Contains(sids, reason.Sid) {
			sids = append(sids, reason.Sid)
		}
	}
	return sids
}

// When says under which parameters and which policy below a setting has its
// value; "" for the defaults, with none below.
func When(s *catalog.Setting) string {
	var parts []string
	if len(s.Parameters) > 0 {
		parts = append(parts, "with "+Values(s.Parameters))
	}
	if s.Below != nil {
		parts = append(parts, "where a policy below is "+Value(s.Below))
	}
	return strings.Join(parts, ", ")
}

// ParameterNames are the names of a template's parameters, sorted.
func (s *Sheet) ParameterNames() []string { return slices.Sorted(maps.Keys(s.Parameters)) }

// Default is the value of a parameter when none is given, as JSON; "" for one
// that must be given.
func Default(p catalog.ParameterSpec) string {
	if p.Default == nil {
		return ""
	}
	return Value(p.Default)
}

// Bounds say what a parameter may be beside its type.
func Bounds(p catalog.ParameterSpec) []string {
	var parts []string
	if len(p.Enum) > 0 {
		parts = append(parts, "one of "+list(p.Enum))
	}
	parts = append(parts, between(p.Minimum, p.Maximum, "")...)
	parts = append(parts, between(p.MinItems, p.MaxItems, "item")...)
	if p.Pattern != "" {
		parts = append(parts, "matches "+p.Pattern)
	}
	return parts
}

func between(low, high *int, unit string) []string {
	count := func(n int) string {
		switch unit {
		case "":
			return fmt.Sprint(n)
		default:
			if n == 1 {
				return fmt.Sprintf("%d %s", n, unit)
			}
			return fmt.Sprintf("%d %ss", n, unit)
		}
	}
	switch {
	case low == nil && high == nil:
		return nil
	case high == nil:
		return []string{"at least " + count(*low)}
	case low == nil:
		return []string{"at most " + count(*high)}
	}
	return []string{fmt.Sprintf("%d to %s", *low, count(*high))}
}

func list(items []string) string {
	var b bytes.Buffer
	for i, item := range items {
		switch {
		case i > 0 && i == len(items)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(item)
	}
	return b.String()
}

// Values are parameters in a line: trails: ["org-trail"], maxHops: 1.
func Values(params map[string]any) string {
	var b bytes.Buffer
	for i, name := range slices.Sorted(maps.Keys(params)) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %s", name, Value(params[name]))
	}
	return b.String()
}

// Value is a value as JSON, in a line.
func Value(v any) string {
	if items, ok := v.([]any); ok {
		texts := make([]string, len(items))
		for i, item := range items {
			texts[i] = Value(item)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // it was read from JSON
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// Passwords are the nine fields of a password policy, as IAM names them.
func Passwords(p *catalog.PasswordPolicy) [][2]string {
	days, former := "never", "none"
	if p.MaxAgeDays > 0 {
		days = fmt.Sprintf("after %d days", p.MaxAgeDays)
	}
	if p.ReusePrevention > 0 {
		former = fmt.Sprintf("the last %d", p.ReusePrevention)
	}
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	return [][2]string{
		{"minimum length", fmt.Sprint(p.MinimumLength)},
		{"uppercase letter required", yes(p.RequireUppercase)},
		{"lowercase letter required", yes(p.RequireLowercase)},
		{"number required", yes(p.RequireNumbers)},
		{"symbol required", yes(p.RequireSymbols)},
		{"passwords expire", days},
		{"former passwords refused", former},
		{"an expired password needs an administrator", yes(p.HardExpiry)},
		{"users change their own password", yes(p.UsersMayChange)},
	}
}
