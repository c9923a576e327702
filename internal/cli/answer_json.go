package cli

import (
	"maps"
	"slices"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// An answerJSON is a decision about a request to a plan, as --json prints it.
type answerJSON struct {
	Account   string              `json:"account"` // key
	Principal string              `json:"principal"`
	Action    string              `json:"action"`
	Resource  string              `json:"resource"`
	Context   map[string][]string `json:"context"`
	Unknown   []string            `json:"unknown"`
	Decision  string              `json:"decision"`
	BlockedBy []string            `json:"blockedBy"`
	DependsOn []string            `json:"dependsOn"`
	Reasons   []reasonJSON        `json:"reasons"`
}

// A reasonJSON is one statement that took part, or a place where none allows.
type reasonJSON struct {
	Layer      string          `json:"layer"`
	Node       string          `json:"node,omitempty"` // root, a unit's path or an account's key
	Document   string          `json:"document,omitempty"`
	Sid        string          `json:"sid,omitempty"`
	Statement  *int            `json:"statement,omitempty"` // index
	Effect     string          `json:"effect,omitempty"`
	Guardrail  string          `json:"guardrail,omitempty"`
	Origin     string          `json:"origin,omitempty"` // file:line:col
	Exceptions []string        `json:"exceptions,omitempty"`
	Matched    string          `json:"matched"`
	Decisive   bool            `json:"decisive"`
	Conditions []conditionJSON `json:"conditions,omitempty"`
	Text       string          `json:"text"`
}

type conditionJSON struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Policy   []string `json:"policy"`
	Request  []string `json:"request"`
	Held     string   `json:"held"`
}

func newAnswerJSON(a *trial.Answer) answerJSON {
	out := answerJSON{
		Account: a.Question.Account, Principal: a.Principal, Action: a.Request.Action, Resource: a.Request.Resource,
		Context: maps.Clone(a.Request.Context), Unknown: listed(a.Request.Unknown), Decision: a.Decision.String(),
		BlockedBy: []string{}, DependsOn: listed(a.DependsOn), Reasons: []reasonJSON{},
	}
	for _, l := range a.BlockedBy {
		out.BlockedBy = append(out.BlockedBy, string(l))
	}
	for i := range a.Reasons {
		for _, d := range a.Asked(&a.Reasons[i]) {
			out.Reasons = append(out.Reasons, newReasonJSON(d))
		}
	}
	return out
}

func newReasonJSON(d trial.Decider) reasonJSON {
	r := reasonJSON{
		Layer: string(d.Layer), Node: d.Level, Document: d.Document, Sid: d.Sid, Effect: string(d.Effect), Guardrail: d.Guardrail,
		Origin: d.Origin, Exceptions: d.Exceptions, Matched: d.Matched.String(), Decisive: d.Decisive, Text: d.Text,
	}
	if d.Statement >= 0 {
		r.Statement = &d.Statement
	}
	for _, c := range d.Conditions {
		r.Conditions = append(r.Conditions, newConditionJSON(c))
	}
	return r
}

func newConditionJSON(c eval.Condition) conditionJSON {
	return conditionJSON{c.Operator, c.Key, listed(c.Policy), listed(c.Request), c.Held.String()}
}

// listed is a copy of a list that is written as [] where it is empty.
func listed(list []string) []string { return append([]string{}, slices.Clip(list)...) }
