package cli

import "github.com/orgrails/orgrails/guardrails/eval"

// An explainedJSON is an explanation, as --json prints it.
type explainedJSON struct {
	Answers []groupJSON `json:"answers"`
	AWS     string      `json:"awsSays,omitempty"` // of why it denied
	Notes   []string    `json:"notes"`
}

// A groupJSON is an answer, the accounts that gave it, and what would spare
// the request.
type groupJSON struct {
	Accounts []string `json:"accounts"`
	answerJSON
	Chain       []stepJSON           `json:"chain"`
	Exceptions  map[string]entryJSON `json:"exceptions,omitempty"` // by key
	YAML        string               `json:"exceptionsYaml,omitempty"`
	NoException string               `json:"noException,omitempty"` // why there is none
}

// A stepJSON is one place that a request passes.
type stepJSON struct {
	Layer   string       `json:"layer"`
	Node    string       `json:"node,omitempty"`
	Verdict string       `json:"verdict"`
	Text    string       `json:"text,omitempty"`
	Reasons []reasonJSON `json:"reasons"`
}

// An entryJSON is an exception, as the file has it.
type entryJSON struct {
	Guardrail  string   `json:"guardrail"`
	Principals []string `json:"principals"`
	Accounts   []string `json:"accounts"`
	Actions    []string `json:"actions,omitempty"`
}

// json is the explanation for machines.
func (e *explained) json() explainedJSON {
	out := explainedJSON{Answers: []groupJSON{}, Notes: e.notes()}
	for i, g := range e.groups {
		j := groupJSON{Accounts: g.accounts, answerJSON: newAnswerJSON(g.answer), Chain: []stepJSON{}}
		for _, s := range g.answer.Steps() {
			sj := stepJSON{string(s.Layer), s.Node, string(s.Verdict), s.Text, []reasonJSON{}}
			for _, d := range s.Reasons {
				sj.Reasons = append(sj.Reasons, newReasonJSON(d))
			}
			j.Chain = append(j.Chain, sj)
		}
		if s := e.spares[i]; g.answer.Decision != eval.Allowed {
			j.NoException = s.Reason
			if len(s.Exceptions) > 0 {
				j.Exceptions, j.YAML = map[string]entryJSON{}, e.yaml(s)
			}
			for i := range s.Exceptions {
				x := &s.Exceptions[i]
				principals, accounts := spared(x)
				j.Exceptions[x.Key] = entryJSON{x.Guardrail, principals, accounts, x.Actions}
			}
		}
		out.Answers = append(out.Answers, j)
	}
	if e.seen != nil {
		out.AWS = e.seen.Denial.Text
	}
	return out
}
