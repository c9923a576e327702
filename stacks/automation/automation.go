// Package automation deploys all stacks of a plan with Pulumi's Automation
// API: it takes them in order, runs account and analyzer stacks beside each
// other, leaves out those that are as the plan says, refuses what a deployment
// must never do before anything is written, recovers what a run that died left
// behind, and tells what happens as a stream of events.
//
// Nothing but the `pulumi` binary has to be on PATH. The package reads
// no organization file, prints nothing, asks nothing and never exits.
package automation

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// Project is the Pulumi project's name unless Options say otherwise: the one
// of the project's Pulumi.yaml, so that `pulumi up` finds the same stacks.
const Project = "orgrails"

// Options say where state is and what may be done. The zero value deploys
// with a state folder beside the working directory's organization file.
type Options struct {
	// Dir is the folder of the organization file; "" is the working directory.
	Dir string
	// Backend is the URL of the state backend; "" is PULUMI_BACKEND_URL, and
	// without it a folder, .orgrails/state in Dir.
	Backend string
	// SecretsProvider encrypts what is secret in state; nothing of ours is,
	// but a backend that is not a local folder is refused without one. "" is
	// PULUMI_SECRETS_PROVIDER; a local folder needs none.
	SecretsProvider string
	// Project is the Pulumi project; "" is [Project].
	Project string
	// Parallel is how many stacks run at once; 0 is 2. Each is a process of
	// some hundreds of megabytes.
	Parallel int
	// All also deploys stacks that are as the plan says already.
	All bool
	// Refresh reads what is deployed into the state of each stack before it is
	// deployed, so that what somebody else changed is put right.
	Refresh bool
	// AllowReplace lets analyzers be replaced, whose findings are then lost.
	AllowReplace bool
	// RemoveLeft takes away what is deployed in accounts that left the file.
	RemoveLeft bool
	// Only names the stacks to run; empty is all of them.
	Only []string
	// Env is added to the environment of the Pulumi CLI and its providers.
	Env map[string]string
	// Events is called with each event, one at a time; nil for none.
	Events func(Event)
	// Kill, when closed, ends running stacks at once. Cancelling the context
	// starts no further stack and lets running ones end what AWS has begun.
	Kill <-chan struct{}
	// Created is called with the ids of accounts as soon as AWS has made them,
	// by key, so that they can be written to organization.lock.json.
	Created func(map[string]string) error
	// Prove is called with what is in force before Up or Preview does anything,
	// where anything is: the policies, by the state, at units and accounts of the
	// plan's or their former names. An error ends the run. nil for no proof.
	Prove func(inForce *guardrails.Plan) error
	// Agree is called with what Adopt found, before it does anything. An error
	// ends the run. nil agrees.
	Agree func(*Survey) error
}

func (o Options) withDefaults() (Options, error) {
	o.Dir = cmp.Or(o.Dir, ".")
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, err
	}
	o.Dir = dir
	o.Project = cmp.Or(o.Project, Project)
	if o.Parallel <= 0 {
		o.Parallel = 2
	}
	o.Backend = cmp.Or(o.Backend, o.getenv("PULUMI_BACKEND_URL"), "file://"+filepath.ToSlash(filepath.Join(o.Dir, ".orgrails", "state")))
	if folder := o.stateFolder(); o.isLocal() && !filepath.IsAbs(folder) { // the CLI runs in another folder
		abs, err := filepath.Abs(folder)
		if err != nil {
			return o, err
		}
		o.Backend = strings.Replace(o.Backend, strings.Split(strings.TrimPrefix(o.Backend, "file://"), "?")[0], filepath.ToSlash(abs), 1)
	}
	o.SecretsProvider = cmp.Or(o.SecretsProvider, o.getenv("PULUMI_SECRETS_PROVIDER"))
	if o.Events == nil {
		o.Events = func(Event) {}
	}
	if o.Created == nil {
		o.Created = func(map[string]string) error { return nil }
	}
	if !o.isLocal() && !o.isCloud() && o.SecretsProvider == "" {
		return o, &Problem{
			Code:    "GR412",
			Summary: "the state backend " + o.Backend + " has no secrets provider",
			Hint:    "name one, such as awskms://alias/pulumi, with --secrets-provider or PULUMI_SECRETS_PROVIDER",
		}
	}
	return o, nil
}

func (o Options) getenv(name string) string {
	if v, ok := o.Env[name]; ok {
		return v
	}
	return os.Getenv(name)
}

// isLocal says that state is in a folder of this machine.
func (o Options) isLocal() bool { return strings.HasPrefix(o.Backend, "file://") }

// isCloud says that state is in Pulumi Cloud, which encrypts by itself.
func (o Options) isCloud() bool {
	return strings.HasPrefix(o.Backend, "https://") || strings.HasPrefix(o.Backend, "http://")
}

// stateFolder is the folder of a local backend.
func (o Options) stateFolder() string {
	folder, _, _ := strings.Cut(strings.TrimPrefix(o.Backend, "file://"), "?")
	if rest, ok := strings.CutPrefix(folder, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			folder = home + "/" + rest
		}
	}
	return filepath.FromSlash(folder)
}

// backendURL is what the CLI is told. A folder gets no second file of
// attributes beside each of its files: nobody reads those, and one that a
// killed CLI leaves half written makes its state unreadable.
func (o Options) backendURL() string {
	if o.isLocal() && !strings.Contains(o.Backend, "?") {
		return o.Backend + "?metadata=skip"
	}
	return o.Backend
}

// Preview says what Up would do. It writes neither to AWS nor to the state
// backend: stacks that do not exist yet are previewed in a folder of their own.
func Preview(ctx context.Context, p *guardrails.Plan, opts Options) (*Report, error) {
	return drive(ctx, p, opts, "preview", (*driver).preview)
}

// Up deploys the plan. A stack that fails does not stop those that do not
// need it; the error is about the run as a whole, and what became of each
// stack is in the report.
func Up(ctx context.Context, p *guardrails.Plan, opts Options) (*Report, error) {
	return drive(ctx, p, opts, "up", (*driver).up)
}

// Refresh reads what is deployed into the state of every stack. It writes to
// no AWS service.
func Refresh(ctx context.Context, p *guardrails.Plan, opts Options) (*Report, error) {
	return drive(ctx, p, opts, "refresh", (*driver).refresh)
}

// Destroy takes away policies and their attachments, analyzers, and what is
// placed into accounts, in this order; password policies stay. The
// organization stack is forgotten: organization, units and accounts stay as
// they are, and FullAWSAccess stays attached everywhere.
func Destroy(ctx context.Context, p *guardrails.Plan, opts Options) (*Report, error) {
	return drive(ctx, p, opts, "destroy", (*driver).destroy)
}

// Adopt takes what exists in AWS, and what the plan describes, into the state
// of the stacks, and says what would then be left to change. It writes to no
// AWS service. A thing that the state has already is left alone; one that the
// state has under another id is refused, before anything is written.
func Adopt(ctx context.Context, p *guardrails.Plan, opts Options) (*Report, error) {
	return drive(ctx, p, opts, "adopt", (*driver).adopt)
}
