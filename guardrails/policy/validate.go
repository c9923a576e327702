package policy

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// A Kind is what a document is for; each has a grammar of its own. Those of
// Organizations policies are spelled as the API spells them.
type Kind string

// The kinds of document that [Validate] knows.
const (
	ServiceControlPolicy  Kind = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy Kind = "RESOURCE_CONTROL_POLICY"
	IdentityPolicy        Kind = "IDENTITY_POLICY"
	PermissionsBoundary   Kind = "PERMISSIONS_BOUNDARY"
	TrustPolicy           Kind = "TRUST_POLICY"
)

// Kinds lists the kinds.
func Kinds() []Kind {
	return []Kind{ServiceControlPolicy, ResourceControlPolicy, IdentityPolicy, PermissionsBoundary, TrustPolicy}
}

// spoken is the kind in a sentence, code the code of what only it forbids.
func (k Kind) spoken() string {
	switch k {
	case ServiceControlPolicy:
		return "a service control policy"
	case ResourceControlPolicy:
		return "a resource control policy"
	case IdentityPolicy:
		return "an identity policy"
	case PermissionsBoundary:
		return "a permissions boundary"
	case TrustPolicy:
		return "a trust policy"
	case DeclarativePolicyEC2:
		return "a declarative policy for EC2"
	case AIServicesOptOutPolicy:
		return "an AI services opt-out policy"
	case TagPolicy:
		return "a tag policy"
	case BackupPolicy:
		return "a backup policy"
	}
	panic("policy: no kind of document is " + string(k))
}

func (k Kind) code() string {
	switch k {
	case ServiceControlPolicy:
		return "GR120"
	case ResourceControlPolicy:
		return "GR121"
	case IdentityPolicy, PermissionsBoundary:
		return "GR122"
	case TrustPolicy:
		return "GR123"
	}
	panic("policy: no kind of document is " + string(k))
}

// Rules are the facts of AWS that the grammar needs; see guardrails/awsdata.
type Rules struct {
	RCPServices []string // prefixes of the actions that resource control policies may name
}

// Validate says what AWS would refuse in a document of a kind, whoever wrote
// it: elements that the kind does not have or must have, and malformed Sids,
// actions, ARNs, principals, conditions and policy variables. The diagnostics
// have no place; [Check] gives them one. Whether actions and condition keys
// exist, and how long the document may be, is not asked here. What AWS takes,
// though it can never mean what was intended, is a warning.
//
// It panics on a kind that is none of [Kinds].
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func Validate(d Document, kind Kind, rules Rules) diag.Diagnostics {
	v := &validator{d: d, kind: kind, rules: rules, at: func(path) diag.Range { return diag.Range{} }}
	v.document()
	return v.ds
}

// Check parses a document that a user wrote and validates it; all diagnostics
// are located in src. What is no policy document at all is not validated.
func Check(file string, src []byte, kind Kind, rules Rules) (Document, diag.Diagnostics) {
	d, p := parse(file, src, new(room))
	if p.ds.HasErrors() {
		return d, p.ds
	}
	p.braces(p.root)
	v := &validator{d: d, kind: kind, rules: rules, ds: p.ds, at: p.locate}
	v.document()
	return d, v.ds
}

// braces finds {{ in strings, which only orgrails itself writes.
func (p *parser) braces(n node) {
	if n.kind == kindString && strings.Contains(n.str, "{{") {
		p.errorf(n.start, n.end, "GR114", "write the id itself; placeholders stand in templates only", "a document of your own holds {{")
	}
	for _, m := range n.children {
		if strings.Contains(m.name, "{{") {
			p.errorf(m.start, m.end, "GR114", "write the name itself; placeholders stand in templates only", "a document of your own holds {{")
		}
		p.braces(m.value)
	}
}

// A path leads to a place in a document: names of elements and indices of
// lists. An index into a single value stays where it is.
type path []any

