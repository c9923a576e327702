package cli

import (
	"github.com/orgrails/orgrails/guardrails/trial"
	"github.com/orgrails/orgrails/internal/sheet"
)

// A testJSON is one test of the file, as --json prints it.
type testJSON struct {
	Name     string        `json:"name"`
	Place    string        `json:"place"` // file:line:col
	Expect   string        `json:"expect"`
	By       string        `json:"by,omitempty"`
	Passed   bool          `json:"passed"`
	Accounts []string      `json:"accounts"`
	Failures []failureJSON `json:"failures"`
}

// A failureJSON is what some accounts answered that was not expected.
type failureJSON struct {
	Code     string     `json:"code"`
	Accounts []string   `json:"accounts"`
	Answer   answerJSON `json:"answer"`
}

func testsJSON(results []trial.Result) []testJSON {
	out := make([]testJSON, 0, len(results))
	for i := range results {
		r := &results[i]
		t := testJSON{
			Name: r.Test.Name, Place: r.Test.Range.String(), Expect: r.Test.Expect, By: r.Test.By, Passed: r.Passed(),
			Accounts: append([]string{}, r.Accounts...), Failures: []failureJSON{},
		}
		for _, f := range r.Failures {
			t.Failures = append(t.Failures, failureJSON{f.Code, f.Accounts, newAnswerJSON(f.Answer)})
		}
		out = append(out, t)
	}
	return out
}

// A vectorsJSON is one template's vectors, as --json prints them.
type vectorsJSON struct {
	Template string        `json:"template"`
	Vectors  []vectorJSON  `json:"vectors"`
	Settings []settingJSON `json:"settings,omitempty"` // in place of vectors, for declarative policies
}

type settingJSON struct {
	Path   string `json:"path"`
	Expect any    `json:"expect"`
	Value  any    `json:"value"`
	Passed bool   `json:"passed"`
}

type vectorJSON struct {
	Name     string   `json:"name"`
	Expect   string   `json:"expect"`
	Decision string   `json:"decision"`
	DeniedBy []string `json:"deniedBy"` // Sids
	Passed   bool     `json:"passed"`
}

func catalogJSON(results []trial.CatalogResult) []vectorsJSON {
	out := make([]vectorsJSON, 0, len(results))
	for _, r := range results {
		t := vectorsJSON{Template: r.Template.ID, Vectors: []vectorJSON{}}
		for i := range r.Vectors {
			v := &r.Vectors[i]
			t.Vectors = append(t.Vectors, vectorJSON{v.Vector.Name, v.Vector.Expect, v.Decision.String(), sheet.DeniedBy(v), v.Passed()})
		}
		for i := range r.Settings {
			s := &r.Settings[i]
			t.Settings = append(t.Settings, settingJSON{s.Setting.Path, trial.Expected(s.Setting.Value), s.Value, s.Passed()})
		}
		out = append(out, t)
	}
	return out
}
