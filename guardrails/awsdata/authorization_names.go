package awsdata

import (
	"cmp"
	"strings"
)

// cut splits s3:PutBucketAcl at its first colon.
func cut(name string) (prefix, rest string, ok bool) { return strings.Cut(name, ":") }

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// compareFold orders names without regard to upper and lower case. Names are ASCII.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// matches reports whether an action's name matches a pattern with * and ?.
func matches(pattern, name string) bool {
	p, i, star, back := 0, 0, -1, 0
	for i < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			p++
			star, back = p, i
		case p < len(pattern) && (pattern[p] == '?' || lower(pattern[p]) == lower(name[i])):
			p++
			i++
		case star >= 0:
			back++
			p, i = star, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// isKey reports whether a key of a request is the one that is documented, in
// which ${…} stands for any text but none.
func isKey(documented, key string) bool {
	before, rest, variable := strings.Cut(documented, "${")
	if !variable {
		return len(documented) == len(key) && compareFold(documented, key) == 0
	}
	_, after, _ := strings.Cut(rest, "}")
	if len(key) <= len(before) || compareFold(key[:len(before)], before) != 0 {
		return false
	}
	for end := len(before) + 1; end <= len(key); end++ {
		if isKey(after, key[end:]) {
			return true
		}
	}
	return false
}

// isClaim reports whether a key is a claim of an OpenID Connect provider, which
// the reference names for a few providers only: the issuer's host, a colon, and
// one of the claims that AWS hands on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func isClaim(key string) bool {
	i := strings.LastIndexByte(key, ':')
	if i < 0 || !strings.Contains(key[:i], ".") {
		return false
	}
	switch strings.ToLower(key[i+1:]) {
	case "amr", "aud", "email", "oaud", "sub":
		return true
	}
	return false
}
