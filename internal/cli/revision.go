package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/internal/revision"
)

// planAt is the plan of the organization file as it was at a git revision,
// compiled by this version of the tool. Its tests are not run, and it is not
// proved: these decide whether a plan may be deployed, and this one only says
// what was. An interrupt leaves nothing of the revision behind.
func (c *Command) planAt(ctx context.Context, rev string, args []string, asOf time.Time) (p *guardrails.Plan, err error) {
	ctx, stop := interruptible(ctx)
	defer stop()
	defer func() {
		if ctx.Err() != nil {
			p, err = nil, &failure{"comparing with git:" + rev + " was interrupted", "run it again"}
		}
	}()
	f, err := revision.Open(ctx, c.organizationFile(args), rev)
	if err != nil {
		return nil, failureOf(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := compileFile(f.Path, config.Options{AsOf: asOf, Fetch: f.Fetch})
	if err != nil {
		return nil, &failure{f.Shown(err.Error()), ""}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err() // what the file says has not been read whole
	}
	if r.plan != nil {
		return r.plan, nil
	}
	r.ds = slices.DeleteFunc(r.ds, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
	r.file.Sources = shownAt(f, r.ds, r.file.Sources)
	if err := render.Diagnostics(c.Stderr, r.ds, r.file.Sources, c.look(c.Stderr)); err != nil {
		return nil, err
	}
	return nil, &refusal{f.Shown(f.Path) + " has no plan to compare with: " + render.Summary(r.ds), "compare with a revision whose file has one"}
}

// shownAt gives files of a revision the names that git has for them, in
// mistakes and among their sources.
func shownAt(f *revision.Folder, ds diag.Diagnostics, sources map[string][]byte) map[string][]byte {
	for i := range ds {
		d := &ds[i]
		d.Range.File, d.Summary, d.Hint = f.Shown(d.Range.File), f.Shown(d.Summary), f.Shown(d.Hint)
		for j := range d.Related {
			d.Related[j].Range.File = f.Shown(d.Related[j].Range.File)
		}
	}
	shown := make(map[string][]byte, len(sources))
	for path, src := range sources {
		shown[f.Shown(path)] = src
	}
	return shown
}

// failureOf is why a revision could not be read, with the way out.
func failureOf(err error) error {
	var e *revision.Error
	if errors.As(err, &e) {
		return &failure{e.What, e.Hint}
	}
	return err
}

// usageOf is why an argument can be no revision.
func usageOf(err error) error {
	var e *revision.Error
	if errors.As(err, &e) {
		return &usageError{e.What, e.Hint}
	}
	return err
}
