package trial

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/eval"
)

func region(name string) map[string][]string {
	return map[string][]string{"aws:RequestedRegion": {name}}
}

// Who asks, where, for what: the decision and the guardrails behind it.
func TestAsk(t *testing.T) {
	f := load(t, base)
	for _, q := range []struct {
		Question
		want string
	}{
		{Question{As: "role/Anyone", Account: "shop", Action: "ec2:RunInstances", Resource: "*"}, "Allowed"}, // in the home Region
		{Question{As: "role/Anyone", Account: "shop", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "user/Anyone", Account: "lonely", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "root", Account: "dev", Action: "ec2:RunInstances", Resource: "*", Context: map[string][]string{"AWS:requestedregion": {"us-east-1"}}}, "ExplicitlyDenied restrict-regions"},
		// SCPs do not reach the management account.
		{Question{As: "role/Anyone", Account: "management", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "Allowed"},
		// The exception holds for its principal, with its path, in its account, for its action.
		{Question{As: "role/platform/Models", Account: "shop", Action: "bedrock:InvokeModel", Resource: "*", Context: region("us-east-1")}, "Allowed"},
		{Question{As: "role/Models", Account: "shop", Action: "bedrock:InvokeModel", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "role/platform/Models", Account: "dev", Action: "bedrock:InvokeModel", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		{Question{As: "role/platform/Models", Account: "shop", Action: "bedrock:GetAgent", Resource: "*", Context: region("us-east-1")}, "ExplicitlyDenied restrict-regions"},
		// Guardrails of a unit hold below it alone.
		{Question{As: "role/Anyone", Account: "dev", Action: "cloudtrail:StopLogging", Resource: "arn:aws:cloudtrail:eu-central-1:333333333333:trail/org-trail"}, "ExplicitlyDenied protect-cloudtrail"},
		{Question{As: "role/Anyone", Account: "lonely", Action: "cloudtrail:StopLogging", Resource: "arn:aws:cloudtrail:eu-central-1:222222222222:trail/org-trail"}, "Allowed"},
		// A role of the file may do what its policies say; managed policies are taken to allow.
		{Question{As: "role/Administrator", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "Allowed"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "s3:GetObject", Resource: "*"}, "Allowed"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "ImplicitlyDenied"},
		{Question{As: "role/Reader", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "Allowed"}, // another role
		{Question{As: "role/people/Reader", Account: "lonely", Action: "s3:PutObject", Resource: "*"}, "Allowed"},
		// Its boundary holds too.
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:CreateRole", Resource: "*"}, "ExplicitlyDenied require-permissions-boundary developer-boundary"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:AttachGroupPolicy", Resource: "*"}, "ExplicitlyDenied developer-boundary"},
		// A session is its role.
		{Question{As: "arn:aws:sts::444444444444:assumed-role/Reader/x", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "ImplicitlyDenied"},
		{Question{As: "arn:aws:sts::444444444444:assumed-role/Models/x", AsArn: "arn:aws:iam::444444444444:role/platform/Models", Account: "shop", Action: "bedrock:InvokeModel", Resource: "*", Context: region("us-east-1")}, "Allowed"},
		{Question{As: "arn:aws:sts::444444444444:assumed-role/Reader/x", AsArn: "arn:aws:iam::444444444444:role/other/Reader", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "Allowed"},
		// RCPs are those of the resource's account, whoever asks.
		{Question{As: "arn:aws:iam::999999999999:role/Partner", Account: "shop", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:444444444444:jobs"}, "ExplicitlyDenied data-perimeter-identity"},
		{Question{As: "arn:aws:iam::999999999999:role/Partner", Account: "lonely", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:222222222222:jobs"}, "Allowed"},
		{Question{As: "", Account: "shop", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Owner: "444444444444"}, "ExplicitlyDenied data-perimeter-identity"},
		{Question{As: "cloudfront.amazonaws.com", Account: "shop", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}, "Allowed"},
		{Question{As: "role/Anyone", Account: "lonely", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:444444444444:jobs"}, "Allowed"}, // of the organization
		// What is not known is unknown when it is asked for so.
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:AttachRolePolicy", Resource: "*", UnknownIf: true}, "Depends require-permissions-boundary developer-boundary"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:AttachRolePolicy", Resource: "*", UnknownIf: true,
			Context: map[string][]string{"iam:PermissionsBoundary": {"arn:aws:iam::444444444444:policy/developer"}}}, "Allowed"},
	} {
		a := f.ask(t, q.Question)
		got := strings.TrimSpace(a.Decision.String() + " " + strings.Join(a.Guardrails(), " "))
		if a.Decision == eval.Allowed {
			got = "Allowed"
		}
		if got != q.want {
			t.Errorf("%+v\n got %s\nwant %s", q.Question, got, q.want)
		}
		r, err := f.world.Decide(q.Question)
		if err != nil || r.Decision != a.Decision {
			t.Errorf("%+v: %v without reasons, %v", q.Question, r.Decision, err)
		}
		for _, d := range a.Deciders() {
			if d.Guardrail != "" && !strings.HasPrefix(d.Origin, "organization.yaml:") {
				t.Errorf("%+v: %s comes from %q", q.Question, d.Name(), d.Origin)
			}
		}
	}
	if _, err := f.world.Ask(Question{As: "root", Account: "nobody", Action: "s3:GetObject", Resource: "*"}); err == nil {
		t.Error("an unknown account is taken")
	}
}

// The context of a request is what follows from it, unless it is given.
func TestContext(t *testing.T) {
	f := load(t, base)
	a := f.ask(t, Question{As: "user/people/alice", Account: "shop", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: map[string][]string{"aws:SecureTransport": {"false"}, "aws:ViaAWSService": {}}, Unknown: []string{"AWS:RequestedRegion"}})
	for key, want := range map[string]string{
		"aws:principalarn": "arn:aws:iam::444444444444:user/people/alice", "aws:username": "alice", "aws:principaltype": "User",
		"aws:principalaccount": "444444444444", "aws:principalorgid": "o-a1b2c3d4e5", "aws:resourceaccount": "444444444444",
		"aws:securetransport": "false", "aws:viaawsservice": "", "aws:requestedregion": "", "aws:currenttime": "2026-11-22T12:00:00Z",
	} {
		if got := strings.Join(a.Request.Context[key], " "); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	path := a.Request.Context["aws:principalorgpaths"][0]
	if parts := strings.Split(path, "/"); len(parts) != 5 || parts[0] != "o-a1b2c3d4e5" || !strings.HasPrefix(parts[1], "r-") || parts[4] != "" {
		t.Errorf("the path %q", path)
	}
	if f.world.Known("dev") || !f.world.Known("shop") || f.world.AccountKey(f.world.AccountID("dev")) != "dev" {
		t.Error("the account without an id")
	}
}

// The steps go from the root down, and say what holds where.
func TestSteps(t *testing.T) {
	f := load(t, base)
	for _, q := range []struct {
		Question
		want string
	}{
		{Question{As: "role/Anyone", Account: "shop", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")},
			"scp root denies|scp Workloads allows|scp Workloads/Prod allows|scp shop allows|rcp does not reach|resource not known|identity not known|boundary not known"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "s3:PutObject", Resource: "arn:aws:s3:::b/k"},
			"scp root allows|scp Workloads allows|scp Workloads/Prod allows|scp shop allows|rcp root allows|rcp Workloads allows|rcp Workloads/Prod allows|rcp shop allows|resource not known|identity does not allow|boundary allows"},
		{Question{As: "role/Administrator", Account: "dev", Action: "s3:PutObject", Resource: "arn:aws:s3:::b/k", Owner: "999999999999"},
			"scp root allows|scp Workloads allows|scp dev allows|rcp none|resource not known|identity allows|boundary none"},
		{Question{As: "root", Account: "management", Action: "s3:PutObject", Resource: "arn:aws:s3:::b/k"},
			"scp none|rcp none|resource not known|identity not known|boundary not known"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:AttachRolePolicy", Resource: "*", UnknownIf: true},
			"scp root allows|scp Workloads depends|scp Workloads/Prod allows|scp shop allows|rcp does not reach|resource not known|identity allows|boundary depends"},
	} {
		var got []string
		for _, s := range f.ask(t, q.Question).Steps() {
			got = append(got, strings.Join(slices.DeleteFunc([]string{string(s.Layer), s.Node, string(s.Verdict)}, func(p string) bool { return p == "" }), " "))
		}
		if s := strings.Join(got, "|"); s != q.want {
			t.Errorf("%+v\n got %s\nwant %s", q.Question, s, q.want)
		}
	}
}

// Ids that are made up are those of nobody.
func TestMadeUpIds(t *testing.T) {
	made := load(t, base).world.AccountID("dev")
	f := load(t, strings.Replace(base, `"444444444444"`, `"`+made+`"`, 1))
	if got := f.world.AccountID("dev"); got == made || len(got) != 12 || f.world.AccountKey(made) != "shop" {
		t.Errorf("dev has %s, shop %s", got, made)
	}
}

// The worst that a place says is its verdict, in whatever order it is said.
func TestVerdict(t *testing.T) {
	deny := eval.Reason{Layer: eval.SCP, Level: "root", Effect: "Deny", Matched: eval.Yes}
	allow := eval.Reason{Layer: eval.SCP, Level: "root", Effect: "Allow", Matched: eval.Yes}
	unknown := eval.Reason{Layer: eval.SCP, Level: "root", Effect: "Deny", Matched: eval.Unknown}
	lacks := eval.Reason{Layer: eval.SCP, Level: "root", Statement: -1, Matched: eval.Yes}
	f := load(t, base)
	for _, x := range []struct {
		reasons []eval.Reason
		want    Verdict
	}{
		{[]eval.Reason{deny, allow, unknown, lacks}, Denies}, {[]eval.Reason{lacks, unknown, deny}, Denies}, {[]eval.Reason{lacks, unknown}, DoesNot},
		{[]eval.Reason{unknown, lacks}, DoesNot}, {[]eval.Reason{unknown, allow}, Depends}, {[]eval.Reason{allow}, Allows}, {nil, Allows},
	} {
		a := &Answer{world: f.world, Explanation: eval.Explanation{Reasons: x.reasons}}
		if got := a.step(eval.SCP, "root").Verdict; got != x.want {
			t.Errorf("%v: %s, want %s", x.reasons, got, x.want)
		}
	}
}

// Where statements of several guardrails were merged to save a document, the
// one that has a say in the request is named, with its own line.
func TestMergedStatementsAreToldApart(t *testing.T) {
	f := load(t, `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1, quotas: {scpSize: 1900, scpPerTarget: 2}}
root:
  accounts:
    shop: {id: "222222222222", email: shop@acme.example, guardrails: [protect-guardduty, protect-config, deny-iam-users]}
`)
	for action, want := range map[string]string{"config:StopConfigurationRecorder": "protect-config 5:90", "guardduty:DeleteDetector": "protect-guardduty 5:71", "iam:CreateUser": "deny-iam-users 5:106"} {
		a := f.ask(t, Question{As: "role/Anyone", Account: "shop", Action: action, Resource: "*"})
		ds := a.Deciders()
		if a.Decision != eval.ExplicitlyDenied || len(ds) != 1 || ds[0].Guardrail+" "+strings.TrimPrefix(ds[0].Origin, "organization.yaml:") != want {
			t.Errorf("%s is %v by %+v, want %s", action, a.Decision, ds, want)
		}
	}
	merged := 0
	for _, p := range f.plan.Policies {
		for _, s := range p.Statements {
			if s.Packed != nil && len(s.Packed.Merged) > 1 {
				merged++
			}
		}
	}
	if merged == 0 {
		t.Error("nothing is merged: the test sees nothing")
	}
}

// An exception that ends in the policy ends though nobody deploys: whom it does
// not spare is denied before and after, whom it does after alone.
func TestAnExceptionEndsInThePolicy(t *testing.T) {
	f := load(t, strings.Replace(base, "expires: 2027-03-31}", "expires: 2027-03-31, enforceExpiry: inPolicy}", 1))
	for _, c := range []struct {
		at, as, action string
		want           eval.Decision
	}{
		{"2027-03-31T23:59:59Z", "role/platform/Models", "bedrock:InvokeModel", eval.Allowed},
		{"2027-04-01T00:00:00Z", "role/platform/Models", "bedrock:InvokeModel", eval.ExplicitlyDenied},
		{"2027-03-31T23:59:59Z", "role/Other", "bedrock:InvokeModel", eval.ExplicitlyDenied},
		{"2027-04-01T00:00:00Z", "role/Other", "bedrock:InvokeModel", eval.ExplicitlyDenied},
		{"2027-03-31T23:59:59Z", "role/platform/Models", "bedrock:GetAgent", eval.ExplicitlyDenied},
		{"2027-04-01T00:00:00Z", "role/OrganizationAccountAccessRole", "bedrock:InvokeModel", eval.Allowed},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		w, err := New(f.plan, at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Decide(Question{As: c.as, Account: "shop", Action: c.action, Resource: "*", Context: region("us-east-1")})
		if err != nil || got.Decision != c.want {
			t.Errorf("%s as %s at %s: %v, want %v (%v)", c.action, c.as, c.at, got.Decision, c.want, err)
		}
	}
	if !f.plan.Exceptions[0].InPolicy {
		t.Error("the plan does not say who keeps the end")
	}
}

// Exceptions from one guardrail end one by one: each for whom it spares, unless
// another one spares the same still.
func TestExceptionsEndInThePolicyOneByOne(t *testing.T) {
	spare := func(key, who, more, end string) string {
		return "  " + key + ": {guardrail: restrict-regions, principals: [" + who + "]" + more + ", reason: r, owner: o, enforceExpiry: inPolicy, expires: " + end + "}\n"
	}
	f := load(t, strings.Replace(base, "exceptions:\n", "exceptions:\n"+
		spare("a", "role/builds/A", "", "2027-01-31")+
		spare("b", "role/builds/B", "", "2027-02-28")+
		spare("c", "role/builds/C", ", accounts: [shop]", "2027-03-31")+
		spare("d", "role/builds/C", ", accounts: [dev]", "2027-04-30")+
		spare("e", "role/builds/*", `, actions: ["ec2:Run*"]`, "2027-05-31"), 1))
	for _, c := range []struct {
		as, account, action string
		last                string // day on which it is allowed; "" for never
	}{
		{"role/builds/A", "shop", "sqs:SendMessage", "2027-01-31"},
		{"role/builds/B", "shop", "sqs:SendMessage", "2027-02-28"},
		{"role/builds/C", "shop", "sqs:SendMessage", "2027-03-31"},
		{"role/builds/C", "dev", "sqs:SendMessage", "2027-04-30"},
		{"role/builds/C", "lonely", "sqs:SendMessage", ""},
		{"role/builds/A", "shop", "ec2:RunInstances", "2027-05-31"},
		{"role/builds/C", "dev", "ec2:RunInstances", "2027-05-31"},
		{"role/builds/Other", "lonely", "ec2:RunInstances", "2027-05-31"},
		{"role/builds/Other", "shop", "sqs:SendMessage", ""},
		{"role/Other", "shop", "ec2:RunInstances", ""},
	} {
		for _, day := range []string{"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"} {
			for _, night := range []bool{false, true} { // the last second of the day, and the next
				at, err := time.Parse(time.DateOnly, day)
				if err != nil {
					t.Fatal(err)
				}
				at = at.Add(24 * time.Hour)
				want := eval.ExplicitlyDenied
				if day < c.last || day == c.last && !night {
					want = eval.Allowed
				}
				if !night {
					at = at.Add(-time.Second)
				}
				w, err := New(f.plan, at)
				if err != nil {
					t.Fatal(err)
				}
				got, err := w.Decide(Question{As: c.as, Account: c.account, Action: c.action, Resource: "*", Context: region("us-east-1")})
				if err != nil || got.Decision != want {
					t.Errorf("%s as %s of %s at %s: %v, want %v (%v)", c.action, c.as, c.account, at.Format(time.RFC3339), got.Decision, want, err)
				}
			}
		}
	}
}
