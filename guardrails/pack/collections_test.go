package pack_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var collections = flag.String("collections", "", "folder of folders of service control policies, to be measured")

// TestCollections measures public collections of service control policies, each
// as one node, for docs/benchmarks.md:
//
//	go test -run TestCollections -v ./guardrails/pack -collections FOLDER
//
// A policy that denies everything to everybody is left out: it would cover all
// others.
func TestCollections(t *testing.T) {
	if *collections == "" {
		t.Skip("no -collections")
	}
	folders, err := filepath.Glob(filepath.Join(*collections, "*", ""))
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	for _, folder := range folders {
		files, _ := filepath.Glob(filepath.Join(folder, "*.json"))
		if len(files) == 0 {
			continue
		}
		var in []pack.Statement
		var sizes []int
		plain := 0
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, ds := policy.Parse(file, src)
			if ds.HasErrors() {
				t.Errorf("%s: %v", file, ds)
				continue
			}
			if slices.ContainsFunc(d.Statements, func(s policy.Statement) bool {
				return s.Effect == policy.Deny && len(s.Condition) == 0 && slices.Contains(s.Action, "*") && slices.Contains(s.Resource, "*")
			}) {
				t.Logf("without %s", filepath.Base(file))
				continue
			}
			for i, s := range d.Statements {
				in = append(in, pack.Statement{ID: pack.ID{Guardrail: filepath.Base(file), Position: i}, Statement: s})
			}
			sizes = append(sizes, policy.Size(d.JSON()))
			plain += sizes[len(sizes)-1]
		}
		for _, limit := range []int{10_240, 5_120} {
			ff, ffSize := firstFit(sizes, limit)
			line := fmt.Sprintf("| %s | %d | %d | %d / %d | %d / %d |", filepath.Base(folder), limit, len(in), len(sizes), plain, ff, ffSize)
			asked := 0
			for _, opts := range []struct {
				compact pack.Compact
				drop    bool
			}{{pack.Never, false}, {pack.Never, true}, {pack.Exact, true}} {
				for i := range in {
					in[i].Compact = opts.compact
				}
				start := time.Now()
				p, ds := pack.Pack(in, pack.Options{MaxSize: limit, DropSids: opts.drop})
				took := time.Since(start)
				if ds.HasErrors() {
					t.Fatal(ds)
				}
				size := 0
				for _, d := range p.Documents {
					size += d.Size
				}
				one, _ := pack.Pack(in, pack.Options{MaxSize: 1_000_000, DropSids: opts.drop})
				least := (one.Documents[0].Size - 39 + limit - 40) / (limit - 39)
				line += fmt.Sprintf(" %d (≥ %d) / %d, %.1f ms |", len(p.Documents), least, size, float64(took.Microseconds())/1000)
				accounted(t, in, p)
				asked += sameAnswers(t, in, documents(t, p, limit))
			}
			t.Log(line)
			t.Logf("%d requests are answered alike", asked)
		}
	}
}

// sameAnswers asks wanted and packed statements about requests made of what
// stands in them, of actions that AWS has.
func sameAnswers(t *testing.T, in []pack.Statement, packed []policy.Document) int {
	t.Helper()
	both, err := compare(shape{}, in, packed)
	if err != nil {
		t.Log(err)
		return 0
	}
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	for n < 5_000 {
		s := pick(r, in)
		actions := awsdata.MatchActions(pick(r, slices.Concat(s.Action, s.NotAction, []string{"s3:*"})))
		if len(actions) == 0 {
			continue
		}
		q := &eval.Request{
			Principal: pick(r, []string{"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:role/ExemptRole"}),
			Action:    pick(r, actions).Name, Resource: strings.NewReplacer("*", "x", "?", "y").Replace(pick(r, slices.Concat(s.Resource, s.NotResource))),
			ResourceAccount: "222222222222", Context: map[string][]string{},
		}
		for _, st := range []pack.Statement{s, pick(r, in)} {
			for _, keys := range st.Condition {
				for key, values := range keys {
					if r.IntN(3) > 0 && len(values) > 0 {
						q.Context[strings.ToLower(key)] = []string{pick(r, slices.Concat(values, []string{"other", "true"}))}
					}
				}
			}
		}
		if d := both.differs(q); d != "" {
			t.Fatal(d)
		}
		n++
	}
	return n
}

// firstFit puts whole documents, as they are but for the white space, into the
// first that has the room: statements one after another under one version.
func firstFit(sizes []int, limit int) (documents, size int) {
	const envelope = len(`{"Version":"2012-10-17","Statement":[]}`)
	var used []int
	for _, s := range sizes {
		s -= envelope
		i := slices.IndexFunc(used, func(u int) bool { return u+1+s <= limit })
		if i < 0 {
			i = len(used)
			used = append(used, envelope-1)
		}
		used[i] += 1 + s
	}
	for _, u := range used {
		size += u
	}
	return len(used), size
}
