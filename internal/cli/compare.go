package cli

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) compare() *cobra.Command {
	kind := &choice{value: string(policy.ServiceControlPolicy)}
	for _, k := range compare.Kinds() {
		kind.allowed = append(kind.allowed, string(k))
	}
	var asJSON bool
	var o compare.Options
	cmd := &cobra.Command{
		Use:   "compare document... -- document...",
		Short: "Say how two sets of policy documents differ, with a request that shows it",
		Long: `Reads two sets of policy documents, each as if it were attached to one node, and says
whether the second is equal to the first, narrower, wider, or different: for every
request there can be, not for a sample. Where a set allows what the other does not, a
request that shows it is printed; the evaluator has decided it. What cannot be decided
is called unknown, with the reason. Neither AWS nor the network is used.

Exits 0 when the sets are equal, and 1 otherwise.`,
		Example: `  orgrails compare before/*.json -- after/*.json
  orgrails compare --type RESOURCE_CONTROL_POLICY old.json -- new.json
  orgrails compare --known-actions list.json -- wildcard.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch dash := cmd.ArgsLenAtDash(); {
			case dash < 0:
				return &usageError{"compare needs two sets of documents", "put -- between them: orgrails compare a.json -- b.json"}
			case dash == 0:
				return &usageError{"the first set is empty", "name its documents before the --"}
			case dash == len(args):
				return &usageError{"the second set is empty", "name its documents behind the --"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dash := cmd.ArgsLenAtDash()
			return c.compared(policy.Kind(kind.value), args[:dash], args[dash:], o, asJSON)
		},
	}
	cmd.Flags().Var(kind, "type", "what the documents are")
	cmd.Flags().BoolVar(&o.KnownActions, "known-actions", false, "leave out actions that AWS does not have today, such as those that only a wildcard matches")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// compared reads both sets, and writes how they differ.
func (c *Command) compared(kind policy.Kind, first, second []string, o compare.Options, asJSON bool) error {
	a, err := c.documents(first)
	if err != nil {
		return err
	}
	b, err := c.documents(second)
	if err != nil {
		return err
	}
	notes := assume(kind, &a, &b)
	r, err := compare.Compare(kind, []eval.Level{{Policies: a}}, []eval.Level{{Policies: b}}, o)
	if err != nil {
		if err := c.checked(kind, slices.Concat(first, second)); err != nil && err != errFindings {
			return err
		}
		return &refusal{err.Error(), "give documents that AWS would take for a " + string(kind)}
	}
	if asJSON {
		err = c.writeJSON(comparisonOf(kind, r, notes))
	} else {
		err = c.writeCompared(r, notes, o)
	}
	if err == nil && r.Relation != compare.Equal {
		err = errFindings
	}
	return err
}

// documents reads the documents of one set. One that cannot be read ends the
// run; whether AWS would take it otherwise makes no difference here.
func (c *Command) documents(paths []string) (docs []eval.Document, err error) {
	err = c.readEach(paths, func(path string, src []byte) diag.Diagnostics {
		d, ds := policy.Parse(path, src)
		docs = append(docs, eval.Document{Name: path, Policy: d})
		return ds
	})
	return docs, err
}

// checked shows where AWS would not take documents, once they could not be compared.
func (c *Command) checked(kind policy.Kind, paths []string) error {
	return c.readEach(paths, func(path string, src []byte) diag.Diagnostics {
		_, ds := policy.Check(path, src, kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		return ds
	})
}

// readEach reads files and shows what is found in them, if any of it is an error.
func (c *Command) readEach(paths []string, find func(path string, src []byte) diag.Diagnostics) error {
	var all diag.Diagnostics
	sources := map[string][]byte{}
	for _, path := range paths {
		src, err := os.ReadFile(c.path(path))
		if err != nil {
			return fmt.Errorf("read policy document: %w", err)
		}
		if _, twice := sources[path]; !twice {
			all = append(all, find(path, src)...)
		} else {
			find(path, src)
		}
		sources[path] = src
	}
	if !all.HasErrors() {
		return nil
	}
	if err := render.Diagnostics(c.Stderr, all, sources, c.look(c.Stderr)); err != nil {
		return err
	}
	fmt.Fprintf(c.Stderr, "\n%s\n", render.Summary(all))
	return errFindings
}

// assume puts FullAWSAccess beside two sets of SCPs that both only deny, as
// AWS has it, and says what else is worth knowing of sets that allow nothing.
func assume(kind policy.Kind, a, b *[]eval.Document) (notes []string) {
	if kind == policy.ResourceControlPolicy {
		return []string{"RCPFullAWSAccess is taken to stand beside both"}
	}
	allows := func(docs []eval.Document) bool {
		return slices.ContainsFunc(docs, func(d eval.Document) bool {
			return slices.ContainsFunc(d.Policy.Statements, func(s policy.Statement) bool { return s.Effect == policy.Allow })
		})
	}
	first, second := allows(*a), allows(*b)
	switch {
	case first && second:
		return []string{}
	case !first && !second && kind == policy.ServiceControlPolicy:
		full := eval.Document{Name: "FullAWSAccess", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{
			{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}},
		}}}
		*a, *b = append(*a, full), append(*b, full)
		return []string{"FullAWSAccess is taken to stand beside both, as neither allows anything itself"}
	case !first && !second:
		return []string{"neither set has an Allow statement: both allow nothing"}
	case first:
		return []string{"the second set has no Allow statement: it allows nothing" + beside(kind)}
	}
	return []string{"the first set has no Allow statement: it allows nothing" + beside(kind)}
}

func beside(kind policy.Kind) string {
	if kind == policy.ServiceControlPolicy {
		return "; name FullAWSAccess in both sets if it is attached"
	}
	return ""
}

// relations are the answers as sentences.
var relations = map[compare.Relation]string{
	compare.Equal:     "equal: both sets allow the same requests",
	compare.Narrower:  "narrower: the second set allows less than the first, and nothing more",
	compare.Wider:     "wider: the second set allows more than the first, and nothing less",
	compare.Different: "different: each set allows what the other does not",
	compare.Unknown:   "unknown: how the sets differ could not be decided",
}

func (c *Command) writeCompared(r compare.Result, notes []string, o compare.Options) error {
	t := render.NewText(c.Stdout, c.look(c.Stdout))
	t.Title(relations[r.Relation])
	for _, n := range notes {
		t.Fields([][2]string{{"note", n}})
	}
	if o.KnownActions {
		t.Fields([][2]string{{"note", "actions that AWS's data of " + awsdata.ServiceAuthorization().Read + " does not have are left out"}})
	}
	for _, d := range []struct {
		title string
		compare.Direction
	}{{"Allowed by the first set alone", r.Lost}, {"Allowed by the second set alone", r.Gained}} {
		switch w := d.Witness; {
		case w != nil:
			t.Title(d.title)
			fields := [][2]string{{"action", w.Request.Action}, {"resource", w.Request.Resource}, {"principal", w.Request.Principal}}
			if !w.ActionKnown {
				fields[0][1] += " (none of AWS's today: the sets differ in what may come)"
			}
			for _, key := range slices.Sorted(maps.Keys(w.Request.Context)) {
				var values []string
				for _, v := range w.Request.Context[key] {
					values = append(values, cmp.Or(v, `""`))
				}
				fields = append(fields, [2]string{key, strings.Join(values, ", ")})
			}
			t.Fields(append(fields, [2]string{"because", w.Reason}))
		case d.Unknown != "":
			t.Title(d.title)
			t.Fields([][2]string{{"unknown", d.Unknown}})
		}
	}
	return t.Flush()
}

// A comparison is what compare --json prints.
type comparison struct {
	Type     policy.Kind      `json:"type"`
	Relation compare.Relation `json:"relation"`
	Notes    []string         `json:"notes"`
	Lost     direction        `json:"firstAlone"`
	Gained   direction        `json:"secondAlone"`
}

type direction struct {
	Answer      string          `json:"answer"` // none, some, unknown
	Request     *witnessRequest `json:"request,omitempty"`
	ActionKnown *bool           `json:"actionKnown,omitempty"`
	Reason      string          `json:"reason,omitempty"`
}

// A witnessRequest is a request as evaluate reads it.
type witnessRequest struct {
	Principal       string              `json:"principal"`
	Action          string              `json:"action"`
	Resource        string              `json:"resource"`
	ResourceAccount string              `json:"resourceAccount"`
	Context         map[string][]string `json:"context"`
}

func comparisonOf(kind policy.Kind, r compare.Result, notes []string) comparison {
	return comparison{kind, r.Relation, notes, directionOf(r.Lost), directionOf(r.Gained)}
}

func directionOf(d compare.Direction) direction {
	switch w := d.Witness; {
	case w != nil:
		q := w.Request
		return direction{"some", &witnessRequest{q.Principal, q.Action, q.Resource, q.ResourceAccount, q.Context}, &w.ActionKnown, w.Reason}
	case d.Unknown != "":
		return direction{Answer: "unknown", Reason: d.Unknown}
	}
	return direction{Answer: "none"}
}
