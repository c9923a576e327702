package compare

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// Who asks in a witness, unless its condition keys say otherwise, and whose
// account it is.
const (
	caller     = "arn:aws:iam::222222222222:role/Admin"
	account    = "222222222222"
	management = "111111111111"
)

// witness makes a request of a model, and has both sides decide it.
func (s *solver) witness(m model, allows, denies *side) (*Witness, error) {
	r := eval.Request{Principal: s.at(caller), Action: m[actionVar][0], Resource: m[resourceVar][0], Context: map[string][]string{}}
	for v := firstKey; v < len(m); v++ {
		if len(m[v]) > 0 {
			r.Context[s.vars[v].name] = m[v]
		}
	}
	if v, ok := s.keys["aws:principalarn"]; ok && len(m[v]) == 1 && canCall(m[v][0], allows.kind) {
		r.Principal = m[v][0]
	}
	r.ResourceAccount = accountOf(r.Resource)
	switch {
	case allows.kind == policy.ResourceControlPolicy && s.account != account:
		r.ResourceAccount = s.account
	case r.ResourceAccount == "":
		r.ResourceAccount = accountOf(r.Principal)
	}
	yes, err := allows.compile(&r)
	if err != nil {
		return nil, err
	}
	no, err := denies.compile(&r)
	if err != nil {
		return nil, err
	}
	differ := func() bool {
		return yes.Authorize(&r).Decision == eval.Allowed && no.Authorize(&r).Decision != eval.Allowed
	}
	if !differ() {
		return nil, errors.New("the evaluator decides the request that was found otherwise; this is a bug")
	}
	if arn := s.at(usualResource(r.Action)); r.Resource == "*" && arn != "" {
		if r.Resource = arn; !differ() {
			r.Resource = "*"
		}
	}
	w := &Witness{Request: r, Reason: reason(no.Explain(&r))}
	_, w.ActionKnown = awsdata.Action(r.Action)
	return w, nil
}

// at is a text about the account of witnesses, of the account that was given.
func (s *solver) at(text string) string { return strings.ReplaceAll(text, account, s.account) }

// Shows reports whether a request is one that the first set allows and the
// second does not: whether it is a witness for these two sets, too.
func Shows(kind policy.Kind, a, b []eval.Level, r *eval.Request) (bool, error) {
	allowed := [2]bool{}
	for i, levels := range [][]eval.Level{a, b} {
		set, err := (&side{kind: kind, levels: levels}).compile(r)
		if err != nil {
			return false, err
		}
		allowed[i] = set.Authorize(r).Decision == eval.Allowed
	}
	return allowed[0] && !allowed[1], nil
}

// usualResource is an ARN of a kind that an action takes; "" where AWS's data
// has none.
func usualResource(action string) string {
	a, ok := awsdata.Action(action)
	if !ok || len(a.Resources) == 0 {
		return ""
	}
	prefix, _, _ := strings.Cut(a.Name, ":")
	service, _ := awsdata.LookupService(prefix)
	kind, ok := service.Resource(a.Resources[0].Type)
	if !ok || len(kind.ARNs) == 0 {
		return ""
	}
	return placeholder.ReplaceAllStringFunc(kind.ARNs[0], func(p string) string {
		switch p {
		case "${Partition}":
			return "aws"
		case "${Region}":
			return "eu-central-1"
		case "${Account}":
			return account
		}
		return "example"
	})
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

// reason is why a request is not allowed, in one sentence.
func reason(x eval.Explanation) string {
	for _, r := range x.Reasons {
		if r.Decisive {
			return r.Text
		}
	}
	return ""
}

// compile makes a side ready for a request.
func (d *side) compile(r *eval.Request) (*eval.Set, error) {
	return eval.Compile(organization(r), around(d.kind, d.levels, r))
}

// organization is one that the accounts of a request belong to.
func organization(r *eval.Request) eval.Organization {
	return eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: management, Accounts: []string{accountOf(r.Principal), r.ResourceAccount}}
}

