// Command stack is the Pulumi program of Pulumi.yaml: `pulumi up` runs it for
// the stack that is selected. It reads, checks, compiles, tests and proves the
// organization file as orgrails does, and refuses alike. docs/deployment.md tells more.
//
// Its configuration is orgrails:file, the organization file, by default
// organization.yaml; orgrails:asOf, an RFC 3339 time, by default the present; and
// orgrails:acceptLockout, a list of ids of requests that must work and may be lost.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/guardrails/trial"
	file "github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/stacks"
)

func main() { pulumi.Run(run) }

func run(ctx *pulumi.Context) error {
	asOf := time.Now().UTC()
	if s := config.Get(ctx, "orgrails:asOf"); s != "" {
		var err error
		if asOf, err = time.Parse(time.RFC3339, s); err != nil {
			return fmt.Errorf("orgrails:asOf is %q, expected a time such as 2027-03-31T00:00:00Z", s)
		}
	}
	path := cmp.Or(config.Get(ctx, "orgrails:file"), file.DefaultFile)
	if !filepath.IsAbs(path) { // the working directory is this program's folder
		path = filepath.Join(ctx.RootDirectory(), path)
	}
	f, ds, err := file.Load(path, file.Options{AsOf: asOf})
	if err != nil {
		return err
	}
	refuse := func() error {
		if err := render.Diagnostics(os.Stderr, ds, f.Sources, render.Options{}); err != nil || !ds.HasErrors() {
			return err
		}
		return fmt.Errorf("%s: %s", path, render.Summary(ds))
	}
	if ds.HasErrors() {
		return refuse()
	}
	var accept []string
	if err := config.TryObject(ctx, "orgrails:acceptLockout", &accept); err != nil && !errors.Is(err, config.ErrMissingVar) {
		return fmt.Errorf("orgrails:acceptLockout is no list of ids: %w", err)
	}
	plan, more := compile.Compile(f.Organization, f.Catalog, compile.Options{AsOf: asOf, AcceptLockouts: accept})
	if ds = append(ds, more...); len(ds) > 0 {
		if err := refuse(); err != nil {
			return err
		}
	}
	results, err := trial.Tests(f.Organization, f.Catalog, plan, compile.Options{AsOf: asOf})
	if err != nil {
		return fmt.Errorf("run the tests: %w", err)
	}
	if ds = trial.Diagnostics(f.Organization, results); len(ds) > 0 {
		return refuse()
	}
	result, err := proof.Check(plan, proof.Options{AsOf: asOf})
	if err != nil {
		return fmt.Errorf("prove the plan: %w", err)
	}
	if ds = proof.Diagnostics(f.Organization, plan, result); len(ds) > 0 {
		if err := refuse(); err != nil {
			return err
		}
	}
	program, err := stacks.Program(plan, ctx.Stack(), stacks.Options{AllowReplace: config.GetBool(ctx, "orgrails:allowReplace")})
	if err != nil {
		return err
	}
	return program(ctx)
}
