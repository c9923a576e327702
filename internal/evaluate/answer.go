package evaluate

import (
	"strconv"
	"unicode/utf8"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// appendID begins an answer. id is as the case spells it, or "" for none.
func appendID(out []byte, id string) []byte {
	if id == "" {
		id = "null"
	}
	return append(append(out, `{"id":`...), id...)
}

func appendError(out []byte, id, what string) []byte {
	out = append(appendID(out, id), `,"error":`...)
	return append(appendString(out, what), "}\n"...)
}

func appendResult(out []byte, id string, r eval.Result) []byte {
	return append(appendDecision(out, id, r), "}\n"...)
}

func appendDecision(out []byte, id string, r eval.Result) []byte {
	out = append(append(append(appendID(out, id), `,"decision":"`...), r.Decision.String()...), '"')
	if r.Decision == eval.Depends {
		out = appendStrings(append(out, `,"dependsOn":`...), r.DependsOn)
	}
	return appendStrings(append(out, `,"blockedBy":`...), r.BlockedBy)
}

func appendExplanation(out []byte, id string, x eval.Explanation) []byte {
	out = append(appendDecision(out, id, x.Result), `,"reasons":[`...)
	for i := range x.Reasons {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendReason(out, &x.Reasons[i])
	}
	return append(out, "]}\n"...)
}

// appendReason appends a reason as JSON. What it does not have is left out.
func appendReason(out []byte, r *eval.Reason) []byte {
	out = appendString(append(out, `{"layer":`...), string(r.Layer))
	for _, f := range [...]struct{ name, value string }{
		{"level", r.Level}, {"document", r.Document}, {"sid", r.Sid}, {"effect", string(r.Effect)}, {"origin", r.Origin},
	} {
		if f.value != "" {
			out = append(append(append(out, `,"`...), f.name...), `":`...)
			out = appendString(out, f.value)
		}
	}
	if r.Statement >= 0 {
		out = strconv.AppendInt(append(out, `,"statement":`...), int64(r.Statement), 10)
		out = appendString(append(out, `,"matched":`...), r.Matched.String())
	}
	out = strconv.AppendBool(append(out, `,"decisive":`...), r.Decisive)
	if len(r.Conditions) > 0 {
		out = append(out, `,"conditions":[`...)
		for i, c := range r.Conditions {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendString(append(out, `{"operator":`...), c.Operator)
			out = appendString(append(out, `,"key":`...), c.Key)
			out = appendStrings(append(out, `,"policy":`...), c.Policy)
			out = appendStrings(append(out, `,"request":`...), c.Request)
			out = appendString(append(out, `,"held":`...), c.Held.String())
			out = append(out, '}')
		}
		out = append(out, ']')
	}
	return append(appendString(append(out, `,"text":`...), r.Text), '}')
}

// appendStrings appends a list, [] where there is none.
func appendStrings[T ~string](out []byte, list []T) []byte {
	out = append(out, '[')
	for i, s := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendString(out, string(s))
	}
	return append(out, ']')
}

// appendString appends a JSON string, escaped only where JSON requires it.
// What is not UTF-8 becomes the replacement character.
func appendString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			out = append(out, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			out = utf8.AppendRune(out, r)
			i += n
			continue
		}
		i++
	}
	return append(out, '"')
}
