package compile

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// widened warns of documents at a node with an allow list that allow what is
// not on it: AWS adds up what the policies of one node allow, so that the list
// would not hold there. allow is the policy made of the list.
func (k *compiler) widened(n *node, actions *org.AllowList, t policyType, allow policy.Document) {
	for _, p := range n.pieces {
		if p.typ != t.typ || !p.allows {
			continue
		}
		doc := policy.Document{Version: policy.Version2012}
		for _, s := range p.statements {
			doc.Statements = append(doc.Statements, s.Statement)
		}
		k.warnWider(n, actions, allow, p.guardrail, p.origin, doc)
	}
	for _, f := range k.foreignAt(n, t.typ) {
		if f.Source == nil || f.Name == t.always {
			continue // what it says is not known, or the list takes its place
		}
		doc, ds := policy.Check(f.File, f.Source, policy.Kind(f.Type), policy.Rules{RCPServices: awsdata.RCPServices.Value})
		if !ds.HasErrors() {
			k.warnWider(n, actions, allow, f.Name, f.Range, doc)
		}
	}
}

// warnWider warns where a document allows what the policy of a list does not.
func (k *compiler) warnWider(n *node, actions *org.AllowList, allow policy.Document, name string, at diag.Range, doc policy.Document) {
	beyond, unknown := beyondList(allow, doc)
	var d *diag.Diagnostic
	switch {
	case len(beyond) > 0:
		d = k.ds.Warnf(at, "GR316", "the allow list of %s does not hold: %s allows %s there as well", n.selector(), name, sentence(beyond))
	case unknown != "":
		d = k.ds.Warnf(at, "GR316", "the allow list of %s may not hold: whether %s allows more there could not be decided: %s", n.selector(), name, unknown)
	default:
		return
	}
	d.Hint = "put on the list what is to be allowed; or take the Allow statement out of " + name + ", or " + name + " from " + n.selector()
	d.Related = []diag.Related{{Range: actions.Range, Message: "the allow list is here"}}
}

// beyondList are the actions, as its Allow statements spell them, that a
// document allows and the policy of a list does not; or why that is not known.
func beyondList(allow, doc policy.Document) (beyond []string, unknown string) {
	denials := policy.Document{Version: policy.Version2012}
	for _, s := range doc.Statements {
		if s.Effect == policy.Deny {
			denials.Statements = append(denials.Statements, s)
		}
	}
	more := func(s policy.Statement) bool {
		with := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{s}}
		level := func(docs ...policy.Document) []eval.Level {
			l := eval.Level{ID: "node"}
			for _, d := range docs {
				l.Policies = append(l.Policies, eval.Document{Policy: withIDs(d)})
			}
			return []eval.Level{l}
		}
		r, err := compare.Compare(policy.ServiceControlPolicy, level(allow, denials), level(allow, denials, with), compare.Options{})
		switch {
		case err != nil:
			unknown = err.Error()
		case r.Gained.Unknown != "":
			unknown = r.Gained.Unknown
		}
		return r.Gained.Witness != nil
	}
	for _, s := range doc.Statements {
		if s.Effect != policy.Allow || !more(s) {
			continue
		}
		if len(s.NotAction) > 0 {
			beyond = append(beyond, "everything but "+sentence(s.NotAction))
			continue
		}
		wider := slices.DeleteFunc(slices.Clone(s.Action), func(action string) bool {
			one := s
			one.Action = policy.Values{action}
			return !more(one)
		})
		if len(wider) == 0 { // known of all of them together alone
			wider = s.Action
		}
		beyond = append(beyond, wider...)
	}
	return slices.Compact(beyond), unknown
}

// withIDs is a document with something in the place of each id that AWS makes up.
func withIDs(doc policy.Document) policy.Document {
	text, ids := guardrails.Text(doc.JSON()), map[string]string{}
	for _, name := range text.Refs() {
		ids[name] = "000000000000"
	}
	if len(ids) == 0 {
		return doc
	}
	filled, err := text.Fill(ids)
	if err != nil {
		panic("compile: " + err.Error()) // all of them are filled
	}
	doc, _ = policy.Parse("", []byte(filled))
	return doc
}
