// Package readback asks AWS, with the SDK and never with Pulumi's state,
// whether everything that a plan says is in place: it reads each thing by its
// name in the account where it belongs and compares it with the plan.
//
// It is what the end-to-end tests and the demo believe.
package readback

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/orgrails/orgrails/guardrails"
)

// A Result counts the things that a plan names and lists those that are not as it says.
type Result struct {
	Total    int               // things that the plan names
	InPlace  int               // things found as the plan says
	Accounts int               // accounts looked into, the management account included
	Problems []string          // one line for each thing that is missing, different or left over
	IDs      map[string]string // what AWS made up, by reference
}

// OK reports whether all is in place and nothing of ours is left over.
func (r *Result) OK() bool { return len(r.Problems) == 0 && r.InPlace == r.Total }

// String is what the demo prints: "148 of 148 things in place, in 9 accounts".
func (r *Result) String() string {
	return fmt.Sprintf("%d of %d things in place, in %d accounts", r.InPlace, r.Total, r.Accounts)
}

type checker struct {
	ctx      context.Context
	plan     *guardrails.Plan
	mgmt     aws.Config
	res      *Result
	accounts map[string]bool
}

// Check reads back everything that the plan names. cfg holds the credentials of
// the management account; member accounts are read through the plan's deploy
// role. The error is about the reading itself.
func Check(ctx context.Context, plan *guardrails.Plan, cfg aws.Config) (*Result, error) {
	c := &checker{
		ctx: ctx, plan: plan, mgmt: cfg, accounts: map[string]bool{},
		res: &Result{IDs: map[string]string{}},
	}
	for _, step := range []func() error{c.organization, c.policies, c.baselines, c.analyzers} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	c.res.Accounts = len(c.accounts)
	slices.Sort(c.res.Problems)
	return c.res, nil
}

// thing counts one thing of the plan; problem is empty where it is as the plan says.
func (c *checker) thing(problem string, args ...any) {
	c.res.Total++
	if problem == "" {
		c.res.InPlace++
		return
	}
	c.problem(problem, args...)
}

func (c *checker) problem(format string, args ...any) {
	c.res.Problems = append(c.res.Problems, fmt.Sprintf(format, args...))
}

// same counts one thing that has these properties; the first that differs is the problem.
func (c *checker) same(what string, properties ...property) {
	for _, p := range properties {
		if p.got != p.want {
			c.thing("%s: %s is %s, the plan says %s", what, p.name, p.got, p.want)
			return
		}
	}
	c.thing("")
}

type property struct{ name, got, want string }

func prop(name string, got, want any) property {
	return property{name, fmt.Sprint(got), fmt.Sprint(want)}
}

func (c *checker) fill(t guardrails.Text) string {
	s, err := t.Fill(c.res.IDs)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return s
}

// config returns the SDK configuration for one account of the organization.
func (c *checker) config(account string) (aws.Config, error) {
	c.accounts[account] = true
	cfg := c.mgmt.Copy()
	if account == "management" {
		return cfg, nil
	}
	id, ok := c.res.IDs["account:"+account]
	if !ok {
		return cfg, fmt.Errorf("account %s is not in the organization", account)
	}
	arn := fmt.Sprintf("arn:%s:iam::%s:role/%s", c.plan.Organization.Partition, id, c.plan.Organization.DeployRole)
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c.mgmt), arn))
	return cfg, nil
}

// sorted is a copy of list in order, never nil, so that it prints as it compares.
func sorted(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return out
}
