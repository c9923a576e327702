package live

import (
	"net/url"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// document undoes the percent encoding in which IAM hands out documents. One
// that is not encoded well is left as it is.
func document(encoded string) string {
	if d, err := url.PathUnescape(encoded); err == nil {
		return d
	}
	return encoded
}

// isAssumable reports whether a trust policy lets anybody in who is not an AWS
// service. One that cannot be understood counts as if it did.
func isAssumable(trust string) bool {
	d, ds := policy.Parse("", []byte(trust))
	if ds.HasErrors() {
		return true
	}
	for _, s := range d.Statements {
		if s.Effect != policy.Allow {
			continue
		}
		p := s.Principal
		if p == nil || p.Everyone || len(p.AWS) > 0 || len(p.Federated) > 0 || len(p.CanonicalUser) > 0 {
			return true
		}
	}
	return false
}

// grantsAssume reports whether a policy allows sts:AssumeRole on anything. One
// that cannot be understood counts as if it did.
func grantsAssume(doc string) bool {
	const action = "sts:AssumeRole"
	matches := func(patterns policy.Values) bool {
		for _, p := range patterns {
			if policy.Match(p, action, true) {
				return true
			}
		}
		return false
	}
	d, ds := policy.Parse("", []byte(doc))
	if ds.HasErrors() {
		return true
	}
	for _, s := range d.Statements {
		if s.Effect == policy.Allow && (matches(s.Action) || len(s.NotAction) > 0 && !matches(s.NotAction)) {
			return true
		}
	}
	return false
}
