package eval

import (
	"net/netip"
	"strings"
)

// A class is what an operator compares, and how; the negated operators are of
// the class of what they negate.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type class uint8

const (
	stringEquals class = iota
	stringEqualsIgnoreCase
	stringLike
	arnLike
	numericEquals
	numericLess
	numericLessEquals
	numericGreater
	numericGreaterEquals
	dateEquals
	dateLess
	dateLessEquals
	dateGreater
	dateGreaterEquals
	boolean
	binaryEquals
	ipAddress
	null
)

// classes has a row for each of policy.Operators.
var classes = map[string]class{
	"StringEquals": stringEquals, "StringNotEquals": stringEquals,
	"StringEqualsIgnoreCase": stringEqualsIgnoreCase, "StringNotEqualsIgnoreCase": stringEqualsIgnoreCase,
	"StringLike": stringLike, "StringNotLike": stringLike,
	"ArnEquals": arnLike, "ArnNotEquals": arnLike, "ArnLike": arnLike, "ArnNotLike": arnLike,
	"NumericEquals": numericEquals, "NumericNotEquals": numericEquals,
	"NumericLessThan": numericLess, "NumericLessThanEquals": numericLessEquals,
	"NumericGreaterThan": numericGreater, "NumericGreaterThanEquals": numericGreaterEquals,
	"DateEquals": dateEquals, "DateNotEquals": dateEquals,
	"DateLessThan": dateLess, "DateLessThanEquals": dateLessEquals,
	"DateGreaterThan": dateGreater, "DateGreaterThanEquals": dateGreaterEquals,
	"Bool": boolean, "BinaryEquals": binaryEquals,
	"IpAddress": ipAddress, "NotIpAddress": ipAddress,
	"Null": null,
}

// A value is one value of a condition, made ready for its class. One that is
// not of its class, such as a number that is none, is not ok and matches
// nothing.
type value struct {
	ok      bool
	pattern pattern   // strings and ARNs
	fields  []pattern // of an ARN without variables; nil where the pattern is everything
	number  decimal
	instant instant
	network netip.Prefix
	boolean bool
}

func newValue(c class, text string, variables bool, intern func(string) int32) value {
	v := value{ok: true}
	switch c {
	case stringEquals, stringEqualsIgnoreCase:
		v.pattern = parsePattern(text, Syntax{Variables: variables}, intern)
	case stringLike:
		v.pattern = parsePattern(text, Syntax{Wildcards: true, Variables: variables}, intern)
	case arnLike:
		v.pattern = parsePattern(text, Syntax{Wildcards: true, Variables: variables}, intern)
		if v.pattern.form != dynamic && v.pattern.form != everything {
			v.fields = splitFields(v.pattern)
			v.ok = len(v.fields) == arnFields
		}
	case binaryEquals:
		v.pattern = pattern{form: exact, text: text}
	case boolean, null:
		v.boolean, v.ok = parseBool(text)
	case ipAddress:
		v.network, v.ok = parseNetwork(text)
	case numericEquals, numericLess, numericLessEquals, numericGreater, numericGreaterEquals:
		v.number, v.ok = parseDecimal(text)
	case dateEquals, dateLess, dateLessEquals, dateGreater, dateGreaterEquals:
		v.instant, v.ok = parseInstant(text)
	default:
		panic("eval: no such class of operators")
	}
	return v
}

// An observed value is one of the request, read once for all that it is
// compared with.
type observed struct {
	text    string
	read    bool
	ok      bool
	number  decimal
	instant instant
	address netip.Addr
	boolean bool
}

func (o *observed) numeric() bool {
	if !o.read {
		o.number, o.ok = parseDecimal(o.text)
		o.read = true
	}
	return o.ok
}

func (o *observed) date() bool {
	if !o.read {
		o.instant, o.ok = parseInstant(o.text)
		o.read = true
	}
	return o.ok
}

// matchValue says whether a value of the request matches one of the policy.
func (e *evaluation) matchValue(c class, v *value, o *observed) Truth {
	if !v.ok {
		return No
	}
	switch c {
	case stringEquals, stringLike:
		return e.matchPattern(&v.pattern, o.text)
	case stringEqualsIgnoreCase:
		if v.pattern.form == exact {
			return truth(strings.EqualFold(v.pattern.text, o.text))
		}
		text, t := e.resolveText(&v.pattern)
		if t != Yes {
			return t
		}
		return truth(strings.EqualFold(text, o.text))
	case arnLike:
		return e.matchARN(v, o.text)
	case binaryEquals:
		return truth(v.pattern.text == o.text)
	case boolean:
		b, ok := parseBool(o.text)
		return truth(ok && b == v.boolean)
	case ipAddress:
		if !o.read {
			o.address, o.ok = parseAddress(o.text)
			o.read = true
		}
		return truth(o.ok && v.network.Contains(o.address))
	case numericEquals, numericLess, numericLessEquals, numericGreater, numericGreaterEquals:
		return truth(o.numeric() && ordered(c-numericEquals, o.number.compare(&v.number)))
	case dateEquals, dateLess, dateLessEquals, dateGreater, dateGreaterEquals:
		return truth(o.date() && ordered(c-dateEquals, o.instant.compare(v.instant)))
	}
	panic("eval: no such class of operators")
}

// ordered says whether the outcome of a comparison is the one that an operator
// asks for; both number and date operators stand in this order.
func ordered(relation class, c int) bool {
	switch relation {
	case 0:
		return c == 0
	case 1:
		return c < 0
	case 2:
		return c <= 0
	case 3:
		return c > 0
	case 4:
		return c >= 0
	}
	panic("eval: no such relation")
}

// parseBool reads true or false, in any case.
func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// parseNetwork reads a range of addresses, or one address, which is a range of
// its own. Of the address in front of the length only the bits within the
// length count.
func parseNetwork(s string) (netip.Prefix, bool) {
	if strings.IndexByte(s, '/') < 0 {
		a, ok := parseAddress(s)
		if !ok {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p, true
}

// parseAddress reads an IPv4 or IPv6 address; an IPv4 address in IPv6's
// spelling is the IPv4 address.
func parseAddress(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}
