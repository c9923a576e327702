package compare

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// longestNumber and largestExponent bound the numbers that are reckoned with;
// a policy with others is not decided.
const (
	longestNumber   = 200
	largestExponent = 400
)

// numbers are the constants, one between each two neighbours, one below and
// one above all, and what is no number. It is false where a constant is too
// large to be reckoned with.
func numbers(consts []string) ([]string, bool) {
	var ks []*big.Rat
	list := []string{"none"}
	for _, k := range consts {
		if len(k) > longestNumber {
			return nil, false
		}
		if i := strings.IndexAny(k, "eE"); i >= 0 {
			if e, err := strconv.Atoi(k[i+1:]); err != nil || e > largestExponent || e < -largestExponent {
				return nil, false
			}
		}
		r, ok := new(big.Rat).SetString(k)
		if !ok {
			return nil, false
		}
		ks = append(ks, r)
		list = append(list, k)
	}
	slices.SortFunc(ks, func(a, b *big.Rat) int { return a.Cmp(b) })
	add := func(r *big.Rat) {
		if r.IsInt() {
			list = append(list, r.Num().String())
			return
		}
		n, _ := r.FloatPrec() // exact: all are decimals
		list = append(list, r.FloatString(n))
	}
	if len(ks) == 0 {
		return append(list, "1"), true
	}
	one, half := big.NewRat(1, 1), big.NewRat(1, 2)
	above := new(big.Rat).Add(ks[len(ks)-1], one)
	below := new(big.Rat).Sub(ks[0], one)
	for i := 1; i < len(ks); i++ {
		if ks[i].Cmp(ks[i-1]) == 0 {
			continue
		}
		if next := new(big.Rat).Add(ks[i-1], one); next.Cmp(ks[i]) < 0 && ks[i-1].IsInt() {
			add(next) // reads better
			continue
		}
		middle := new(big.Rat).Add(ks[i], ks[i-1])
		add(middle.Mul(middle, half))
	}
	add(above)
	add(below)
	return list, true
}

// dates are the constants and the nanoseconds before and behind them: there is
// nothing smaller.
func dates(consts []string) []string {
	list := []string{"2026-11-22T12:00:00Z", "1999-12-31T23:59:59Z", "2099-12-31T23:59:59Z", "never"}
	for _, k := range consts {
		s, n, ok := eval.ReadDate(k)
		if !ok {
			continue
		}
		list = append(list, k)
		// A whole second reads better, where nothing lies between.
		list = append(list, moment(s+1, n), moment(s-1, n))
		for _, by := range []int32{-1, 1} {
			s, n := s, n+by
			switch {
			case n < 0:
				s, n = s-1, 999_999_999
			case n > 999_999_999:
				s, n = s+1, 0
			}
			list = append(list, moment(s, n))
		}
	}
	return list
}

// moment spells a moment as an ISO date where that has four digits for the
// year, and else in seconds since 1970.
func moment(s int64, n int32) string {
	if t := time.Unix(s, int64(n)).UTC(); s > -62_135_596_800 && s < 253_402_300_800 {
		return t.Format("2006-01-02T15:04:05.999999999Z")
	}
	minus := ""
	if s < 0 {
		minus, s = "-", -s
		if n > 0 {
			s, n = s-1, 1_000_000_000-n
		}
	}
	return fmt.Sprintf("%s%d.%09d", minus, s, n)
}
