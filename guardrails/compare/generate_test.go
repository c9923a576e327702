package compare

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// What random sets are made of: few words, so that they often meet.
var (
	someActions = []string{"s3:GetObject", "S3:getobject", "s3:PutObject", "s3:GetBucketAcl", "kms:Decrypt", "kms:RetireGrant", "ec2:RunInstances", "iam:GetUser", "made:Up"}
	someActionP = []string{"*", "s3:*", "s3:Get*", "S3:*object", "s3:?etObject", "ec2:*", "*:Get*", "*:*", "kms:Dec*t", "k?s:*", "s3:*et*", "*User"}
	someTargets = []string{"arn:aws:s3:::b/x", "arn:aws:s3:::b/X", "arn:aws:s3:::b/alice/x", "arn:aws:kms:eu-west-1:222222222222:key/1", "arn:aws:kms:eu-west-1:222222222222:alias/aws/s3", "*", "arn:aws:s3:::bb/a:b"}
	someTargetP = []string{"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/?", "arn:*:s3:::*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:PrincipalTag/team, 'x'}", "arn:aws:*:*:*:key/*", "arn:aws:s3:::${*}", "arn:aws:s3*:::b*", "arn:*"}
	// key: the values that requests have of it, and whether they have several.
	someKeys = []struct {
		name   string
		values []string
		multi  bool
		ops    []string
	}{
		{"aws:RequestedRegion", []string{"us-east-1", "eu-west-1", "eu-central-1", "", "US-EAST-1", "eu-*"}, false, []string{"String"}},
		{"aws:PrincipalArn", []string{"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::222222222222:role/Ops", "arn:aws:iam::333333333333:user/alice", "arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:user/x:role/Dev"}, false, []string{"String", "Arn", "Arn", "Arn"}},
		{"aws:SecureTransport", []string{"true", "false"}, false, []string{"Bool", "Bool", "String"}},
		{"aws:MultiFactorAuthAge", []string{"1", "1.0", "2", "0.5", "10", "99", "-1"}, false, []string{"Numeric"}},
		{"aws:CurrentTime", []string{"2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2027-06-01T00:00:00Z", "2026-06-01T00:00:00.5Z", "1780272000"}, false, []string{"Date"}},
		{"aws:SourceIp", []string{"10.1.2.3", "10.2.0.1", "10.200.0.1", "192.0.2.1", "2001:db8::1", "::ffff:10.1.2.3"}, false, []string{"Ip"}},
		{"aws:TagKeys", []string{"a", "A", "b", "ab", "", "c"}, true, []string{"String"}},
		{"aws:PrincipalTag/Team", []string{"a", "A", "x", "alice", "", "b*"}, false, []string{"String"}},
		{"aws:username", []string{"alice", "x", "a", "", "*"}, false, []string{"String"}},
		{"my:free", []string{"a", "1", "true", "2026", "10.1.2.3", "", "1.0", "x*"}, false, []string{"String", "Numeric", "Bool", "Binary"}},
		{"my:number", []string{"1", "1.0", "2", "0.5", "many", ""}, false, []string{"Numeric"}},
	}
	someValues = map[string][]string{
		"String":  {"a", "A", "alice", "a*", "*", "?lice", "", "x", "${aws:username}", "${aws:PrincipalTag/Team, 'x'}", "eu-*", "eu-west-1", "us-east-1", "b${*}", "true", "*b", "arn:aws:iam::*:role/Dev"},
		"Arn":     {"arn:aws:iam::222222222222:role/Dev", "arn:aws:iam::*:role/*", "arn:*:*:*:*:*", "*", "arn:aws:iam::222222222222:user/${aws:username}", "arn:aws:iam::2222*:*", "arn:aws:iam::*:role/Dev", "nothing", "arn:aws:iam::*:root"},
		"Numeric": {"1", "1.0", "2", "-1", "0.5", "10", "many", "1e1"},
		"Date":    {"2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2027-06-01T00:00:00Z", "never", "2026"},
		"Bool":    {"true", "false", "TRUE", "maybe"},
		"Binary":  {"a", "1"},
		"Ip":      {"10.0.0.0/8", "10.0.0.0/9", "10.1.2.3", "10.1.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "nowhere"},
	}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func picks(r *rand.Rand, list []string, most int) policy.Values {
	var out policy.Values
	for range 1 + r.IntN(most) {
		out = append(out, pick(r, list))
	}
	return out
}

func someConditions(r *rand.Rand) policy.Conditions {
	cs := policy.Conditions{}
	for range pick(r, []int{0, 0, 1, 1, 2}) {
		key := pick(r, someKeys)
		if r.IntN(8) == 0 {
			cs["Null"] = map[string]policy.Values{key.name: {pick(r, []string{"true", "false"})}}
			continue
		}
		family := pick(r, key.ops)
		var ops []string
		for _, op := range policy.Operators() {
			if strings.HasPrefix(strings.TrimPrefix(op, "Not"), family) {
				ops = append(ops, op)
			}
		}
		name := pick(r, ops)
		if key.multi && r.IntN(3) > 0 {
			name = pick(r, []string{"ForAllValues:", "ForAnyValue:"}) + name
		}
		if r.IntN(3) == 0 {
			name += "IfExists"
		}
		if cs[name] == nil {
			cs[name] = map[string]policy.Values{}
		}
		cs[name][key.name] = picks(r, someValues[family], 2)
	}
	if len(cs) == 0 {
		return nil
	}
	return cs
}

func someStatement(r *rand.Rand, effect policy.Effect) policy.Statement {
	s := policy.Statement{Effect: effect}
	patterns := slices.Concat(someActions, someActionP)
	if r.IntN(5) > 0 {
		s.Action = picks(r, patterns, 3)
	} else {
		s.NotAction = picks(r, patterns, 3)
	}
	targets := slices.Concat(someTargets, someTargetP)
	switch n := r.IntN(10); {
	case n < 5:
		s.Resource = policy.Values{"*"}
	case n < 8:
		s.Resource = picks(r, targets, 2)
	default:
		s.NotResource = picks(r, targets, 2)
	}
	s.Condition = someConditions(r)
	return s
}

func someSet(r *rand.Rand, kind policy.Kind) []eval.Level {
	levels := 1
	if kind == policy.ServiceControlPolicy {
		levels += r.IntN(2)
	}
	var out []eval.Level
	for range levels {
		d := policy.Document{Version: policy.Version2012}
		for range r.IntN(4) {
			d.Statements = append(d.Statements, someStatement(r, policy.Deny))
		}
		switch {
		case kind == policy.ResourceControlPolicy:
			for i := range d.Statements {
				d.Statements[i].Principal = &policy.Principal{Everyone: true}
			}
		case r.IntN(3) > 0:
			d.Statements = append(d.Statements, policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"}})
		default:
			for range 1 + r.IntN(3) {
				d.Statements = append(d.Statements, someStatement(r, policy.Allow))
			}
		}
		out = append(out, eval.Level{Policies: []eval.Document{{Policy: d}}})
	}
	return out
}

// mutate changes one thing of a copy of a set: a statement, an action, a
// character of a pattern, a condition, a value of one.
func mutate(r *rand.Rand, levels []eval.Level) []eval.Level {
	out := slices.Clone(levels)
	i := r.IntN(len(out))
	out[i].Policies = slices.Clone(out[i].Policies)
	d := &out[i].Policies[0].Policy
	d.Statements = slices.Clone(d.Statements)
	if len(d.Statements) == 0 {
		d.Statements = append(d.Statements, someStatement(r, policy.Deny))
		return out
	}
	j := r.IntN(len(d.Statements))
	st := &d.Statements[j]
	switch r.IntN(7) {
	case 0:
		d.Statements = slices.Delete(d.Statements, j, j+1)
	case 1:
		d.Statements = append(d.Statements, someStatement(r, policy.Deny))
		d.Statements[len(d.Statements)-1].Principal = st.Principal
	case 2:
		for _, list := range []*policy.Values{&st.Action, &st.NotAction} {
			if *list != nil {
				*list = changed(r, *list, someActionP)
			}
		}
	case 3:
		for _, list := range []*policy.Values{&st.Resource, &st.NotResource} {
			if *list != nil {
				*list = changed(r, *list, someTargetP)
			}
		}
	case 4:
		st.Condition = someConditions(r)
	default:
		cs := policy.Conditions{}
		for op, keys := range st.Condition {
			cs[op] = map[string]policy.Values{}
			for key, list := range keys {
				if r.IntN(2) == 0 {
					list = changed(r, list, []string{"a", "1", "true"})
				}
				if r.IntN(8) == 0 && !strings.HasPrefix(op, "Null") {
					op := strings.TrimSuffix(op, "IfExists")
					if cs[op] == nil {
						cs[op] = map[string]policy.Values{}
					}
					cs[op][key] = list
					continue
				}
				cs[op][key] = list
			}
		}
		st.Condition = cs
	}
	return out
}

func changed(r *rand.Rand, list policy.Values, from []string) policy.Values {
	list = slices.Clone(list)
	i := r.IntN(len(list))
	switch r.IntN(4) {
	case 0:
		if len(list) > 1 {
			return slices.Delete(list, i, i+1)
		}
		return append(list, pick(r, from))
	case 1:
		return append(list, pick(r, from))
	case 2:
		list[i] = pick(r, from)
	default:
		if t := list[i]; len(t) > 5 {
			list[i] = t[:len(t)-1] + pick(r, []string{"", "*", "?", "x"})
		}
	}
	return list
}

// someRequest is about what the sets are made of. All are of one caller and
// one account, so that a set need be made ready but once.
func someRequest(r *rand.Rand) *eval.Request {
	q := &eval.Request{Principal: caller, ResourceAccount: account, Action: pick(r, someActions), Resource: pick(r, someTargets), Context: map[string][]string{}}
	for range r.IntN(6) {
		key := pick(r, someKeys)
		values := []string{pick(r, key.values)}
		if key.multi {
			for range r.IntN(3) {
				values = append(values, pick(r, key.values))
			}
		}
		q.Context[key.name] = values
	}
	return q
}
