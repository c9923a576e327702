package config

import (
	"bytes"
	"errors"
	"math"
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
		}
		n.number = f
	default:
		n.kind = stringNode // its tag has been refused
	}
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
