package compile

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var collections = flag.String("collections", "", "folder of folders of service control policies, to be measured")

// A control is one document of a collection.
type control struct {
	file       string
	source     []byte
	statements []policy.Statement
	size       int // minified
}

// TestCollections measures public collections of service control policies, each
// as one organization, for docs/benchmarks.md:
//
//	go test -run TestCollections -v ./guardrails/compile -collections FOLDER
//
// Left out, and said, are documents that orgrails refuses, and a policy that
// denies everything to everybody: it would cover all others.
func TestCollections(t *testing.T) {
	if *collections == "" {
		t.Skip("no -collections")
	}
	folders, err := filepath.Glob(filepath.Join(*collections, "*", ""))
	if err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, folder := range folders {
		controls := readControls(t, folder)
		if len(controls) == 0 {
			continue
		}
		measured++
		for _, asked := range wishes(controls) {
			for _, quotas := range []awsdata.Quotas{{}, {SCPSize: 5_120, SCPPerTarget: 5}} { // AWS's own, and those of before May 2026
				measure(t, filepath.Base(folder), asked, quotas)
			}
		}
	}
	if measured == 0 {
		t.Fatalf("%s holds no folder of JSON files", *collections)
	}
}

// readControls reads the documents of a folder. Each is one control, whatever
// the number of its statements.
func readControls(t *testing.T, folder string) []control {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []control
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, ds := policy.Check(filepath.Base(file), src, policy.ServiceControlPolicy, policy.Rules{})
		if ds.HasErrors() {
			t.Logf("without %s", show(ds))
			continue
		}
		if slices.ContainsFunc(d.Statements, func(s policy.Statement) bool {
			return s.Effect == policy.Deny && len(s.Condition) == 0 && slices.Contains(s.Action, "*") && slices.Contains(s.Resource, "*")
		}) {
			t.Logf("without %s", filepath.Base(file))
			continue
		}
		out = append(out, control{filepath.Base(file), src, d.Statements, policy.Size(d.JSON())})
	}
	return out
}

// A wish is which controls each node asks for.
type wish struct {
	what  string
	nodes []string
	by    map[string][]control
}

// wishes are the organizations that a collection is put through as: all of it
// at the root; two thirds of it at each of four units; the same, and another
// third of the rest at all but the first.
func wishes(controls []control) []wish {
	units := []string{"Security", "Workloads", "Sandbox", "Shared"}
	same := wish{what: "two thirds at four units", nodes: units, by: map[string][]control{}}
	more := wish{what: "and shares of the rest", nodes: units, by: map[string][]control{}}
	rest := 0
	for i, c := range controls {
		if i%3 < 2 {
			for _, u := range units {
				same.by[u] = append(same.by[u], c)
				more.by[u] = append(more.by[u], c)
			}
			continue
		}
		u := units[1+rest%3]
		more.by[u] = append(more.by[u], c)
		rest++
	}
	return []wish{{"all at the root", []string{"root"}, map[string][]control{"root": controls}}, same, more}
}

// A footing is what a way of writing an organization's policies comes to.
type footing struct{ documents, size, attachments, fullest int }

func (f footing) String() string {
	return fmt.Sprintf("%d / %s / %d", f.documents, number(f.size), f.attachments)
}

func number(n int) string {
	if n < 1_000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1_000, n%1_000)
}

// plainly is a document for each control, attached to each node that asks for it.
func plainly(w wish) footing {
	var f footing
	seen := map[string]bool{}
	for _, n := range w.nodes {
		for _, c := range w.by[n] {
			if !seen[c.file] {
				seen[c.file] = true
				f.documents++
				f.size += c.size
			}
		}
		f.attachments += len(w.by[n])
		f.fullest = max(f.fullest, len(w.by[n]))
	}
	return f
}

// byFirstFit puts the controls of each node, minified, into the first document
// that has the room, and attaches documents that are equal once made.
func byFirstFit(w wish, limit int) footing {
	const envelope = len(`{"Version":"2012-10-17","Statement":[]}`)
	var f footing
	made := map[string]bool{}
	for _, n := range w.nodes {
		var used []int
		var holds []string
		for _, c := range w.by[n] {
			s := c.size - envelope
			i := slices.IndexFunc(used, func(u int) bool { return u+1+s <= limit })
			if i < 0 {
				i = len(used)
				used, holds = append(used, envelope-1), append(holds, "")
			}
			used[i] += 1 + s
			holds[i] += c.file + "\x00"
		}
		for i, h := range holds {
			if !made[h] {
				made[h] = true
				f.documents++
				f.size += used[i]
			}
		}
		f.attachments += len(used)
		f.fullest = max(f.fullest, len(used))
	}
	return f
}

