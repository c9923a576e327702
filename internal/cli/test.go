package cli

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/trial"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) test() *cobra.Command {
	var at instant
	var vectors, asJSON bool
	cmd := &cobra.Command{
		Use:   "test [file]",
		Short: "Run the file's tests: requests that must be allowed or denied",
		Long: `Makes the plan of an organization file and puts the requests of its tests to it:
each in every member account below its "in", or in one that would be made there.
Says for each that fails what was expected, what happened, which statement of
which guardrail decided, and the line to change. Neither AWS nor the network is
used. Exits 1 when a test fails.

With --catalog the requests are the vectors of the templates, each put to its
template alone: of those that come with orgrails, or of all that a file may use.`,
		Example: `  orgrails test
  orgrails test --catalog`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if vectors {
				return c.testCatalog(args, c.at(at), asJSON)
			}
			return c.testFile(args, c.at(at), asJSON)
		},
	}
	cmd.Flags().BoolVar(&vectors, "catalog", false, "put the vectors of the templates to the templates instead")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what happened as JSON")
	asOfFlag(cmd, &at)
	return cmd
}

// runTests runs the tests of a file that has a plan, and adds what they find
// to its mistakes: whoever needs the plan does not get it from a file whose
// tests fail.
func (r *compiled) runTests(asOf time.Time) ([]trial.Result, error) {
	results, err := trial.Tests(r.file.Organization, r.file.Catalog, r.plan, compile.Options{AsOf: asOf})
	if err != nil {
		return nil, fmt.Errorf("run the tests: %w", err)
	}
	r.ds = append(r.ds, trial.Diagnostics(r.file.Organization, results)...)
	r.ds.Sort()
	return results, nil
}

func (c *Command) testFile(args []string, asOf time.Time, asJSON bool) error {
	r, err := c.compile(args, asOf)
	if err != nil {
		return err
	}
	if r, err = c.needPlan(r); err != nil {
		return err
	}
	r.ds = nil // they have been said
	results, err := r.runTests(asOf)
	if err != nil {
		return err
	}
	if asJSON {
		err = c.writeJSON(testsJSON(results))
	} else {
		err = c.showTests(r, results)
	}
	if err == nil && r.ds.HasErrors() {
		err = errFindings
	}
	return err
}

// showTests writes a line for each test, then what is wrong with those that
// failed, then how many there are.
func (c *Command) showTests(r *compiled, results []trial.Result) error {
	failed := 0
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	for i := range results {
		t := &results[i]
		verdict := "ok"
		if !t.Passed() {
			verdict = "FAIL"
			failed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", verdict, render.Escape(t.Test.Name), render.Escape(found(t)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.ds) > 0 {
		fmt.Fprintln(c.Stdout)
		if err := render.Diagnostics(c.Stdout, r.ds, r.file.Sources, c.look(c.Stdout)); err != nil {
			return err
		}
	}
	if len(results) > 0 {
		fmt.Fprintln(c.Stdout)
	}
	_, err := fmt.Fprintf(c.Stdout, "%s: %s\n", render.Escape(r.path), tally(len(results), "test", failed))
	return err
}

// found is what a test that passed found out, in a few words.
func found(t *trial.Result) string {
	where := "in " + plural(len(t.Accounts), "account")
	switch {
	case t.Hypothetical:
		where = "in a new account of " + t.Test.In.String()
	case !t.Passed():
		n := 0
		for _, f := range t.Failures {
			n += len(f.Accounts)
		}
		return fmt.Sprintf("in %d of %s", n, plural(len(t.Accounts), "account"))
	}
	if t.First == nil || t.Test.Expect == "allow" {
		return "allowed " + where
	}
	by := t.First.Guardrails()
	if t.Test.By != "" {
		by = []string{t.Test.By}
	}
	if len(by) == 0 {
		return "denied " + where
	}
	return "denied by " + strings.Join(by, ", ") + " " + where
}

func tally(n int, noun string, failed int) string {
	s := plural(n, noun)
	if failed > 0 {
		return s + ", " + strconv.Itoa(failed) + " failed"
	}
	return s
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// testCatalog puts the vectors of the built-in templates to them, or of those
// that a file knows.
func (c *Command) testCatalog(args []string, asOf time.Time, asJSON bool) error {
	cat, err := c.templates(cmp.Or(args...), asOf)
	if err != nil {
		return err
	}
	results, err := trial.Catalog(cat)
	if err != nil {
		return fmt.Errorf("put the vectors: %w", err)
	}
	ds := trial.CatalogDiagnostics(results)
	if asJSON {
		if err := c.writeJSON(catalogJSON(results)); err != nil {
			return err
		}
	} else if err := c.showVectors(c.Stdout, results, ds); err != nil {
		return err
	}
	if ds.HasErrors() {
		return errFindings
	}
	return nil
}

func (c *Command) showVectors(w io.Writer, results []trial.CatalogResult, ds diag.Diagnostics) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	n, settings, failed := 0, 0, 0
	for _, r := range results {
		verdict := "ok"
		asked, wrong := r.Asked()
		if wrong > 0 {
			verdict = "FAIL"
		}
		failed += wrong
		what := "vector"
		if len(r.Settings) > 0 {
			what = "setting"
			settings += asked
		} else {
			n += asked
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", verdict, render.Escape(r.Template.ID), plural(asked, what))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(ds) > 0 {
		fmt.Fprintln(w)
		if err := render.Diagnostics(w, ds, nil, c.look(w)); err != nil {
			return err
		}
	}
	asked := plural(n, "vector")
	if settings > 0 {
		asked += " and " + plural(settings, "setting")
	}
	if failed > 0 {
		asked += ", " + strconv.Itoa(failed) + " failed,"
	}
	_, err := fmt.Fprintf(w, "\n%s of %s\n", asked, plural(len(results), "template"))
	return err
}
