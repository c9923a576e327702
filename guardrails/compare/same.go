package compare

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Same reports whether two documents of one kind mean the same wherever they
// are attached: for declarative kinds, whether they set the same. It is false,
// too, where that cannot be decided within [DefaultBudget], and of a text that
// is no document.
func Same(kind policy.Kind, a, b string) bool {
	if kind.IsDeclarative() {
		x, bad := policy.ParseDeclarative("", []byte(a), kind)
		y, worse := policy.ParseDeclarative("", []byte(b), kind)
		return !bad.HasErrors() && !worse.HasErrors() && x.JSON() == y.JSON()
	}
	x, bad := policy.Parse("", []byte(a))
	y, worse := policy.Parse("", []byte(b))
	if bad.HasErrors() || worse.HasErrors() || x.Version != y.Version && strings.Contains(a+b, "${") {
		return false // only the later version has variables
	}
	if slices.Equal(nameless(x), nameless(y)) {
		return true
	}
	r, err := Compare(kind, level(kind, x), level(kind, y), Options{})
	return err == nil && r.Relation == Equal
}

// nameless are the statements of a document without their names, in an order of
// their own, each once.
func nameless(doc policy.Document) []string {
	var list []string
	for _, s := range doc.Statements {
		s.Sid = ""
		list = append(list, policy.StatementJSON(s))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// level is a document where all is allowed that it does not deny, unless it
// allows something itself.
func level(kind policy.Kind, doc policy.Document) []eval.Level {
	doc.Version = policy.Version2012
	if kind == policy.ServiceControlPolicy && !slices.ContainsFunc(doc.Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow }) {
		doc.Statements = append(slices.Clone(doc.Statements), policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
	}
	return []eval.Level{{Policies: []eval.Document{{Policy: doc}}}}
}
