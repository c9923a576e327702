package config

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

func (c *converter) scalar(n *node, y *yaml.Node, key *node) {
	n.text = y.Value
	n.end = c.scalarEnd(n.start, y)
	switch tag := y.ShortTag(); tag {
	case "!!str", "!!timestamp", "!!merge":
		n.kind = stringNode
	case "!!bool":
		n.kind = boolNode
	case "!!null":
		n.kind = nullNode
		if y.Value == "" && key != nil {
			n.start, n.end = key.start, key.end
		}
	case "!!int", "!!float":
		n.kind = numberNode
		f, ok := number(y.Value)
		if !ok || math.IsInf(f, 0) || math.IsNaN(f) {
			c.ds.Errorf(n.rng(), "GR003", "%s is no finite number", quote(y.Value)).Hint = "write a number of digits, or put it in quotes"
			n.bad = true
		} else if !plainNumber.MatchString(y.Value) {
			c.oddNumber(n, f)
		}
		n.number = f
	default:
		n.kind = stringNode // its tag has been refused
	}
}

// plainNumber are the spellings of numbers that all versions of YAML read alike.
var plainNumber = regexp.MustCompile(`^[-+]?((0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+)$`)

// oddNumber refuses a spelling that is ten to one reader and eight, or a
// string, to another: 010, 0o10, 0b10, 1_0.
func (c *converter) oddNumber(n *node, f float64) {
	hint := fmt.Sprintf("put it in quotes, or write the number in plain digits: %s", strconv.FormatFloat(f, 'f', -1, 64))
	if matches(AccountID(""), n.text) {
		hint = fmt.Sprintf("put it in quotes: \"%s\"", n.text)
	}
	c.ds.Errorf(n.rng(), "GR003", "%s is not the same number in every version of YAML", n.text).Hint = hint
	n.odd = true
}

// number reads the spellings of numbers that YAML has.
func number(s string) (float64, bool) {
	plain := strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(plain, 0, 64); err == nil {
		return float64(i), true
	}
	f, err := strconv.ParseFloat(plain, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func (c *converter) scalarEnd(start int, y *yaml.Node) int {
	data := c.src.data
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		for i := start + 1; i < len(data); i++ {
			if data[i] == '\\' {
				i++
			} else if data[i] == '"' {
				return i + 1
			}
		}
		return len(data)
	case y.Style&yaml.SingleQuotedStyle != 0:
		for i := start + 1; i < len(data); i++ {
			if data[i] != '\'' {
				continue
			}
			if i+1 < len(data) && data[i+1] == '\'' {
				i++
				continue
			}
			return i + 1
		}
		return len(data)
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return c.src.lineEnd(start)
	case bytes.HasPrefix(data[start:], []byte(y.Value)):
		return start + len(y.Value)
	}
	return c.src.lineEnd(start) // a plain text over several lines
}
