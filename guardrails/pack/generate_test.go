package pack_test

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// What random statements are made of: few words, so that they often merge and
// often cover each other, and services of few actions, so that they compact.
var (
	someActions = []string{
		"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoot", "STS:assumerole", "sts:GetCallerIdentity",
		"sts:TagSession", "sts:SetSourceIdentity", "account:CloseAccount", "account:DisableRegion", "account:EnableRegion", "account:ListRegions",
		"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "kms:Decrypt",
	}
	somePatterns = append([]string{"*", "sts:*", "sts:Assume*", "sts:*Role*", "account:*", "account:*Region", "s3:*", "s3:*Object", "s3:?etObject", "*:Get*", "k*:*"}, someActions...)
	// Not known to AWS; they are asked for where nothing is compacted.
	unknownActions = []string{"sts:AssumeRolf", "account:EnableMoon", "s3:GetObjects", "newservice:Do"}
	someResources  = []string{
		"arn:aws:s3:::b/x", "arn:aws:s3:::b/y", "arn:aws:s3:::c/x", "arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::333333333333:role/Dev",
		"arn:aws:kms:eu-west-1:222222222222:key/1", "arn:aws:iam::222222222222:role/a:role/Dev", "*",
	}
	resourcePatterns = append([]string{
		"arn:aws:s3:::b/*", "arn:aws:s3:::*", "arn:aws:s3:::?/x", "arn:*:s3:::b/x", "arn:aws:iam::*:role/Dev", "arn:aws:iam::*:role/*", "arn:aws:*:*:*:*",
		"arn:aws:iam::2*2:role/Dev", "arn:aws:iam::2*:role/Dev", "arn:aws:s3:::${aws:PrincipalTag/team}/x", "arn:aws:s3:::${*}", "arn:aws:s3:*", "*x",
	}, someResources...)
	someConditions = []policy.Conditions{
		nil, nil, nil, {},
		{"StringEquals": {"aws:RequestedRegion": {"eu-west-1"}}},
		{"StringEquals": {"aws:RequestedRegion": {"eu-west-1", "us-east-1"}}},
		{"StringEquals": {"aws:RequestedRegion": {"us-east-1", "eu-west-1"}, "aws:PrincipalTag/team": {"b"}}},
		{"StringNotEquals": {"aws:RequestedRegion": {"eu-west-1"}}},
		{"StringNotEqualsIfExists": {"aws:RequestedRegion": {"eu-west-1"}}},
		{"Bool": {"aws:ViaAWSService": {"false"}}},
		{"BoolIfExists": {"aws:ViaAWSService": {"false"}}, "StringEquals": {"aws:RequestedRegion": {"eu-west-1"}}},
		{"ForAnyValue:StringLike": {"aws:TagKeys": {"a*", "b"}}},
		{"Null": {"aws:RequestedRegion": {"true"}}},
	}
	somePrincipals = []*policy.Principal{
		{Everyone: true}, {Everyone: true}, {AWS: policy.Values{"222222222222"}}, {AWS: policy.Values{"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::333333333333:role/Dev"}},
		{AWS: policy.Values{"arn:aws:iam::222222222222:role/Dev"}},
	}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func some(r *rand.Rand, from []string, most int) policy.Values {
	vs := make(policy.Values, 1+r.IntN(most))
	for i := range vs {
		vs[i] = pick(r, from)
	}
	return vs
}

// A shape is what the statements of a case are like.
type shape struct {
	principals bool // of a resource's policy
	exact      bool // some may become wildcards
}

func someStatement(r *rand.Rand, s shape) policy.Statement {
	st := policy.Statement{Effect: policy.Deny, Condition: pick(r, someConditions), Sid: pick(r, []string{"", "", "A", "A", "B"})}
	if r.IntN(4) == 0 {
		st.Effect = policy.Allow
	}
	switch actions := some(r, somePatterns, 4); {
	case r.IntN(6) == 0:
		st.NotAction = actions
	case r.IntN(3) == 0:
		st.Action = some(r, someActions, 8)
	default:
		st.Action = actions
	}
	switch resources := some(r, resourcePatterns, 3); r.IntN(6) {
	case 0:
		st.NotResource = resources
	case 1, 2:
		st.Resource = resources
	default:
		st.Resource = policy.Values{"*"}
	}
	if s.principals {
		if st.Principal = pick(r, somePrincipals); r.IntN(6) == 0 {
			st.Principal, st.NotPrincipal = nil, st.Principal
		}
	}
	return st
}

func someStatements(r *rand.Rand, s shape) []pack.Statement {
	var out []pack.Statement
	for g := range 1 + r.IntN(6) {
		for i := range 1 + r.IntN(4) {
			st := pack.Statement{ID: pack.ID{Guardrail: fmt.Sprint("guardrail-", g), Position: i}, Statement: someStatement(r, s)}
			if s.exact && r.IntN(3) > 0 {
				st.Compact = pack.Exact
			}
			if r.IntN(8) == 0 {
				st.Group = "later"
			}
			out = append(out, st)
		}
	}
	return out
}

func someRequest(r *rand.Rand, s shape) *eval.Request {
	q := &eval.Request{
		Principal: pick(r, []string{"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::222222222222:role/Ops", "arn:aws:iam::333333333333:role/Dev"}),
		Action:    pick(r, someActions), Resource: pick(r, someResources), ResourceAccount: "222222222222",
		Context: map[string][]string{},
	}
	if !s.exact && r.IntN(4) == 0 {
		q.Action = pick(r, unknownActions)
	}
	keys := map[string][]string{
		"aws:RequestedRegion": {"eu-west-1", "us-east-1", "eu-north-1"}, "aws:PrincipalTag/team": {"b", "c"}, "aws:ViaAWSService": {"true", "false"}, "aws:TagKeys": {"a1", "b", "c"},
	}
	for _, key := range []string{"aws:RequestedRegion", "aws:PrincipalTag/team", "aws:ViaAWSService", "aws:TagKeys"} {
		switch r.IntN(5) {
		case 0: // missing
		case 1:
			if r.IntN(3) == 0 {
				q.Unknown = append(q.Unknown, key)
			}
		default:
			q.Context[key] = []string{pick(r, keys[key])}
		}
	}
	return q
}

// policies are documents with all that a request needs beside them.
func policies(s shape, docs []policy.Document) eval.Policies {
	all := policy.Document{Version: policy.Version2012, Statements: []policy.Statement{{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}}}}
	p := eval.Policies{Identity: []eval.Document{{Policy: all}}}
	if s.principals {
		together := policy.Document{Version: policy.Version2012}
		for _, d := range docs {
			together.Statements = append(together.Statements, d.Statements...)
		}
		p.Resource = &eval.Document{Policy: together}
		return p
	}
	level := eval.Level{ID: "node"}
	for _, d := range docs {
		level.Policies = append(level.Policies, eval.Document{Policy: d})
	}
	p.SCP = []eval.Level{level}
	return p
}