// around are policies of a kind with all that a request needs beside them:
// nothing else stands in its way.
func around(kind policy.Kind, levels []eval.Level, r *eval.Request) eval.Policies {
	all := policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}
	granted := []eval.Document{{Name: "everything", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{all}}}}
	all.Principal = &policy.Principal{AWS: policy.Values{accountOf(r.Principal)}}
	p := eval.Policies{Identity: granted, Resource: &eval.Document{Name: "the resource's", Policy: policy.Document{Version: policy.Version2012, Statements: []policy.Statement{all}}}}
	var docs []eval.Document
	for _, l := range levels {
		docs = append(docs, l.Policies...)
	}
	switch kind {
	case policy.ServiceControlPolicy:
		p.SCP = levels
	case policy.ResourceControlPolicy:
		p.RCP = levels
	case policy.IdentityPolicy:
		p.Identity = docs
	case policy.PermissionsBoundary:
		if p.Boundary = docs; len(docs) == 0 {
			p.Boundary = []eval.Document{{}} // there is one, and it allows nothing
		}
	}
	return p
}

// canCall reports whether the value of aws:PrincipalArn is that of a caller
// whom policies of a kind reach.
func canCall(arn string, kind policy.Kind) bool {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 || f[0] != "arn" || f[2] != "iam" || f[3] != "" || accountOf(arn) == "" || f[4] == management {
		return false
	}
	switch {
	case f[5] == "root":
		return kind == policy.ServiceControlPolicy || kind == policy.ResourceControlPolicy
	case strings.HasPrefix(f[5], "role/aws-service-role/"):
		return false
	}
	return strings.HasPrefix(f[5], "role/") || strings.HasPrefix(f[5], "user/")
}

// accountOf is the account in an ARN; "" where there is none.
func accountOf(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 || f[0] != "arn" || len(f[4]) != 12 || strings.Trim(f[4], "0123456789") != "" {
		return ""
	}
	return f[4]
}

// usual are values of condition keys that read well in a witness.
var usual = map[string][]string{
	"aws:principalarn":         {caller, "arn:aws:iam::222222222222:user/alice", "arn:aws:iam::222222222222:root"},
	"aws:requestedregion":      {"us-east-1", "eu-central-1", "ap-southeast-2"},
	"aws:principalaccount":     {account, "999999999999"},
	"aws:resourceaccount":      {account, "999999999999"},
	"aws:sourceaccount":        {account, "999999999999"},
	"aws:principalorgid":       {"o-a1b2c3d4e5", "o-zzzzzzzzzz"},
	"aws:resourceorgid":        {"o-a1b2c3d4e5", "o-zzzzzzzzzz"},
	"aws:sourceorgid":          {"o-a1b2c3d4e5", "o-zzzzzzzzzz"},
	"aws:sourcevpc":            {"vpc-0a1b2c3d4e5f60718"},
	"aws:sourcevpce":           {"vpce-0a1b2c3d4e5f60718"},
	"aws:username":             {"alice", "bob"},
	"aws:calledvia":            {"cloudformation.amazonaws.com"},
	"aws:principalservicename": {"cloudtrail.amazonaws.com"},
	"ec2:instancetype":         {"m5.large", "t3.micro"},
}

// common are values of a variable that are tried before any is made up.
func (s *solver) common(name, kind string, v int) []string {
	list := common(name, kind, v)
	if s.account == account {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		list[i] = s.at(list[i])
	}
	return list
}

func common(name, kind string, v int) []string {
	switch v {
	case actionVar:
		return []string{"s3:GetObject", "ec2:RunInstances", "iam:CreateRole", "kms:Decrypt", "sts:AssumeRole", "lambda:InvokeFunction", "dynamodb:GetItem", "sqs:SendMessage"}
	case resourceVar:
		return []string{"*", "arn:aws:s3:::example", "arn:aws:iam::222222222222:role/Example", "arn:aws:ec2:eu-central-1:222222222222:instance/i-0a1b2c3d4e5f60718"}
	}
	if list := usual[small(name)]; list != nil {
		return list
	}
	switch kind {
	case "Bool":
		return []string{"true", "false"}
	case "Numeric":
		return []string{"1", "0"}
	case "Date":
		return []string{"2026-11-22T12:00:00Z"}
	case "IPAddress":
		return []string{"203.0.113.9"}
	case "ARN":
		return []string{caller, "arn:aws:s3:::example"}
	}
	return []string{"example", "other"}
}

// knownActions are a few actions of AWS's data that a pattern matches.
func (s *solver) knownActions(pattern string) []string {
	list, ok := s.known[pattern]
	if !ok {
		for _, a := range awsdata.MatchActions(pattern) {
			if list = append(list, a.Name); len(list) == 8 {
				break
			}
		}
		s.known[pattern] = list
	}
	return list
}
