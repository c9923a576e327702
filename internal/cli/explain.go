package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/compile"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/observed"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// An inquiry is what explain was asked.
type inquiry struct {
	as, in, action, resource string
	context                  []string
	json                     bool
	at                       instant
}

func (c *Command) explain() *cobra.Command {
	var q inquiry
	cmd := &cobra.Command{
		Use:   "explain [file]",
		Short: "Say which guardrail, from which line, decides a request",
		Long: `Says what the plan of an organization file makes of one request: each place from the
root down to the account, the statement that decides, its guardrail, the line that
asked for it, and the exception that would spare it. Neither AWS nor the network
is used.

The request is given by flags, or else read from standard input: an AccessDenied
message as any tool prints it, what "aws sts decode-authorization-message" prints,
or a CloudTrail event. A condition key that is not given is unknown; where the
answer hangs on it, that is said. Exits 0, whatever the answer.`,
		Example: `  orgrails explain --as role/Admin --in Workloads/Prod --action cloudtrail:StopLogging
  aws s3 ls 2>&1 | orgrails explain
  orgrails explain < event.json`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			given := slices.ContainsFunc([]string{"as", "in", "action"}, cmd.Flags().Changed)
			return c.explanation(&q, args, given)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.as, "as", "", "who asks: role/[path/]name, user/[path/]name or root")
	f.StringVar(&q.in, "in", "", "where: an account's key, a unit's path, root or management")
	f.StringVar(&q.action, "action", "", "the action, such as s3:GetObject")
	f.StringVar(&q.resource, "resource", "", "`ARN` of the resource (default *)")
	f.StringArrayVar(&q.context, "context", nil, "a condition `key=value` of the request; may be given several times; key= says that it has none")
	f.BoolVar(&q.json, "json", false, "print the explanation as JSON")
	asOfFlag(cmd, &q.at)
	return cmd
}

// explanation reads the request, puts it to the plan, and writes the answer.
func (c *Command) explanation(q *inquiry, args []string, given bool) error {
	context, err := contextFlags(q.context)
	if err != nil {
		return err
	}
	var seen *observed.Request
	if !given {
		if seen, err = c.observe(); err != nil {
			return err
		}
	}
	asOf := c.at(q.at)
	r, err := c.compile(args, asOf)
	if err != nil {
		return err
	}
	if r, err = c.needPlan(r); err != nil {
		return err
	}
	opts := compile.Options{AsOf: asOf}
	w, err := trial.New(r.plan, asOf)
	if err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	var questions []trial.Question
	if given {
		w, questions, err = q.questions(r, w, opts, context)
	} else {
		questions, err = q.seen(w, seen, context)
	}
	if err != nil {
		return err
	}
	groups, err := answers(w, questions)
	if err != nil {
		return err
	}
	e := explained{organization: r.file.Organization, seen: seen, groups: groups, asOf: asOf, sources: r.file.Sources}
	for _, g := range groups {
		s, err := g.answer.Spare(r.file.Organization, r.file.Catalog, opts, g.accounts)
		if err != nil {
			return err
		}
		e.spares = append(e.spares, s)
	}
	if q.json {
		return c.writeJSON(e.json())
	}
	return c.writeExplained(&e)
}

