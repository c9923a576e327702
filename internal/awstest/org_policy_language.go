package awstest

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"
)

// checkPolicy refuses what AWS refuses when an organization policy is saved:
// its size, counted in characters as they are sent, and its language.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func (e *Emulator) checkPolicy(policyType, content string) *problem {
	if n := e.options.Quotas.policySize(policyType); utf8.RuneCountInString(content) > n {
		return refuse("ConstraintViolationException", "You have exceeded the maximum size of a policy document: %d characters.", n).
			with("Reason", "POLICY_CONTENT_LIMIT_EXCEEDED")
	}
	var why string
	switch policyType {
	case serviceControlPolicy:
		why = malformedSCP(content)
	case resourceControlPolicy:
		why = malformedRCP(content)
	case "DECLARATIVE_POLICY_EC2", "AISERVICES_OPT_OUT_POLICY", "TAG_POLICY", "BACKUP_POLICY":
		why = malformedDeclarative(policyType, content)
	default:
		if !json.Valid([]byte(content)) {
			why = "it is not JSON"
		}
	}
	if why != "" {
		return refuse("MalformedPolicyDocumentException", "The provided policy document does not meet the requirements of the specified policy type: %s.", why)
	}
	return nil
}

// elements of a statement, and what kind of value each has.
var scpElements = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
var rcpElements = []string{"Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"}

// malformedSCP says what is wrong with a service control policy, "" if nothing.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
func malformedSCP(content string) string {
	return malformed(content, scpElements, func(s map[string]any) string {
		if effect := s["Effect"]; effect != "Allow" && effect != "Deny" {
			return "Effect must be Allow or Deny"
		}
		return ""
	})
}

// malformedRCP says what is wrong with a resource control policy.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
func malformedRCP(content string) string {
	return malformed(content, rcpElements, func(s map[string]any) string {
		if s["Effect"] != "Deny" {
			return "Effect must be Deny"
		}
		if !principalIsEverybody(s["Principal"]) {
			return `Principal must be "*"`
		}
		if slices.Contains(values(s["Action"]), "*") {
			return `Action "*" is not supported: name a service`
		}
		return ""
	})
}

// principalIsEverybody: AWS documents "*" only; {"AWS": "*"} is another
// principal in this language, and refused.
func principalIsEverybody(v any) bool { return v == "*" }

var sidPattern = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func malformed(content string, elements []string, check func(map[string]any) string) string {
	d := json.NewDecoder(bytes.NewReader([]byte(content)))
	var doc map[string]any
	if err := d.Decode(&doc); err != nil || doc == nil {
		return "it is not a JSON object"
	}
	if _, err := d.Token(); err != io.EOF {
		return "text follows the JSON object"
	}
	for k := range doc {
		if k != "Version" && k != "Statement" && k != "Id" {
			return "unknown element " + k
		}
	}
	if doc["Version"] != "2012-10-17" {
		return "Version must be 2012-10-17"
	}
	var statements []any
	switch s := doc["Statement"].(type) {
	case []any:
		statements = s
	case map[string]any:
		statements = []any{s}
	}
	if len(statements) == 0 {
		return "there is no Statement"
	}
	sids := map[string]bool{}
	for _, v := range statements {
		s, ok := v.(map[string]any)
		if !ok {
			return "a Statement is not an object"
		}
		for k := range s {
			if !slices.Contains(elements, k) {
				return "element " + k + " is not supported"
			}
		}
		if sid, ok := s["Sid"].(string); ok && sid != "" {
			if !sidPattern.MatchString(sid) {
				return "Sid may have letters and digits only"
			}
			if sids[sid] {
				return "Sid " + sid + " is there twice"
			}
			sids[sid] = true
		}
		if exactlyOne(s, "Action", "NotAction") != "" {
			return exactlyOne(s, "Action", "NotAction")
		}
		if exactlyOne(s, "Resource", "NotResource") != "" {
			return exactlyOne(s, "Resource", "NotResource")
		}
		if _, ok := s["Condition"]; ok {
			if c, ok := s["Condition"].(map[string]any); !ok || slices.ContainsFunc(anyValues(c), func(v any) bool { _, ok := v.(map[string]any); return !ok }) {
				return "Condition must map operators to keys"
			}
		}
		if why := check(s); why != "" {
			return why
		}
	}
	return ""
}

func exactlyOne(s map[string]any, a, b string) string {
	_, hasA := s[a]
	_, hasB := s[b]
	switch {
	case hasA && hasB:
		return a + " and " + b + " exclude each other"
	case hasA && len(values(s[a])) == 0, hasB && len(values(s[b])) == 0, !hasA && !hasB:
		return a + " or " + b + " is missing"
	}
	return ""
}

// values are the strings of an element that may be one string or a list.
func values(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, i := range v {
			if s, ok := i.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

func anyValues(m map[string]any) []any {
	out := make([]any, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}
