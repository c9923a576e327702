package compile

import (
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// An exemption is what one exception takes out of the Deny statements of its
// guardrail at one node: the requests of some principals, or of all principals
// of some accounts, and of those only some actions where it names any.
type exemption struct {
	principals policy.Values // ARN patterns
	accounts   policy.Values // account ids; empty where there are principals
	actions    []string      // empty: all that the statement denies
}

// A conflict is an excepted action that cannot be taken out of a statement.
type conflict struct {
	action  string // of the exception
	pattern string // of the statement, of which it is a part
	not     bool   // the pattern stands in NotAction: not denied there
}

// apply narrows one Deny statement. The statements that it returns deny
// together exactly what s denies, less what is exempt: for anyone else, and
// for any other action, nothing changes. hits are the exception's actions that
// the statement denies; with none, s comes back as it is. A statement that
// allows is never touched.
//
// An exemption by principal or account is one more condition, which all
// conditions of a statement must meet. One for some actions splits the
// statement: what is not excepted keeps its conditions, and a second statement
// denies the excepted actions to all but the exempt.
//
// The last of those that it returns is the one that the exemption is made from;
// excepted is that without the exemption, and nil where nothing is exempt.
func (x exemption) apply(s policy.Statement) (out []policy.Statement, excepted *policy.Statement, hits []string, bad []conflict) {
	if s.Effect != policy.Deny {
		return []policy.Statement{s}, nil, nil, nil
	}
	if len(x.actions) == 0 {
		return []policy.Statement{x.condition(s)}, &s, nil, nil
	}
	if s.NotAction != nil {
		return x.splitNotAction(s)
	}
	return x.splitAction(s)
}

// splitAction moves the actions that the exception covers to a second statement.
func (x exemption) splitAction(s policy.Statement) (out []policy.Statement, excepted *policy.Statement, hits []string, bad []conflict) {
	var stay, move policy.Values
	for _, a := range s.Action {
		covered := false
		for _, e := range x.actions {
			switch {
			case policy.Covers(e, a, true):
				covered = true
				hits = append(hits, e)
			case overlap(e, a):
				bad = append(bad, conflict{action: e, pattern: a})
			}
		}
		if covered {
			move = append(move, a)
		} else {
			stay = append(stay, a)
		}
	}
	// What is covered whole by one of the exception's actions may lie across another.
	bad = slices.DeleteFunc(bad, func(c conflict) bool { return slices.Contains(move, c.pattern) })
	return x.split(s, stay, move, hits, bad, false)
}

// splitNotAction adds the excepted actions to those that the statement leaves
// alone, and denies them in a second one.
func (x exemption) splitNotAction(s policy.Statement) (out []policy.Statement, excepted *policy.Statement, hits []string, bad []conflict) {
	stay, move := slices.Clone(s.NotAction), policy.Values(nil)
	for _, e := range x.actions {
		free := false
		for _, n := range s.NotAction {
			if policy.Covers(n, e, true) {
				free = true // the statement does not deny it
			}
		}
		if free {
			continue
		}
		across := false
		for _, n := range s.NotAction {
			if overlap(e, n) {
				across = true
				bad = append(bad, conflict{action: e, pattern: n, not: true})
			}
		}
		if !across {
			stay, move, hits = append(stay, e), append(move, e), append(hits, e)
		}
	}
	return x.split(s, stay, move, hits, bad, true)
}

func (x exemption) split(s policy.Statement, stay, move policy.Values, hits []string, bad []conflict, not bool) ([]policy.Statement, *policy.Statement, []string, []conflict) {
	if len(bad) > 0 || len(move) == 0 {
		return []policy.Statement{s}, nil, hits, bad
	}
	var out []policy.Statement
	if not {
		s.NotAction = stay
		out = append(out, s)
	} else if len(stay) > 0 {
		rest := s
		rest.Action = stay
		out = append(out, rest)
	}
	excepted := s
	excepted.Action, excepted.NotAction = move, nil
	if len(out) > 0 && s.Sid != "" {
		excepted.Sid = s.Sid + "Except"
	}
	return append(out, x.condition(excepted)), &excepted, hits, nil
}

// condition is s denying only whom the exemption does not exempt.
func (x exemption) condition(s policy.Statement) policy.Statement {
	if len(x.principals) > 0 {
		return unless(s, "ArnNotLike", "aws:PrincipalArn", x.principals)
	}
	return unless(s, "StringNotEquals", "aws:PrincipalAccount", x.accounts)
}

// after is s denying only whom the exemption exempts, from a time on. It is
// false where s asks the same already in every way there is to ask it.
func (x exemption) after(s policy.Statement, t time.Time) (policy.Statement, bool) {
	who := []question{{"StringEquals", "aws:PrincipalAccount", x.accounts}, {"StringLike", "aws:PrincipalAccount", x.accounts}}
	if len(x.principals) > 0 {
		who = []question{{"ArnLike", "aws:PrincipalArn", x.principals}, {"ArnEquals", "aws:PrincipalArn", x.principals}}
	}
	when := t.UTC().Format(time.RFC3339)
	s, ok := also(s, who...)
	s, too := also(s, question{"DateGreaterThanEquals", "aws:CurrentTime", policy.Values{when}}, question{"DateGreaterThan", "aws:CurrentTime", policy.Values{t.UTC().Add(-time.Second).Format(time.RFC3339)}})
	if s.Sid != "" {
		s.Sid += "After"
	}
	return s, ok && too
}

// nobody reports whether the exemption exempts nobody.
func (x exemption) nobody() bool { return len(x.principals)+len(x.accounts) == 0 }

// without is x less those whom y exempts too, by the same pattern or account,
// from all that there is.
func (x exemption) without(y exemption) exemption {
	if len(y.actions) > 0 {
		return x
	}
	less := func(list, of policy.Values) policy.Values {
		return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return slices.Contains(of, v) })
	}
	x.principals, x.accounts = less(x.principals, y.principals), less(x.accounts, y.accounts)
	return x
}

