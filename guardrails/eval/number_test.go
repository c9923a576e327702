package eval

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersThatAreNone(t *testing.T) {
	for _, s := range []string{"", "-", "+", ".", "-.", "1a", "a1", " 1", "1 ", "1,5", "1.2.3", "0x10", "Inf", "NaN", "1e", "1e+", "e5", "1e1.5", "１", "1_000", "1e99999999999"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("%q is taken for a number", s)
		}
	}
}

func TestNumbersCompareExactly(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"1", "1.0", 0}, {"01", "1", 0}, {"-0", "0", 0}, {"+5", "5", 0}, {".5", "0.50", 0}, {"5.", "5", 0}, {"1e3", "1000", 0}, {"10e-1", "1", 0}, {"0e9", "0", 0},
		{"9007199254740993", "9007199254740992", 1}, {"0.1", "0.10000000000000000001", -1},
		{"-1", "1", -1}, {"-2", "-1", -1}, {"10", "9", 1}, {"0.09", "0.1", -1}, {"100", "1e2", 0}, {"1e-9", "0", 1}, {"-1e-9", "0", -1},
	} {
		a, okA := parseDecimal(c.a)
		b, okB := parseDecimal(c.b)
		if !okA || !okB || sgn(a.compare(&b)) != c.want || sgn(b.compare(&a)) != -c.want {
			t.Errorf("%s, %s: %d", c.a, c.b, a.compare(&b))
		}
	}
}

func sgn(i int) int { return min(max(i, -1), 1) }

func TestNumbersCompareAsRationals(t *testing.T) {
	number := rapid.StringMatching(`[+-]?[0-2]{0,3}(\.[01]{0,3})?(e[+-]?[0-3])?`)
	rapid.Check(t, func(t *rapid.T) {
		sa, sb := number.Draw(t, "a"), number.Draw(t, "b")
		a, okA := parseDecimal(sa)
		b, okB := parseDecimal(sb)
		ra, isA := new(big.Rat).SetString(sa)
		rb, isB := new(big.Rat).SetString(sb)
		if okA != isA || okB != isB {
			t.Fatalf("%q is %v, %q is %v", sa, okA, sb, okB)
		}
		if okA && okB && sgn(a.compare(&b)) != ra.Cmp(rb) {
			t.Fatalf("%s, %s: %d", sa, sb, a.compare(&b))
		}
	})
}
