package eval

import (
	"strconv"
	"strings"
)

// A decimal is a number exactly as it is spelled: 0.d₁d₂d₃… times ten to the
// power of point, the digits being those of whole and then of fraction,
// without zeros at either end. Zero has no digits.
type decimal struct {
	negative        bool
	whole, fraction string
	point           int
}

// parseDecimal reads an integer or decimal number, with a sign and an exponent
// where there are any. Numbers are compared as they are spelled and never
// rounded, so that ids longer than a float64 holds do not become equal.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	i := digits(s)
	d.whole = s[:i]
	s = s[i:]
	if strings.HasPrefix(s, ".") {
		i = digits(s[1:])
		d.fraction = s[1 : 1+i]
		s = s[1+i:]
	}
	if d.whole == "" && d.fraction == "" {
		return decimal{}, false
	}
	if s != "" {
		if s[0] != 'e' && s[0] != 'E' || len(s) > 10 {
			return decimal{}, false
		}
		exp, err := strconv.Atoi(s[1:])
		if err != nil {
			return decimal{}, false
		}
		d.point = exp
	}
	d.point += len(d.whole)
	trimmed := strings.TrimLeft(d.whole, "0")
	d.point -= len(d.whole) - len(trimmed)
	d.whole = trimmed
	if d.whole == "" {
		trimmed = strings.TrimLeft(d.fraction, "0")
		d.point -= len(d.fraction) - len(trimmed)
		d.fraction = trimmed
	}
	d.fraction = strings.TrimRight(d.fraction, "0")
	if d.fraction == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
	if d.whole == "" && d.fraction == "" {
		return decimal{}, true
	}
	return d, true
}

// digits counts the digits at the start of s.
func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

func (d *decimal) zero() bool { return d.whole == "" && d.fraction == "" }

func (d *decimal) sign() int {
	switch {
	case d.zero():
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// digit is the i-th digit, or -1 behind the last.
func (d *decimal) digit(i int) int {
	if i < len(d.whole) {
		return int(d.whole[i])
	}
	if i -= len(d.whole); i < len(d.fraction) {
		return int(d.fraction[i])
	}
	return -1
}

// compare is negative, zero or positive, as a is less than, equal to or
// greater than b.
func (a *decimal) compare(b *decimal) int {
	if sa, sb := a.sign(), b.sign(); sa != sb || sa == 0 {
		return sa - sb
	}
	c := a.point - b.point
	for i := 0; c == 0; i++ {
		da, db := a.digit(i), b.digit(i)
		if da < 0 && db < 0 {
			return 0
		}
		c = da - db
	}
	if a.negative {
		return -c
	}
	return c
}