var organization = eval.Organization{ID: "o-a1b2c3d4e5", ManagementAccount: "111111111111", Accounts: []string{"222222222222", "333333333333"}}

// A pair answers by the statements as they were wanted, one to a document, and
// by the documents that they became.
type pair struct{ wanted, packed *eval.Set }

func compare(s shape, statements []pack.Statement, packed []policy.Document) (pair, error) {
	var docs []policy.Document
	for _, st := range statements {
		docs = append(docs, policy.Document{Version: policy.Version2012, Statements: []policy.Statement{st.Statement}})
	}
	wanted, err := eval.Compile(organization, policies(s, docs))
	if err != nil {
		return pair{}, err
	}
	after, err := eval.Compile(organization, policies(s, packed))
	return pair{wanted, after}, err
}

// differs says how the answers to a request differ; "" where they do not.
func (p pair) differs(q *eval.Request) string {
	a, b := p.wanted.Authorize(q), p.packed.Authorize(q)
	if a.Decision == b.Decision && slices.Equal(a.BlockedBy, b.BlockedBy) && slices.Equal(a.DependsOn, b.DependsOn) {
		return ""
	}
	return fmt.Sprintf("%s on %s by %s with %v (unknown %v): wanted %+v, packed %+v", q.Action, q.Resource, q.Principal, q.Context, q.Unknown, a, b)
}
