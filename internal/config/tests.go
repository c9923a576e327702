package config

import (
	"github.com/orgrails/orgrails/guardrails/org"
)

// tests resolves the file's tests.
func (l *loader) tests() {
	for i := range l.doc.Tests {
		in := &l.doc.Tests[i]
		t := org.Test{
			Name:     in.Name,
			As:       in.As,
			Action:   string(in.Action),
			Resource: or(in.Resource, "*"),
			Expect:   string(in.Expect),
			By:       in.By,
			Range:    in.rng("name"),
		}
		if target, ok := l.target(string(in.In), in.rng("in")); ok {
			t.In = target
		}
		if len(in.With) > 0 {
			t.With = make(map[string]org.Parameter, len(in.With))
			for _, key := range sorted(in.With) {
				t.With[key] = org.Parameter{Value: in.With[key], Range: in.rng("with", key)}
			}
		}
		l.o.Tests = append(l.o.Tests, t)
	}
}
