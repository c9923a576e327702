package eval_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

func authorize(t *rapid.T, p eval.Policies, r *eval.Request) eval.Result {
	t.Helper()
	s, err := eval.Compile(member, p)
	if err != nil {
		t.Fatal(err)
	}
	return s.Authorize(r)
}

func TestEngineAgreesWithTheOracle(t *testing.T) {
	seen := map[eval.Decision]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		got := authorize(t, p, r)
		want, layers := oracle{member, p, r}.decide()
		if got.Decision != want || !slices.Equal(got.BlockedBy, layers) {
			edit(p, func(l eval.Layer, d *eval.Document) { t.Log(l, d.Policy.JSON()) })
			t.Fatalf("the engine says %v %v, the oracle %v %v", got.Decision, got.BlockedBy, want, layers)
		}
		seen[want]++
	})
	for _, d := range []eval.Decision{eval.Allowed, eval.ExplicitlyDenied, eval.ImplicitlyDenied} {
		if seen[d] == 0 && !t.Failed() {
			t.Errorf("no case is %v", d)
		}
	}
}

// Whatever the unknown keys turn out to be, a decision that does not depend on
// them stands, and so does each layer that blocks.
func TestUnknownKeysAreNeverGuessed(t *testing.T) {
	depends := 0 // cases of it
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		r.Unknown = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"aws:A", "aws:b", "aws:tagkeys", "aws:PrincipalTag/team", "aws:unused"}), 1, 3, rapid.ID).Draw(t, "unknown")
		got := authorize(t, p, r)
		if got.Decision == eval.Depends {
			depends++
		}
		if (got.Decision == eval.Depends) != (len(got.DependsOn) > 0) {
			t.Fatalf("%v depends on %v", got.Decision, got.DependsOn)
		}
		for _, key := range got.DependsOn {
			if !slices.Contains(r.Unknown, key) || key == "aws:unused" {
				t.Fatalf("it depends on %s, which is known or asked for nowhere", key)
			}
		}
		for range 8 {
			known := *r
			known.Unknown = nil
			known.Context = map[string][]string{}
			for key, values := range r.Context {
				if !slices.ContainsFunc(r.Unknown, func(u string) bool { return strings.EqualFold(u, key) }) {
					known.Context[key] = values
				}
			}
			for _, key := range r.Unknown {
				known.Context[key] = rapid.SliceOfN(rapid.SampledFrom(someContext), 0, 2).Draw(t, "values")
			}
			then := authorize(t, p, &known)
			if got.Decision != eval.Depends && then.Decision != got.Decision {
				t.Fatalf("%v, and with %v %v", got.Decision, known.Context, then.Decision)
			}
			for _, l := range got.BlockedBy {
				if !slices.Contains(then.BlockedBy, l) {
					t.Fatalf("blocked by %v, and with %v by %v", got.BlockedBy, known.Context, then.BlockedBy)
				}
			}
		}
	})
	if depends == 0 && !t.Failed() {
		t.Error("no case depends on anything")
	}
}

// edit changes each statement of each document that f wants changed, on a copy.
func edit(p eval.Policies, f func(layer eval.Layer, d *eval.Document)) eval.Policies {
	docs := func(layer eval.Layer, in []eval.Document) []eval.Document {
		out := slices.Clone(in)
		for i := range out {
			out[i].Policy.Statements = slices.Clone(out[i].Policy.Statements)
			f(layer, &out[i])
		}
		return out
	}
	levels := func(layer eval.Layer, in []eval.Level) []eval.Level {
		out := slices.Clone(in)
		for i := range out {
			out[i].Policies = docs(layer, out[i].Policies)
		}
		return out
	}
	single := func(layer eval.Layer, d *eval.Document) *eval.Document {
		if d == nil {
			return nil
		}
		return &docs(layer, []eval.Document{*d})[0]
	}
	return eval.Policies{
		SCP: levels(eval.SCP, p.SCP), RCP: levels(eval.RCP, p.RCP), Identity: docs(eval.Identity, p.Identity), Boundary: docs(eval.Boundary, p.Boundary),
		VPCE: docs(eval.VPCE, p.VPCE), Resource: single(eval.Resource, p.Resource), Session: single(eval.Session, p.Session),
	}
}

// pick draws one of the documents of a layer-by-layer count.
func pick(t *rapid.T, p eval.Policies) int {
	n := 0
	edit(p, func(eval.Layer, *eval.Document) { n++ })
	if n == 0 {
		t.Skip("no documents")
	}
	return rapid.IntRange(0, n-1).Draw(t, "document")
}

func TestAddingADenyNeverAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		at, i := pick(t, p), 0
		more := edit(p, func(layer eval.Layer, d *eval.Document) {
			if i == at {
				s := someStatement(t, layer == eval.Resource || layer == eval.RCP || layer == eval.VPCE)
				s.Effect = policy.Deny
				d.Policy.Statements = append(d.Policy.Statements, s)
			}
			i++
		})
		before, after := authorize(t, p, r), authorize(t, more, r)
		if before.Decision != eval.Allowed && after.Decision == eval.Allowed {
			t.Fatalf("%v becomes %v", before, after)
		}
		for _, l := range before.BlockedBy {
			if !slices.Contains(after.BlockedBy, l) {
				t.Fatalf("blocked by %v, then by %v", before.BlockedBy, after.BlockedBy)
			}
		}
	})
}

func TestRemovingAnAllowNeverAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		at, i := pick(t, p), 0
		less := edit(p, func(_ eval.Layer, d *eval.Document) {
			if i == at {
				n := slices.IndexFunc(d.Policy.Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow })
				if n >= 0 {
					d.Policy.Statements = slices.Delete(d.Policy.Statements, n, n+1)
				}
			}
			i++
		})
		if before, after := authorize(t, p, r), authorize(t, less, r); before.Decision != eval.Allowed && after.Decision == eval.Allowed {
			t.Fatalf("%v becomes %v", before, after)
		}
	})
}

func TestOrderIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		r.Unknown = []string{"aws:b"}
		turned := edit(p, func(_ eval.Layer, d *eval.Document) { slices.Reverse(d.Policy.Statements) })
		slices.Reverse(turned.Identity)
		slices.Reverse(turned.SCP)
		slices.Reverse(turned.RCP)
		for i := range turned.SCP {
			slices.Reverse(turned.SCP[i].Policies)
		}
		if a, b := authorize(t, p, r), authorize(t, turned, r); a.Decision != b.Decision || !slices.Equal(a.BlockedBy, b.BlockedBy) || !slices.Equal(a.DependsOn, b.DependsOn) {
			t.Fatalf("%v, turned round %v", a, b)
		}
	})
}

func TestCanonicalDocumentsDecideAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		canonical := edit(p, func(_ eval.Layer, d *eval.Document) {
			text := d.Policy.JSON()
			parsed, ds := policy.Parse("p.json", []byte(text))
			if ds.HasErrors() || parsed.JSON() != text {
				t.Fatalf("%s\n%v", text, ds)
			}
			d.Policy = parsed
		})
		if a, b := authorize(t, p, r), authorize(t, canonical, r); a.Decision != b.Decision || !slices.Equal(a.BlockedBy, b.BlockedBy) {
			t.Fatalf("%v, canonical %v", a, b)
		}
	})
}

// What is decisive of an explanation carries the decision: taken away, all of
// it, the decision is another one.
func TestDecisiveStatementsDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, r := somePolicies(t), someRequest(t)
		n := 0
		p = edit(p, func(_ eval.Layer, d *eval.Document) {
			d.Name = string(rune('a' + n))
			n++
		})
		s, err := eval.Compile(member, p)
		if err != nil {
			t.Fatal(err)
		}
		x := s.Explain(r)
		if a := s.Authorize(r); a.Decision != x.Decision || !slices.Equal(a.BlockedBy, x.BlockedBy) {
			t.Fatalf("explained %v, decided %v", x.Result, a)
		}
		type place struct {
			name  string
			index int
		}
		decisive := map[place]bool{}
		lacking := 0
		for _, reason := range x.Reasons {
			if reason.Text == "" {
				t.Fatalf("a reason without words: %+v", reason)
			}
			if reason.Decisive && reason.Statement < 0 {
				lacking++
			} else if reason.Decisive {
				decisive[place{reason.Document, reason.Statement}] = true
			}
		}
		if x.Decision == eval.ImplicitlyDenied {
			if lacking == 0 {
				t.Fatalf("no reason for %v: %+v", x.Result, x.Reasons)
			}
			return
		}
		without := edit(p, func(_ eval.Layer, d *eval.Document) {
			kept := d.Policy.Statements[:0]
			for i, st := range d.Policy.Statements {
				if !decisive[place{d.Name, i}] {
					kept = append(kept, st)
				}
			}
			d.Policy.Statements = kept
		})
		edit(p, func(l eval.Layer, d *eval.Document) { t.Log(l, d.Name, d.Policy.JSON()) })
		if after := authorize(t, without, r); len(decisive) > 0 && after.Decision == x.Decision {
			t.Fatalf("%v, also without %v", x.Decision, decisive)
		} else if len(decisive) == 0 && !strings.HasSuffix(r.Principal, ":root") {
			t.Fatalf("no statement is decisive for %v", x.Result)
		}
	})
}