// locate is the range of what a path leads to, or of the last that exists on
// the way: of the name, where the path ends with one.
func (p *parser) locate(to path) diag.Range {
	n := p.root
	start, end := n.start, min(n.start+1, n.end)
	for _, step := range to {
		switch step := step.(type) {
		case string:
			found := false
			for _, m := range n.children {
				if m.name == step && n.kind == kindObject {
					n, start, end, found = m.value, m.start, m.end, true
					break
				}
			}
			if !found {
				return p.text.span(int(start), int(end))
			}
		case int:
			if n.kind == kindList {
				if step >= len(n.children) {
					return p.text.span(int(start), int(end))
				}
				n = n.children[step].value
			}
			start, end = n.start, n.end
			if n.kind == kindObject {
				end = min(n.start+1, n.end)
			}
		}
	}
	return p.text.span(int(start), int(end))
}

// A validator collects what is wrong with one document.
type validator struct {
	d     Document
	kind  Kind
	rules Rules
	ds    diag.Diagnostics
	at    func(path) diag.Range
}

func (v *validator) errorf(to path, code, hint, format string, args ...any) {
	if len(v.ds) <= maxProblems {
		v.ds.Errorf(v.at(to), code, "%s", v.who(to)+fmt.Sprintf(format, args...)).Hint = hint
	}
}

func (v *validator) warnf(to path, code, hint, format string, args ...any) {
	if len(v.ds) <= maxProblems {
		v.ds.Warnf(v.at(to), code, "%s", v.who(to)+fmt.Sprintf(format, args...)).Hint = hint
	}
}

// who names the statement that a path leads into.
func (v *validator) who(to path) string {
	if len(to) < 2 {
		return ""
	}
	i := to[1].(int)
	if sid := v.d.Statements[i].Sid; sid != "" {
		return "statement " + sid + ": "
	}
	return fmt.Sprintf("statement %d: ", i+1)
}

var sidLetters = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func (v *validator) document() {
	code, spoken := v.kind.code(), v.kind.spoken()
	organizations := v.kind == ServiceControlPolicy || v.kind == ResourceControlPolicy
	switch {
	case organizations && v.d.Version != Version2012:
		v.errorf(path{"Version"}, code, `write "Version": "2012-10-17"`, "%s needs the version 2012-10-17", spoken)
	case v.d.Version == "":
		v.warnf(path{"Version"}, "GR108", `write "Version": "2012-10-17"`, "without a Version the old policy language of 2008 holds, which has no variables")
	}
	if len(v.d.Statements) == 0 {
		v.errorf(path{"Statement"}, "GR106", "a document without statements says nothing", "%s has no statements", spoken)
	}
	first := map[string]int{}
	for i, s := range v.d.Statements {
		if !sidLetters.MatchString(s.Sid) {
			v.errorf(path{"Statement", i, "Sid", 0}, "GR108", "a Sid has letters A to Z and digits only", "the Sid %q has other characters", s.Sid)
		}
		if at, twice := first[s.Sid]; twice && s.Sid != "" {
			to, format := path{"Statement", i, "Sid", 0}, "the Sid is also that of statement %d"
			if organizations {
				v.warnf(to, "GR108", "give each statement its own", format, at+1)
			} else {
				v.errorf(to, "GR108", "give each statement its own", format, at+1)
			}
		} else {
			first[s.Sid] = i
		}
		v.statement(i, s)
	}
	if !organizations {
		v.characters()
	}
}

// characters asks for those that IAM takes in documents.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func (v *validator) characters() {
	bad := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r > 0xff || r < ' ' && !strings.ContainsRune("\t\n\r", r) })
	}
	if bad(v.d.JSON()) {
		v.errorf(path{}, "GR108", "IAM takes tab, line ends and the characters from U+0020 to U+00FF", "the document holds a character that IAM does not take")
	}
}

// StatementRanges are where the statements of a document begin, in their order;
// none where the source is no document.
func StatementRanges(file string, src []byte) []diag.Range {
	d, p := parse(file, src, new(room))
	var out []diag.Range
	for i := range d.Statements {
		to := path{"Statement", i}
		if d.Statements[i].Sid != "" {
			to = append(to, "Sid", 0)
		}
		out = append(out, p.locate(to))
	}
	return out
}
