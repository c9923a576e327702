package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/render"
)

// A compiled file is what every command starts from.
type compiled struct {
	path  string
	file  *config.File
	plan  *guardrails.Plan // nil where the diagnostics have errors
	proof *proof.Result    // nil until it is proved
	ds    diag.Diagnostics
}

// organizationFile is the path of the one that the arguments name.
func (c *Command) organizationFile(args []string) string {
	if len(args) > 0 {
		return c.path(args[0])
	}
	return c.path(config.DefaultFile)
}

// compile reads the organization file that the arguments name and makes its
// plan. accept are the ids of requests that must work and may be lost.
func (c *Command) compile(args []string, asOf time.Time, accept ...string) (*compiled, error) {
	return compileFile(c.organizationFile(args), config.Options{AsOf: asOf}, accept...)
}

// compileFile reads an organization file and makes its plan.
func compileFile(path string, opts config.Options, accept ...string) (*compiled, error) {
	file, ds, err := config.Load(path, opts)
	if err != nil {
		return nil, err
	}
	asOf := opts.AsOf
	r := &compiled{path: path, file: file, ds: ds}
	if ds.HasErrors() {
		r.ds = append(r.ds, compile.Further(file.Organization, file.Catalog, compile.Options{AsOf: asOf})...)
		r.ds.Sort()
		return r, nil
	}
	plan, more := compile.Compile(file.Organization, file.Catalog, compile.Options{AsOf: asOf, AcceptLockouts: accept})
	r.ds = append(r.ds, more...)
	if !r.ds.HasErrors() {
		r.plan = plan
	}
	r.ds.Sort()
	return r, nil
}

// compileProved is compile, runs the tests of the file and proves that the plan
// locks nobody out: a file whose tests fail, or whose plan does, has no plan.
func (c *Command) compileProved(args []string, asOf time.Time, accept ...string) (*compiled, error) {
	r, err := c.compile(args, asOf, accept...)
	if err != nil || r.plan == nil {
		return r, err
	}
	if _, err := r.runTests(asOf); err != nil {
		return nil, err
	}
	if err := r.prove(asOf); err != nil {
		return nil, err
	}
	if r.ds.HasErrors() {
		r.plan = nil
	}
	return r, nil
}

// prove puts to the plan the requests that must work, and adds those that it
// loses to the file's mistakes.
func (r *compiled) prove(asOf time.Time) error {
	result, err := proof.Check(r.plan, proof.Options{AsOf: asOf})
	if err != nil {
		return fmt.Errorf("prove the plan: %w", err)
	}
	r.proof = result
	r.ds = append(r.ds, proof.Diagnostics(r.file.Organization, r.plan, result)...)
	r.ds.Sort()
	return nil
}

// mustCompile is compileProved for commands that need the plan: mistakes go to
// standard error, and end the run when they refuse the file.
func (c *Command) mustCompile(args []string, asOf time.Time, accept ...string) (*compiled, error) {
	r, err := c.compileProved(args, asOf, accept...)
	if err != nil {
		return nil, err
	}
	return c.needPlan(r)
}

// needPlan says the mistakes of a file on standard error, and refuses one
// without a plan.
func (c *Command) needPlan(r *compiled) (*compiled, error) {
	if err := c.diagnose(c.Stderr, r); err != nil {
		return nil, err
	}
	if r.plan == nil {
		return nil, errFindings
	}
	return r, nil
}

// diagnose writes what is wrong with a file as text, with a count at the end.
func (c *Command) diagnose(w io.Writer, r *compiled) error {
	if len(r.ds) == 0 {
		return nil
	}
	if err := render.Diagnostics(w, r.ds, r.file.Sources, c.look(w)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s: %s\n", render.Escape(r.path), render.Summary(r.ds))
	return err
}

// writeFile puts data at path in one step, or into what is there already when
// that is no regular file, such as /dev/stdout.
func writeFile(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, data, 0o644)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