// meeting is the part of x that may exempt somebody whom y exempts.
func (x exemption) meeting(y exemption) exemption {
	keep := func(list policy.Values, meets func(a, b string) bool, with policy.Values) (out policy.Values) {
		for _, v := range list {
			if slices.ContainsFunc(with, func(w string) bool { return meets(v, w) }) {
				out = append(out, v)
			}
		}
		return out
	}
	if len(x.principals) > 0 {
		with, meets := y.principals, meet
		if len(y.principals) == 0 {
			with, meets = y.accounts, isIn
		}
		x.principals = keep(x.principals, meets, with)
		return x
	}
	if len(y.principals) == 0 {
		x.accounts = keep(x.accounts, func(a, b string) bool { return a == b }, y.accounts)
		return x
	}
	x.accounts = keep(x.accounts, func(a, p string) bool { return isIn(p, a) }, y.principals)
	return x
}

// meet reports whether some principal may match both patterns.
func meet(a, b string) bool {
	account, name := accountAndName(a)
	other, named := accountAndName(b)
	return (account == other || account == "*" || other == "*") && overlap(name, named)
}

// isIn reports whether some principal of an account may match a pattern.
func isIn(pattern, account string) bool {
	in, _ := accountAndName(pattern)
	return in == account || in == "*"
}

// accountAndName are the parts of a pattern of [compiler.iamARN]: an id, a
// reference or "*", and what is behind it.
func accountAndName(arn string) (account, name string) {
	_, rest, _ := strings.Cut(arn, "::")
	if ref, name, ok := strings.Cut(rest, "}}:"); ok {
		return ref + "}}", name
	}
	account, name, _ = strings.Cut(rest, ":")
	return account, name
}

// A question is one condition.
type question struct {
	operator, key string
	values        policy.Values
}

// also adds to s the first of some conditions that mean the same whose operator
// and key it does not have: two under one operator and key would be
// alternatives.
func also(s policy.Statement, ways ...question) (policy.Statement, bool) {
	for _, q := range ways {
		if has(s.Condition, q.operator, q.key) {
			continue
		}
		return unless(s, q.operator, q.key, q.values), true
	}
	return s, false
}

func has(c policy.Conditions, operator, key string) bool {
	for op, keys := range c {
		for k := range keys {
			if strings.EqualFold(op, operator) && strings.EqualFold(k, key) {
				return true
			}
		}
	}
	return false
}

// unless adds values to a negated condition of s, so that the statement holds
// only where none of them, and none that stood there, matches. The spelling of
// an operator or a key that is there already is kept, since both are
// case-insensitive; every other condition stays as it is.
func unless(s policy.Statement, operator, key string, values policy.Values) policy.Statement {
	conditions := policy.Conditions{}
	for op, keys := range s.Condition {
		conditions[op] = keys
	}
	for _, op := range sortedKeys(s.Condition) {
		if strings.EqualFold(op, operator) {
			operator = op
			break
		}
	}
	keys := map[string]policy.Values{}
	for _, k := range sortedKeys(conditions[operator]) {
		keys[k] = conditions[operator][k]
		if strings.EqualFold(k, key) {
			key = k
		}
	}
	keys[key] = policy.Values(sortedUnique(slices.Concat(keys[key], values)))
	conditions[operator] = keys
	s.Condition = conditions
	return s
}

// overlap reports whether some action matches both patterns. Actions are
// letters, digits, hyphens and one colon, in either case.
func overlap(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	// reach[j] is whether the rest of a and the rest of b from j on have a
	// string in common: both ends are walked backwards, a * taking any number.
	reach := make([]bool, len(b)+1)
	next := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				reach[j] = true
			case i < len(a) && a[i] == '*':
				reach[j] = next[j] || j < len(b) && reach[j+1]
			case j < len(b) && b[j] == '*':
				reach[j] = reach[j+1] || i < len(a) && next[j]
			default:
				reach[j] = i < len(a) && j < len(b) && (a[i] == b[j] || a[i] == '?' || b[j] == '?') && next[j+1]
			}
		}
		reach, next = next, reach
	}
	return next[0]
}