// observe reads a request that AWS has seen from standard input.
func (c *Command) observe() (*observed.Request, error) {
	if isTerminal(c.Stdin) {
		return nil, &usageError{"explain needs a request", `give --as, --in and --action, or an AccessDenied message or a CloudTrail event on standard input`}
	}
	const most = 4 << 20 // an event has at most 256 KB
	text, err := io.ReadAll(io.LimitReader(c.Stdin, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the message or event: %w", err)
	case len(text) > most:
		return nil, &usageError{"standard input holds more than 4 MiB", "give one message or one event"}
	}
	seen, err := observed.Read(text)
	if err != nil {
		return nil, &usageError{"standard input: " + err.Error(), "give --as, --in and --action, or an AccessDenied message or a CloudTrail event on standard input"}
	}
	return seen, nil
}

// contextFlags reads --context: a key that is given twice has both values.
func contextFlags(flags []string) (map[string][]string, error) {
	context := map[string][]string{}
	for _, f := range flags {
		key, value, ok := strings.Cut(f, "=")
		if !ok || !strings.Contains(key, ":") {
			return nil, &usageError{fmt.Sprintf("--context cannot be %q", f), "expected a condition key and its value, such as aws:RequestedRegion=us-east-1"}
		}
		key = strings.ToLower(key)
		if value == "" {
			if context[key] == nil {
				context[key] = []string{} // it is known that there is none
			}
			continue
		}
		context[key] = append(context[key], value)
	}
	return context, nil
}

// questions are the request of the flags, in each account that --in names: a
// new one, where there is none.
func (q *inquiry) questions(r *compiled, w *trial.World, opts compile.Options, context map[string][]string) (*trial.World, []trial.Question, error) {
	for _, f := range []struct{ name, value string }{{"as", q.as}, {"in", q.in}, {"action", q.action}} {
		if f.value == "" {
			return nil, nil, &usageError{"explain needs --" + f.name, "a request has --as, --in and --action"}
		}
	}
	if !strings.Contains(q.action, ":") || strings.ContainsAny(q.action, "*?") {
		return nil, nil, &usageError{fmt.Sprintf("--action cannot be %q", q.action), "expected one action, such as s3:GetObject"}
	}
	if q.as != "root" && !strings.HasPrefix(q.as, "role/") && !strings.HasPrefix(q.as, "user/") {
		return nil, nil, &usageError{fmt.Sprintf("--as cannot be %q", q.as), "expected role/[path/]name, user/[path/]name or root"}
	}
	o := r.file.Organization
	in, ok := o.Select(q.in)
	if !ok {
		return nil, nil, &usageError{fmt.Sprintf("no unit or account is named %q", q.in), diag.DidYouMean(q.in, selectors(o))}
	}
	role, as := o.Role(q.as)
	place, err := w.Place(o, r.file.Catalog, opts, in)
	switch {
	case err != nil:
		return nil, nil, err
	case place.Refused != "":
		return nil, nil, &refusal{fmt.Sprintf("%s has no account: %s", q.in, place.Refused), "ask where there are accounts"}
	}
	var out []trial.Question
	for _, a := range place.Accounts {
		if role != nil && !place.World.Makes(as, a) {
			continue
		}
		out = append(out, trial.Question{
			As: as, Account: a, Action: q.action, Resource: cmp.Or(q.resource, "*"), Context: context, UnknownIf: true,
		})
	}
	if len(out) == 0 {
		return nil, nil, &usageError{fmt.Sprintf("the role %s is not made in %s", role.Key, q.in), "ask where it is, or name a role that the file does not make"}
	}
	return place.World, out, nil
}

func selectors(o *org.Organization) []string {
	names := []string{org.RootSelector, org.ManagementSelector}
	for _, u := range o.Units {
		names = append(names, u.Path)
	}
	for _, a := range o.Accounts {
		names = append(names, a.Key)
	}
	return names
}

// seen is the question of a request that AWS has seen.
func (q *inquiry) seen(w *trial.World, r *observed.Request, context map[string][]string) ([]trial.Question, error) {
	out := trial.Question{
		As: r.Principal, AsArn: r.PrincipalArn, Action: r.Action, Resource: cmp.Or(q.resource, r.Resource, "*"), Owner: r.Owner,
		Context: map[string][]string{}, UnknownIf: !r.Complete,
	}
	for key, values := range r.Context {
		out.Context[strings.ToLower(key)] = values
	}
	for key, values := range context {
		out.Context[key] = values
	}
	if !r.Complete {
		for _, key := range []string{"aws:RequestedRegion", "aws:SecureTransport", "aws:ViaAWSService"} {
			if _, known := out.Context[strings.ToLower(key)]; !known {
				out.Unknown = append(out.Unknown, key)
			}
		}
	}
	out.Account = cmp.Or(w.AccountKey(r.Account), w.AccountKey(r.Owner))
	if out.Account == "" {
		what := "neither who asked nor the resource is of an account of the file"
		if r.Account != "" {
			what = fmt.Sprintf("who asked is of the account %s, which is not in the file, and neither is the resource's", r.Account)
		}
		return nil, &usageError{what, "an account of the file is known by its id"}
	}
	return []trial.Question{out}, nil
}

// A group is an answer, and the accounts that gave it.
type group struct {
	answer   *trial.Answer
	accounts []string
}

// answers asks all questions, and puts accounts with the same answer together.
func answers(w *trial.World, questions []trial.Question) ([]group, error) {
	var groups []group
next:
	for _, q := range questions {
		a, err := w.Ask(q)
		if err != nil {
			return nil, err
		}
		for i := range groups {
			if groups[i].answer.Same(a) {
				groups[i].accounts = append(groups[i].accounts, q.Account)
				continue next
			}
		}
		groups = append(groups, group{a, []string{q.Account}})
	}
	return groups, nil
}
