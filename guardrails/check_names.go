package guardrails

import (
	"regexp"
	"slices"
	"strings"
)

// The grammar of names and paths of IAM, narrower for paths: AWS takes any
// printable character in one, and with a colon or a wildcard it can look like
// another's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var (
	iamName = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,128}$`)
	iamPath = regexp.MustCompile(`^/([A-Za-z0-9_+=,.@-]+/)*$`)
	// A managed policy made elsewhere: AWS's, or one of the account itself.
	managedARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(aws|[0-9]{12}):policy/([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+$`)
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
)

// reserved are paths under which AWS alone makes roles, and guardrails take its word.
var reserved = []string{"/aws-reserved/", "/aws-service-role/"}

// names checks what is made in an account under a name: that the name is one,
// that no role takes the place of the deploy role or stands where only AWS
// makes roles, that no trust is in everyone, and that boundaries are those that
// the plan puts into the account.
func (c *checker) names(b *Baseline) {
	named := func(what, name, path string) {
		ok, known := c.plain[[2]string{name, path}]
		if !known {
			ok = iamName.MatchString(name) && iamPath.MatchString(path)
			c.plain[[2]string{name, path}] = ok
		}
		if !ok {
			c.errorf("%s of %s has the name %q and the path %q, which IAM or orgrails does not take", what, b.Account, name, path)
		}
	}
	policies := func(list []ManagedPolicy) {
		for _, m := range list {
			named("a managed policy", m.Name, m.Path)
		}
	}
	policies(b.Boundaries)
	for i := range b.Roles {
		r := &b.Roles[i]
		named("a role", r.Name, r.Path)
		policies(r.Policies)
		what := "role " + r.Name + " of " + b.Account
		if strings.EqualFold(r.Name, c.p.Organization.DeployRole) {
			c.errorf("%s has the name of the deploy role", what)
		}
		if slices.ContainsFunc(reserved, func(path string) bool { return strings.HasPrefix(r.Path, path) }) {
			c.errorf("%s has the path %s, where AWS makes roles", what, r.Path)
		}
		if c.read(r.Trust).everyone {
			c.errorf("%s trusts everyone", what)
		}
		for _, m := range r.ManagedPolicies {
			if !managedARN.MatchString(c.filled(b, m)) {
				c.errorf("%s has the managed policy %q", what, m)
			}
		}
		c.boundary(what, b, r.Boundary)
	}
	for i := range b.Groups {
		named("a group", b.Groups[i].Name, b.Groups[i].Path)
		policies([]ManagedPolicy{b.Groups[i].Policy})
	}
}

// everyone reports whether a statement of a canonical document names everyone
// as principal, or all but some. Inside of a string every quote is escaped, so
// that nothing else is spelled like that. A statement that denies to everyone
// trusts nobody, as long as it says so itself, and only there.
func everyone(statement string) bool {
	if deniesOnly.MatchString(statement) && strings.Count(strings.ToLower(statement), `"effect":`) == 1 {
		return strings.Contains(statement, `"NotPrincipal":`)
	}
	for _, s := range []string{`"Principal":"*"`, `"AWS":"*"`, `"AWS":["*"`, `"Federated":"*"`, `"Service":"*"`, `"NotPrincipal":`} {
		if strings.Contains(statement, s) {
			return true
		}
	}
	return false
}

var deniesOnly = regexp.MustCompile(`^\{("Sid":"[A-Za-z0-9]*",)?"Effect":"Deny",`)

// filled is a text in which the account itself has an id; any other reference stays.
func (c *checker) filled(b *Baseline, t Text) string {
	return strings.ReplaceAll(string(t), string(Ref("account:"+b.Account)), "000000000000")
}

// boundary checks that a role's boundary is a policy that the plan puts into the
// same account.
func (c *checker) boundary(what string, b *Baseline, arn Text) {
	if arn == "" {
		return
	}
	for _, m := range b.Boundaries {
		if arn == Text("arn:"+c.p.Organization.Partition+":iam::")+Ref("account:"+b.Account)+Text(":policy"+m.Path+m.Name) {
			return
		}
	}
	c.errorf("%s has the boundary %q, which the plan does not put into its account", what, arn)
}

// excluded checks that an analyzer excludes accounts.
func (c *checker) excluded(a *Analyzer) {
	for _, x := range a.ExcludeAccounts {
		if refs := x.Refs(); accountID.MatchString(string(x)) || len(refs) == 1 && x == Ref(refs[0]) && strings.HasPrefix(refs[0], "account:") {
			continue
		}
		c.errorf("analyzer %s excludes %q, which is no account", a.Name, x)
	}
}
