package eval

import "strings"

// arnFields is how many fields an ARN has; the last holds what colons there
// are behind the fifth.
const arnFields = 6

// matchPattern matches with the variables of the request. A variable without
// value is like no string; with an unknown one the answer is unknown. What a
// variable puts in is text: a * in it is no wildcard.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (e *evaluation) matchPattern(p *pattern, s string) Truth {
	if p.form != dynamic {
		return truth(p.match(s))
	}
	ps, t := e.resolve(p)
	if t != Yes {
		return t
	}
	return truth(matchPieces(ps, s))
}

// resolve puts values into the place of variables: No where one has none,
// Unknown where one is unknown. The pieces are good until the next call.
func (e *evaluation) resolve(p *pattern) ([]piece, Truth) {
	t := Yes
	ps := e.keys.pieces[:0]
	for _, x := range p.pieces {
		if x.kind == variable {
			state, values := e.key(x.key)
			switch {
			case state == keyUnknown:
				t = min(t, Unknown)
			case state == keyPresent && len(values) == 1:
				x = piece{kind: literal, text: values[0]}
			case x.hasDefault && state == keyMissing:
				x = piece{kind: literal, text: x.text}
			default: // a key of several values is none that a variable may name
				t = No
			}
		}
		ps = append(ps, x)
	}
	e.keys.pieces = ps
	return ps, t
}

// resolveText is a pattern without wildcards as one string.
func (e *evaluation) resolveText(p *pattern) (string, Truth) {
	ps, t := e.resolve(p)
	if t != Yes {
		return "", t
	}
	var b strings.Builder
	for i := range ps {
		b.WriteString(ps[i].text)
	}
	return b.String(), Yes
}

// matchARN compares an ARN with the pattern of one, field by field; a * takes
// no colon that separates fields. What is no ARN matches the pattern * alone.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
func (e *evaluation) matchARN(v *value, s string) Truth {
	switch v.pattern.form {
	case everything:
		return Yes
	case dynamic:
		ps, t := e.resolve(&v.pattern)
		if t != Yes {
			return t
		}
		return truth(matchFields(ps, s))
	}
	for i := range v.fields {
		field, rest, ok := nextField(s, i)
		if !ok || !v.fields[i].match(field) {
			return No
		}
		s = rest
	}
	return Yes
}

// nextField takes the i-th field from the front of an ARN.
func nextField(s string, i int) (field, rest string, ok bool) {
	if i == arnFields-1 {
		return s, "", true
	}
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return "", "", false
	}
	return s[:colon], s[colon+1:], true
}

// splitFields splits the pattern of an ARN at the first five colons of its
// literals; there are fewer fields than six where it has fewer colons.
func splitFields(p pattern) []pattern {
	var fields []pattern
	from := []piece{}
	for _, x := range p.pieces {
		for x.kind == literal && len(fields) < arnFields-1 {
			colon := strings.IndexByte(x.text, ':')
			if colon < 0 {
				break
			}
			if colon > 0 {
				from = append(from, piece{kind: literal, text: x.text[:colon]})
			}
			fields = append(fields, newPattern(from))
			from = []piece{}
			x.text = x.text[colon+1:]
		}
		if x.kind != literal || x.text != "" {
			from = append(from, x)
		}
	}
	return append(fields, newPattern(from))
}

// matchFields is what splitFields and matching are, without making anything:
// it cuts the pieces, whose variables are resolved, where a field ends.
func matchFields(ps []piece, s string) bool {
	for i := range arnFields - 1 {
		end, colon := 0, -1
		for ; end < len(ps); end++ {
			if ps[end].kind == literal {
				if colon = strings.IndexByte(ps[end].text, ':'); colon >= 0 {
					break
				}
			}
		}
		field, rest, ok := nextField(s, i)
		if colon < 0 || !ok {
			return false
		}
		text := ps[end].text
		ps[end].text = text[:colon]
		if !matchPieces(ps[:end+1], field) {
			return false
		}
		ps[end].text = text[colon+1:]
		ps, s = ps[end:], rest
	}
	return matchPieces(ps, s)
}
