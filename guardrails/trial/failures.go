package trial

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
)

// Diagnostics say of each test that failed what was expected, what happened,
// which statement of which guardrail decided, and where that was asked for.
func Diagnostics(o *org.Organization, results []Result) diag.Diagnostics {
	var ds diag.Diagnostics
	for i := range results {
		r := &results[i]
		if r.Problem != "" {
			ds.Errorf(r.Test.Range, "GR370", "test %q cannot be asked: %s", r.Test.Name, r.Problem).Hint = "ask in another place, or make what it asks about possible"
		}
		for _, f := range r.Failures {
			r.failure(o, &ds, f)
		}
	}
	return ds
}

func (r *Result) failure(o *org.Organization, ds *diag.Diagnostics, f *Failure) {
	t := r.Test
	where := Where(f.Accounts)
	if r.Hypothetical {
		where = "a new account of " + t.In.String()
	}
	d := ds.Errorf(t.Range, f.Code, "test %q: in %s expected %s, but %s", t.Name, where, expected(t), f.Answer.Happened())
	d.Hint = f.hint(t)
	seen := map[string]bool{}
	for _, x := range f.Answer.Deciders() {
		if x.Origin == "" || seen[x.Origin] {
			continue
		}
		seen[x.Origin] = true
		d.Related = append(d.Related, diag.Related{Range: Locate(o, x.Origin), Message: x.asked()})
	}
}

func expected(t *org.Test) string {
	if t.By != "" {
		return "deny by " + t.By
	}
	return t.Expect
}

// hint is which line to change, and to what.
func (f Failure) hint(t *org.Test) string {
	a := f.Answer
	switch {
	case f.Code == "GR371" && len(a.Guardrails()) > 0:
		return "if that is right, change by to " + strings.Join(a.Guardrails(), " or ")
	case f.Code == "GR371":
		return "if that is right, remove by"
	case t.Expect == "allow" && a.excepted():
		return `an exception would spare it: "orgrails explain" writes one; if the denial is right, change expect to deny`
	case t.Expect == "allow":
		return "if the denial is right, change expect to deny"
	case t.By == guardrails.AllowList:
		return fmt.Sprintf("give %s or a node above it an allowList without it; if it may pass, change expect to allow", t.In.String())
	case t.By != "":
		return fmt.Sprintf("ask for %s in %s or above, or see what spares the request; if it may pass, change expect to allow", t.By, t.In.String())
	}
	return "ask for a guardrail that denies it; if it may pass, change expect to allow"
}

// excepted reports whether all that denies is such that exceptions are from it.
func (a *Answer) excepted() bool {
	return !slices.ContainsFunc(a.Deciders(), func(d Decider) bool {
		return d.Guardrail == "" || d.Layer != eval.SCP && d.Layer != eval.RCP
	})
}

// asked says what the place of a statement is.
func (d Decider) asked() string {
	what := d.Name()
	switch {
	case d.Guardrail != "":
		return "asked for here: " + d.Guardrail + ", " + what
	case d.Layer == eval.Identity:
		return "the role is here, " + what
	}
	return what
}

// Name is a statement and its document.
func (d Decider) Name() string {
	switch {
	case d.Statement < 0:
		return d.Document
	case d.Sid != "":
		return "statement " + d.Sid + " of " + d.Document
	}
	return "statement " + strconv.Itoa(d.Statement+1) + " of " + d.Document
}

// Happened is the decision in a few words.
func (a *Answer) Happened() string {
	if a.Decision == eval.Allowed {
		return "nothing denies it"
	}
	if a.Decision == eval.Depends {
		return "that depends on " + strings.Join(a.DependsOn, ", ")
	}
	var by []string
	for _, d := range a.Deciders() {
		what := cmp.Or(d.Guardrail, Words(d.Layer))
		if d.Statement < 0 || d.Effect == "Allow" {
			what = d.Text
		}
		if !slices.Contains(by, what) {
			by = append(by, what)
		}
	}
	if len(by) == 0 {
		return "it is denied"
	}
	if a.Decision == eval.ImplicitlyDenied {
		return strings.Join(by, "; ")
	}
	return "it is denied by " + strings.Join(by, " and ")
}

// Words is a layer as people speak of it.
func Words(l eval.Layer) string {
	switch l {
	case eval.SCP:
		return "a service control policy"
	case eval.RCP:
		return "a resource control policy"
	case eval.VPCE:
		return "the policy of a VPC endpoint"
	case eval.Resource:
		return "the resource's own policy"
	case eval.Identity:
		return "an identity policy"
	case eval.Boundary:
		return "the permissions boundary"
	case eval.Session:
		return "the session policy"
	}
	panic("trial: no layer " + string(l))
}

// Where names up to three accounts, and counts the others.
func Where(accounts []string) string {
	shown := accounts[:min(3, len(accounts))]
	list := strings.Join(shown, ", ")
	if more := len(accounts) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
