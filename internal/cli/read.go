package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diff"
	"github.com/orgrails/orgrails/internal/drift"
	awslive "github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/internal/render"
)

// A ReadFunc reads the organization that the credentials of the environment are
// of, and says in which Region the session is; it writes nothing to AWS. home is
// that Region, or "" for the one of the environment.
type ReadFunc func(ctx context.Context, home string, opts awslive.ReadOptions) (*awslive.Snapshot, string, error)

// readAWS is the ReadFunc that asks AWS.
func readAWS(ctx context.Context, home string, opts awslive.ReadOptions) (*awslive.Snapshot, string, error) {
	s, err := awslive.Open(ctx, awslive.Options{Region: home})
	if err != nil {
		return nil, "", err
	}
	if s.Region() == "" {
		return nil, "", &usageError{"no home Region is known", "give --home-region, or set AWS_REGION"}
	}
	snap, err := awslive.Read(ctx, s, opts)
	return snap, s.Region(), err
}

// liveFlags are those of commands that read the organization.
type liveFlags struct {
	maxAge time.Duration
	role   string
}

func (l *liveFlags) add(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&l.maxAge, "max-age", 0, "take AWS's answers of an earlier run that are no older, such as 10m; without it, only those of one that was cut off")
	cmd.Flags().StringVar(&l.role, "role", "", "`name` of the role, with its path, that is assumed in the accounts to read (default the file's deployRole)")
}

func (l *liveFlags) check() error {
	if l.maxAge < 0 {
		return &usageError{fmt.Sprintf("--max-age cannot be %s", l.maxAge), "give a time such as 10m, or nothing"}
	}
	return nil
}

// snapshot reads everything in AWS that the plan is compared with.
func (c *Command) snapshot(ctx context.Context, r *compiled, l liveFlags) (*awslive.Snapshot, error) {
	p := r.plan
	cache := filepath.Join(filepath.Dir(r.path), ".orgrails", "live")
	if err := ignored(cache); err != nil {
		return nil, fmt.Errorf("make the folder of what is read: %w", err)
	}
	o := awslive.ReadOptions{
		Role: cmp.Or(l.role, p.Organization.DeployRole), SessionName: "orgrails-read", Cache: cache, MaxAge: l.maxAge, Keep: kept(p),
	}
	for _, a := range p.Analyzers {
		o.Regions = append(o.Regions, a.Region)
		if id := p.IDs["account:"+a.Administrator]; id != "" {
			o.AnalyzerAccount = id
		}
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	done := c.reading(&o)
	s, _, err := c.Read(ctx, p.Organization.HomeRegion, o)
	done()
	var problem *awslive.Error
	switch {
	case ctx.Err() != nil:
		return nil, &failure{"reading AWS was interrupted", "run it again: it goes on where it stopped"}
	case errors.As(err, &problem):
		what := problem.Summary
		if why := problem.Reason(); why != "" {
			what += ": " + why
		}
		return nil, &failure{fmt.Sprintf("%s [%s]", what, problem.Code), problem.Hint}
	case err != nil:
		return nil, err
	}
	accounts, _ := s.Accounts.Get()
	age := s.Age(c.Now()).Round(time.Second)
	c.notef("read organization %s with %s; the oldest answer is %s old", s.Organization.ID, count(len(accounts), "account"), max(age, 0))
	return s, nil
}

// kept are the names of what the plan places into accounts.
func kept(p *guardrails.Plan) []string {
	var names []string
	for _, b := range p.Baselines {
		for _, m := range b.Boundaries {
			names = append(names, m.Name)
		}
		for _, r := range b.Roles {
			names = append(names, r.Name)
			for _, m := range r.Policies {
				names = append(names, m.Name)
			}
		}
		for _, g := range b.Groups {
			names = append(names, g.Name, g.Policy.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reading shows on a terminal how far the reading is; the function that it
// returns takes the line away.
func (c *Command) reading(o *awslive.ReadOptions) (done func()) {
	if !c.redraws() {
		return func() {}
	}
	stages := map[string]awslive.Progress{}
	var last time.Time
	o.Progress = func(p awslive.Progress) {
		stages[p.What] = p
		if now := time.Now(); now.Sub(last) > tick {
			last = now
			var parts []string
			for _, what := range []string{"units", "accounts", "policies", "attachments", "regions"} {
				if s, ok := stages[what]; ok {
					parts = append(parts, fmt.Sprintf("%d of %d %s", s.Done, s.Total, what))
				}
			}
			fmt.Fprintf(c.Stderr, "\r\x1b[Kreading %s", strings.Join(parts, ", "))
		}
	}
	return func() { fmt.Fprint(c.Stderr, "\r\x1b[K") }
}

// againstLive says how the plan differs from what AWS has.
func (c *Command) againstLive(ctx context.Context, a *against, r *compiled, asJSON bool) error {
	s, err := c.snapshot(ctx, r, a.live)
	if err != nil {
		return err
	}
	d, err := drift.Against(s, r.plan, diff.Options{})
	if err != nil {
		return unmatched(err)
	}
	c.unread(s)
	return c.tell(a, d, asJSON)
}

// unmatched is why a snapshot cannot be compared with the plan.
func unmatched(err error) error {
	return &failure{err.Error(), "use credentials of the management account of the organization that the file is about, which may read all of it"}
}

// unread says what could not be read.
func (c *Command) unread(s *awslive.Snapshot) {
	const most = 10
	for i, n := range s.NotRead {
		if i == most {
			c.notef("and %d more could not be read", len(s.NotRead)-most)
			break
		}
		c.notef("not read: %s", notRead(n))
	}
}

func notRead(n awslive.NotRead) string {
	s := n.What
	if n.Account != "" {
		s += " of account " + n.Account
	}
	if n.Region != "" {
		s += " in " + n.Region
	}
	return render.Escape(s + ": " + n.Reason)
}
