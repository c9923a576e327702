package cli

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/drift"
	"github.com/orgrails/orgrails/internal/render"
)

// driftText writes findings for a person, in groups: what concerns the
// organization, its policies, then each account and region.
func driftText(w io.Writer, r *drift.Report, o render.Options) error {
	b := bufio.NewWriter(w)
	line := func(indent, s string) { fmt.Fprintln(b, indent+render.Escape(s)) }
	bold := func(s string) string { return colored(o.Color, "1", render.Escape(s)) }
	switch {
	case r.Clean() && len(r.NotChecked) == 0:
		fmt.Fprintln(b, bold(fmt.Sprintf("Nothing has drifted: %s as the file says.", count(r.Checked, "thing"))))
	case r.Clean():
		fmt.Fprintln(b, bold(fmt.Sprintf("Nothing has drifted of %s; not all could be checked.", count(r.Checked, "thing"))))
	default:
		verb := "are"
		if len(r.Findings) == 1 {
			verb = "is"
		}
		fmt.Fprintln(b, bold(fmt.Sprintf("%s %s not as the file says; %d checked.", count(len(r.Findings), "thing"), verb, r.Checked)))
	}
	last := ""
	for i := range r.Findings {
		f := &r.Findings[i]
		if t := driftTitle(f); t != last {
			fmt.Fprintf(b, "\n%s\n", bold(t))
			last = t
		}
		mark := map[drift.Severity]string{drift.Error: colored(o.Color, red, "error"), drift.Warning: colored(o.Color, yellow, "warning"), drift.Note: "note"}[f.Severity]
		text := "  " + mark + ": " + render.Escape(driftSentence(f))
		if f.Origin != "" {
			text += "  " + colored(o.Color, faint, render.Escape(f.Origin))
		}
		fmt.Fprintln(b, text)
		for _, s := range driftNotes(f) {
			line("      ", s)
		}
	}
	if len(r.Effects) > 0 {
		fmt.Fprintf(b, "\n%s\n", bold("Access"))
		for i := range r.Effects {
			line("  ", driftEffect(&r.Effects[i]))
		}
	}
	if len(r.NotChecked) > 0 {
		fmt.Fprintf(b, "\n%s\n", bold("Not checked"))
		for _, n := range r.NotChecked {
			s := n.What
			if n.Where != "" {
				s += " of " + driftPlace(n.Where)
			}
			if n.Reason != "" {
				s += ": " + n.Reason
			}
			line("  ", s)
		}
	}
	return b.Flush()
}

// driftTitle is the group of a finding.
func driftTitle(f *drift.Finding) string {
	kind := string(f.Kind)
	switch {
	case strings.HasPrefix(kind, "policy-") && f.Kind != drift.PolicyTypeOff, strings.HasPrefix(kind, "full-access"):
		return "Policies"
	case strings.HasPrefix(kind, "analyzer"), strings.HasPrefix(kind, "archive"):
		return "Analyzers in " + f.Where
	case strings.HasPrefix(f.Stack, "account-"), strings.HasPrefix(kind, "role-"):
		return "Account " + strings.TrimPrefix(f.Where, "account:")
	}
	return "Organization"
}

// driftPlace is a reference in words.
func driftPlace(ref string) string {
	if ref == "root" {
		return "the root"
	}
	if kind, name, ok := strings.Cut(ref, ":"); ok {
		return kind + " " + name
	}
	return ref
}

// driftSentence is a finding in a line.
func driftSentence(f *drift.Finding) string {
	s := f.What
	switch f.Kind {
	case drift.PolicyDetached, drift.PolicyAttached, drift.PolicyForeign, drift.PolicyLeft, drift.ForeignGone, drift.FullAccessMissing, drift.FullAccessBack, drift.UnitUnknown, drift.AccountUnknown:
		if f.Where != "" {
			s += " at " + driftPlace(f.Where)
		}
	case drift.PolicyEdited, drift.BoundaryEdited, drift.ManagedPolicyEdited:
		return s + ": edited: " + f.Found
	case drift.RoleTrust:
		return s + ": not that of the file"
	case drift.AdministratorGone:
		s += ": " + f.Expected + " is not it any more, " + f.Found + " is"
		return s
	case drift.AccountMoved:
		return s + ": in " + driftPlace(f.Found) + ", not in " + driftPlace(f.Expected)
	}
	switch {
	case f.Expected == "":
		return s + ": " + f.Found + ", not in the file"
	case f.Found == "" && f.Expected == "there":
		return s + ": not there"
	case f.Found == "":
		return s + ": not there; the file has it " + f.Expected
	}
	return s + ": " + f.Found + "; the file says " + f.Expected
}

// driftNotes are what there is to say below a finding.
func driftNotes(f *drift.Finding) []string {
	var notes []string
	if f.Kind == drift.RoleTrust {
		notes = append(notes, "AWS has   "+f.Found, "the file  "+f.Expected)
	}
	for i := range f.Effects {
		notes = append(notes, driftEffect(&f.Effects[i]))
	}
	if e := f.By; e != nil {
		s := fmt.Sprintf("%s by %s", e.Time.Format(time.RFC3339), e.Who)
		if e.From != "" {
			s += " from " + e.From
		}
		notes = append(notes, s+", with "+e.Call)
	}
	if f.Hint != "" {
		notes = append(notes, f.Hint)
	}
	return notes
}

// driftEffect is what a change does to access, with a request that shows it.
func driftEffect(e *diff.Effect) string {
	const most = 6
	accounts := strings.Join(e.Accounts[:min(most, len(e.Accounts))], ", ") + more(len(e.Accounts)-most)
	s := fmt.Sprintf("%s in %s: ", e.Change, accounts)
	if e.Request == nil {
		return "not known whether " + s + e.Unknown
	}
	s += e.Request.Action
	if r := e.Request.Resource; r != "" && r != "*" {
		s += " on " + r
	}
	return s + " as " + e.Request.Principal
}

var driftOrigin = regexp.MustCompile(`^(.*?):(\d+):(\d+)$`)

// driftSARIF is the findings as a SARIF log: a rule for each kind. Lines are of
// files in the folder of the organization file.
func driftSARIF(r *drift.Report, dir, version string) ([]byte, error) {
	titles := map[string]string{}
	for _, k := range drift.Kinds {
		titles[string(k.Kind)] = k.Title
	}
	var ds diag.Diagnostics
	for i := range r.Findings {
		f := &r.Findings[i]
		d := diag.Diagnostic{Severity: diag.Severity(f.Severity), Code: string(f.Kind), Summary: driftTitle(f) + ": " + driftSentence(f), Hint: strings.Join(driftNotes(f), "; ")}
		place, _ := guardrails.SplitOrigin(f.Origin)
		if m := driftOrigin.FindStringSubmatch(place); m != nil {
			line, _ := strconv.Atoi(m[2])
			column, _ := strconv.Atoi(m[3])
			d.Range = diag.Range{File: filepath.Join(dir, m[1]), Start: diag.Pos{Line: line, Column: column}}
		} else if place != "" {
			d.Range = diag.Range{File: filepath.Join(dir, place)}
		}
		ds = append(ds, d)
	}
	help := func(string) string { return "https://github.com/orgrails/orgrails/blob/main/docs/cli.md#drift" }
	return render.SARIFOf(ds, titles, help, version)
}
