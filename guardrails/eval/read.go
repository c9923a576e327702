package eval

import "net/netip"

// What follows reads strings of a policy as the engine does, for packages that
// reason about policies without a request: see guardrails/compare.

// A PieceKind is what one piece of a string of a policy stands for.
type PieceKind uint8

// The kinds of pieces.
const (
	Literal    PieceKind = iota // its text
	AnyText                     // *
	AnyOne                      // ?
	AnySegment                  // * inside a field of an ARN: no colon
	OneSegment                  // ? inside a field of an ARN: no colon
	Variable                    // ${key} or ${key, 'text'}: the value of a condition key, as it is
)

// A Piece is a part of a string of a policy.
type Piece struct {
	Kind       PieceKind
	Text       string // of a Literal; the default of a Variable
	Key        string // of a Variable, as it is spelled
	HasDefault bool   // of a Variable
}

// A Syntax says what is special in a string of a policy.
type Syntax struct {
	Wildcards bool // * and ?
	Variables bool // ${…}, in documents of the version 2012-10-17
	Resource  bool // a Resource: wildcards and variables keep to their place in the ARN
}

// ReadPattern takes a string of a policy apart.
func ReadPattern(s string, syn Syntax) []Piece {
	var keys []string
	p := parsePattern(s, syn, func(key string) int32 {
		keys = append(keys, key)
		return int32(len(keys) - 1)
	})
	out := make([]Piece, len(p.pieces))
	for i, x := range p.pieces {
		out[i] = Piece{Kind: x.kind, Text: x.text, HasDefault: x.hasDefault}
		if x.kind == variable {
			out[i].Key = keys[x.key]
		}
	}
	return out
}

// IsNumber reports whether number operators take s for a number.
func IsNumber(s string) bool {
	_, ok := parseDecimal(s)
	return ok
}

// CompareNumbers is negative, zero or positive, as the number a is less than,
// equal to or greater than b. Both must be numbers.
func CompareNumbers(a, b string) int {
	x, _ := parseDecimal(a)
	y, _ := parseDecimal(b)
	return x.compare(&y)
}

// ReadDate is the moment that date operators take s for: seconds since 1970
// and nanoseconds of the second.
func ReadDate(s string) (seconds int64, nanos int32, ok bool) {
	at, ok := parseInstant(s)
	return at.seconds, at.nanos, ok
}

// ReadNetwork is the range of addresses that address operators take s for.
func ReadNetwork(s string) (netip.Prefix, bool) { return parseNetwork(s) }

// ReadAddress is the address that address operators take a request's s for.
func ReadAddress(s string) (netip.Addr, bool) { return parseAddress(s) }

// ReadBool is the truth that Bool and Null take s for.
func ReadBool(s string) (value, ok bool) { return parseBool(s) }
