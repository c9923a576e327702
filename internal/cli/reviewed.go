package cli

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
)

// planned is the file that a deployment is of, with the plan that is deployed:
// the one it gives, or the one that was reviewed.
func (c *Command) planned(d *deployment, args []string) (*compiled, error) {
	if d.digest != "" && d.plan == "" {
		return nil, &usageError{"--digest belongs to --plan", "give the plan that was reviewed, too"}
	}
	if d.accept != nil && len(*d.accept) > 0 && d.digest != "" {
		return nil, &usageError{"--accept-lockout means nothing beside --digest", "the reviewed plan says what is accepted"}
	}
	r, err := c.compileFor(d, args)
	if err != nil || d.plan == "" {
		return r, err
	}
	now := r.plan
	if r.plan, err = c.reviewed(d, now); err != nil || d.accept == nil || bytes.Equal(guardrails.Encode(r.plan), guardrails.Encode(now)) {
		return r, err
	}
	// Not what the file gives now: it is proved by itself.
	r.ds = nil
	if err := r.prove(c.at(d.at)); err != nil {
		return nil, err
	}
	if r.ds.HasErrors() {
		r.plan = nil
	}
	return c.needPlan(r)
}

// reviewed reads a plan from a file, which anybody may have changed since: it
// is taken when its digest is that of the review, or else when the
// organization file still gives the same plan, byte for byte. The digest does
// not cover ids, so that those in the plan must be those of the file.
func (c *Command) reviewed(d *deployment, now *guardrails.Plan) (*guardrails.Plan, error) {
	data, err := os.ReadFile(c.path(d.plan))
	if err != nil {
		return nil, fmt.Errorf("read the reviewed plan: %w", err)
	}
	p, err := guardrails.Decode(data)
	if err != nil {
		return nil, &refusal{fmt.Sprintf("%s is no plan: %s", d.plan, err), `make one with "orgrails plan -o plan.json"`}
	}
	if d.digest == "" {
		if !bytes.Equal(data, guardrails.Encode(now)) {
			return nil, &refusal{fmt.Sprintf("%s is not the plan of the file any more (%s, now %s)", d.plan, p.Digest(), now.Digest()),
				"review the new plan, give the same --as-of as for the review, or give the --digest of the review"}
		}
		return p, nil
	}
	if got := p.Digest(); got != d.digest {
		return nil, &refusal{fmt.Sprintf("%s has the digest %s, not %s", d.plan, got, d.digest), "deploy the plan that was reviewed"}
	}
	for _, ref := range slices.Sorted(maps.Keys(p.IDs)) {
		if p.IDs[ref] != now.IDs[ref] {
			return nil, &refusal{fmt.Sprintf("%s says that the id of %s is %s; the organization file says %q", d.plan, ref, p.IDs[ref], now.IDs[ref]),
				"the digest does not cover ids: make the plan again"}
		}
	}
	p.IDs = now.IDs // more may be known by now, from the lock file
	return p, nil
}

// compileFor makes the plan of the file. A test that fails stops what makes
// changes, and neither reading what there is nor taking it away.
func (c *Command) compileFor(d *deployment, args []string) (*compiled, error) {
	if d.accept != nil {
		return c.mustCompile(args, c.at(d.at), *d.accept...)
	}
	r, err := c.compile(args, c.at(d.at))
	if err != nil {
		return nil, err
	}
	return c.needPlan(r)
}