// measure compiles an organization and says what comes out.
func measure(t *testing.T, name string, w wish, quotas awsdata.Quotas) {
	t.Helper()
	full := quotas.WithDefaults()
	limit, slots := full.SCPSize, full.SCPPerTarget-1 // FullAWSAccess
	said := func(f footing) string {
		if f.fullest > slots {
			return f.String() + fmt.Sprintf(" (%d at a node)", f.fullest)
		}
		return f.String()
	}
	line := fmt.Sprintf("| %s, %s | %s × %d | %s | %s |", name, w.what, number(limit), slots, said(plainly(w)), said(byFirstFit(w, limit)))
	for _, compact := range []string{"", "exact"} {
		a := asking(w, compact)
		var p *guardrails.Plan
		took := time.Duration(1 << 62)
		for range 5 {
			start := time.Now()
			q, ds := Compile(a.Organization, new(catalog.Catalog), Options{AsOf: asOf, Quotas: quotas})
			took = min(took, time.Since(start))
			if ds.HasErrors() {
				t.Logf("%s, %s: %s", name, w.what, show(ds))
			}
			if p != nil && !bytes.Equal(guardrails.Encode(p), guardrails.Encode(q)) {
				t.Fatal("compiled twice, it is another plan")
			}
			if p = q; p == nil {
				break
			}
		}
		if p == nil {
			line += " does not fit |"
			continue
		}
		f := footing{documents: len(p.Policies), attachments: len(p.Attachments)}
		at := map[string]int{}
		for _, pol := range p.Policies {
			f.size += pol.Size
			if pol.Size > limit {
				t.Errorf("%s has %d characters", pol.Name, pol.Size)
			}
		}
		for _, x := range p.Attachments {
			at[x.Target]++
			f.fullest = max(f.fullest, at[x.Target])
		}
		if f.fullest > slots {
			t.Errorf("%s, %s: %d documents at a node", name, w.what, f.fullest)
		}
		line += fmt.Sprintf(" %s, %.0f ms |", f, float64(took.Microseconds())/1000)
		if n := sameAnswers(t, a, w, p, quotas); n < 5_000 {
			t.Errorf("only %d requests were asked", n)
		}
	}
	t.Log(line)
}

// asking is an organization whose nodes ask for controls, each a document of
// its own.
func asking(w wish, compact string) *acme {
	a := newAcme()
	a.unit("Shared")
	a.account("network", "Shared")
	for _, n := range w.nodes {
		for _, c := range w.by[n] {
			a.ask(n, org.GuardrailUse{File: "policies/" + c.file, Type: string(policy.ServiceControlPolicy), Source: c.source, Compact: compact, Range: a.next()})
		}
	}
	return a
}

// sameAnswers asks what is wanted and what is planned about requests made of
// what stands in the controls, of actions that AWS has, in every account.
func sameAnswers(t *testing.T, a *acme, w wish, p *guardrails.Plan, quotas awsdata.Quotas) int {
	t.Helper()
	k := start(a.Organization, new(catalog.Catalog), Options{AsOf: asOf, Quotas: quotas})
	k.wishes()
	ids := idsOf(a)
	all := eval.Document{Name: "all", Policy: everything}
	var statements []policy.Statement
	for _, n := range w.nodes {
		for _, c := range w.by[n] {
			statements = append(statements, c.statements...)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	asked := 0
	for _, acc := range a.Accounts {
		account := ids["account:"+acc.Key]
		compiled := func(levels []eval.Level) *eval.Set {
			s, err := eval.Compile(eval.Organization{ID: ids["organization"], ManagementAccount: ids["account:management"], Accounts: []string{account}},
				eval.Policies{Identity: []eval.Document{all}, SCP: levels})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		before := compiled(wishedFor(t, k, catalog.ServiceControlPolicy, acc, ids))
		after := compiled(planned(t, p, "SERVICE_CONTROL_POLICY", acc, ids))
		for n := 0; n < 1_000; {
			s := statements[r.IntN(len(statements))]
			patterns := slices.Concat(s.Action, s.NotAction, []string{"s3:*"})
			actions := awsdata.MatchActions(patterns[r.IntN(len(patterns))])
			if len(actions) == 0 {
				continue
			}
			n++
			asked++
			on := slices.Concat(s.Resource, s.NotResource)
			principal := "arn:aws:iam::" + account + ":" + []string{"role/Dev", "root", "role/ExemptRole"}[r.IntN(3)]
			q := &eval.Request{
				Principal: principal, Action: actions[r.IntN(len(actions))].Name, ResourceAccount: account,
				Resource: strings.NewReplacer("*", "x", "?", "y").Replace(on[r.IntN(len(on))]), Context: map[string][]string{"aws:principalarn": {principal}},
			}
			for _, st := range []policy.Statement{s, statements[r.IntN(len(statements))]} {
				for _, keys := range st.Condition {
					for _, key := range sortedKeys(keys) {
						if values := keys[key]; r.IntN(3) > 0 && len(values) > 0 {
							values = append(slices.Clone(values), "other", "true")
							q.Context[strings.ToLower(key)] = []string{values[r.IntN(len(values))]}
						}
					}
				}
			}
			if want, got := before.Authorize(q), after.Authorize(q); got.Decision != want.Decision {
				t.Fatalf("%s in %s: planned says %v, and wanted is %v: %+v", q.Action, acc.Key, got.Decision, want.Decision, q)
			}
		}
	}
	return asked
}
