package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// For every service and every set of levels, the list matches exactly the
// actions of these levels, holds nothing that it could do without, and names
// in full whatever changes something.
func TestActionsAreExactAndMinimal(t *testing.T) {
	for _, service := range awsdata.ServicePrefixes() {
		all := awsdata.Actions(service)
		for set := range 1 << len(Levels()) {
			var levels []string
			for i, l := range Levels() {
				if set&(1<<i) != 0 {
					levels = append(levels, l)
				}
			}
			matched := map[string]int{}
			list := Actions(service, levels)
			for _, pattern := range list {
				found := awsdata.MatchActions(pattern)
				if len(found) == 0 {
					t.Fatalf("%s %v: %s matches nothing", service, levels, pattern)
				}
				for _, a := range found {
					matched[a.Name]++
					if strings.HasSuffix(pattern, "*") && len(list) > 1 && a.Level != awsdata.List && a.Level != awsdata.Read {
						t.Fatalf("%s %v: %s matches %s, which is %s", service, levels, pattern, a.Name, a.Level)
					}
				}
			}
			for _, a := range all {
				want := 0
				if slices.Contains(levels, spelled(a.Level)) {
					want = 1
				}
				if matched[a.Name] != want {
					t.Fatalf("%s %v: %s is matched %d times", service, levels, a.Name, matched[a.Name])
				}
			}
			if !slices.IsSorted(list) {
				t.Fatalf("%s %v: %v", service, levels, list)
			}
		}
	}
}

func TestActions(t *testing.T) {
	for _, c := range []struct {
		service string
		levels  []string
		want    string
	}{
		{"kms", []string{"list", "read"}, "kms:Describe* kms:Get* kms:List*"},
		{"kms", Levels(), "kms:*"},
		{"KMS", Levels(), "kms:*"},
		{"ec2", []string{"tagging"}, "ec2:CreateTags ec2:DeleteTags"},
		{"nothing", []string{"list"}, ""},
		{"kms", nil, ""},
	} {
		if got := strings.Join(Actions(c.service, c.levels), " "); got != c.want {
			t.Errorf("%s %v: %s", c.service, c.levels, got)
		}
	}
	if got := Actions("s3", []string{"list", "read"}); !slices.Contains(got, "s3:Get*") || !slices.Contains(got, "s3:List*") || len(got) > 6 {
		t.Errorf("%v", got)
	}
	if got := Actions("s3", []string{"permissions-management"}); !slices.Contains(got, "s3:PutBucketAcl") || slices.ContainsFunc(got, func(a string) bool { return strings.Contains(a, "*") }) {
		t.Errorf("%v", got)
	}
	if got := Missing("kms", []string{"list", "tagging", "write"}); got != nil && len(got) > 0 {
		t.Errorf("%v", got)
	}
	if got := Missing("sts", []string{"read", "permissions-management"}); !slices.Equal(got, []string{"permissions-management"}) {
		t.Errorf("%v", got)
	}
}

func summarize(t *testing.T, text string) Summary {
	t.Helper()
	d, ds := policy.Parse("policy.json", []byte(text))
	if len(ds) > 0 {
		t.Fatalf("%+v", ds)
	}
	return Summarize(d)
}

func level(t *testing.T, list []Service, service string, l awsdata.AccessLevel) Level {
	t.Helper()
	for _, s := range list {
		for _, have := range s.Levels {
			if s.Service == service && have.Level == l {
				return have
			}
		}
	}
	return Level{}
}

func TestSummarize(t *testing.T) {
	s := summarize(t, `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["s3:ListAllMyBuckets", "s3:PutBucketAcl", "s3:Frobnicate"], "Resource": "*"},
		{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::logs/*"},
		{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"},
		{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
		{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}`)
	if len(s.Allow) != 1 || s.Allow[0].Name != "Amazon S3" || len(s.Allow[0].Levels) != 4 || len(s.Deny) != 1 || !slices.Equal(s.Unknown, []string{"s3:Frobnicate"}) {
		t.Fatalf("%+v", s)
	}
	if l := level(t, s.Allow, "s3", awsdata.Read); !slices.Equal(l.Narrowed, []string{"s3:GetObject"}) || l.Of < 50 || l.Full() {
		t.Errorf("%+v", l)
	}
	// One statement that does not narrow is enough, wherever it stands.
	if l := level(t, s.Allow, "s3", awsdata.Write); !slices.Equal(l.Actions, []string{"s3:PutObject"}) || len(l.Narrowed) != 0 {
		t.Errorf("%+v", l)
	}
	if l := level(t, s.Allow, "s3", awsdata.PermissionsManagement); !slices.Equal(l.Actions, []string{"s3:PutBucketAcl"}) {
		t.Errorf("%+v", l)
	}
	if l := level(t, s.Deny, "kms", awsdata.Write); !l.Full() || !l.Narrow() || !s.Deny[0].Full || s.Allow[0].Full {
		t.Errorf("%+v", l)
	}
}

func TestSummarizeWhatIsLeftOut(t *testing.T) {
	s := summarize(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": ["iam:*", "sts:Get*", "a4c:*"], "Resource": "*"}}`)
	if len(s.Allow) != 0 || len(s.Deny) < 400 || !slices.Equal(s.Unknown, []string{"a4c:*"}) {
		t.Fatalf("%d services, %v", len(s.Deny), s.Unknown)
	}
	if l := level(t, s.Deny, "iam", awsdata.Read); l.Of != 0 {
		t.Errorf("%+v", l)
	}
	if l := level(t, s.Deny, "sts", awsdata.Read); slices.Contains(l.Actions, "sts:GetCallerIdentity") {
		t.Errorf("%+v", l)
	}
	if l := level(t, s.Deny, "ec2", awsdata.Write); !l.Full() || l.Narrow() {
		t.Errorf("%+v", l)
	}
	for _, narrow := range []string{
		`"Principal": {"AWS": "111111111111"}, "Action": "s3:GetObject", "Resource": "*"`,
		`"Principal": "*", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::logs/*"`,
		`"NotPrincipal": {"AWS": "111111111111"}, "Action": "s3:GetObject", "Resource": "*"`,
	} {
		s := summarize(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", `+narrow+`}}`)
		if l := level(t, s.Deny, "s3", awsdata.Read); len(l.Narrowed) != 1 {
			t.Errorf("%s: %+v", narrow, l)
		}
	}
	if s := summarize(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}`); len(level(t, s.Deny, "s3", awsdata.Read).Narrowed) != 0 {
		t.Error("everyone is nobody left out")
	}
}

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		service, level, of string
		want               bool
	}{
		{"s3", "read", "s3", true},
		{"s3", "read", "ec2", false},
		{"kms", "tagging", "kms", true},
		{"ec2", "write", "elasticloadbalancing", false},
		{"nothing", "read", "s3", false},
	} {
		if got := Takes(c.service, []string{c.level}, c.of); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestServiceNamed(t *testing.T) {
	for text, want := range map[string]string{"step-functions": "states", "cloudwatch-logs": "logs", "EventBridge": "events", "dynamo": "dynamodb", "s4": "", "nosuchservice": ""} {
		if s, _ := ServiceNamed(text); s.Prefix != want {
			t.Errorf("%s: %s", text, s.Prefix)
		}
	}
}
