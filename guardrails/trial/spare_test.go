package trial

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/org"
)

// What would spare a request, and why nothing would.
func TestSpare(t *testing.T) {
	f := load(t, base)
	for _, q := range []struct {
		Question
		want string
	}{
		{Question{As: "role/Anyone", Account: "shop", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")},
			"anyone-restrict-regions: restrict-regions [role/Anyone] [shop] [ec2:RunInstances]"},
		{Question{As: "user/people/Bob-2", Account: "lonely", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")},
			"an exception would be refused: the exception bob-restrict-regions spares user/people/Bob-2, which cannot be protected: users can be made by whoever may create users"},
		{Question{As: "arn:aws:iam::999999999999:role/Partner", Account: "shop", Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:444444444444:jobs"},
			"partner-data-perimeter-identity: data-perimeter-identity [role/Partner] [999999999999] []"},
		{Question{As: "role/Anyone", Account: "dev", Action: "cloudtrail:StopLogging", Resource: "arn:aws:cloudtrail:us-east-1:444444444444:trail/org-trail", Context: region("us-east-1")},
			"anyone-restrict-regions: restrict-regions [role/Anyone] [dev] [cloudtrail:StopLogging]|anyone-protect-cloudtrail: protect-cloudtrail [role/Anyone] [dev] [cloudtrail:StopLogging]"},
		{Question{As: "root", Account: "shop", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")},
			"exceptions are for roles and users: one for all of the account would spare everybody in it"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "s3:PutObject", Resource: "*"},
			"exceptions spare from what denies, and here no identity policy allows s3:PutObject"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "iam:AttachGroupPolicy", Resource: "*"},
			"the permissions boundary denies it, and there are exceptions from guardrails alone"},
		{Question{As: "role/people/Reader", Account: "shop", Action: "ec2:RunInstances", Resource: "*", Context: region("us-east-1")}, "an exception would not be enough"},
		{Question{As: "role/Anyone", Account: "shop", Action: "s3:PutObject", Resource: "*"}, "nothing denies it"},
	} {
		s, err := f.ask(t, q.Question).Spare(f.Organization, f.Catalog, opts, []string{q.Account})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range s.Exceptions {
			got = append(got, fmt.Sprintf("%s: %s %s %s %s", x.Key, x.Guardrail, patterns(x), keys(x), x.Actions))
		}
		if g := strings.Join(got, "|") + s.Reason; g != q.want {
			t.Errorf("%+v\n got %s\nwant %s", q.Question, g, q.want)
		}
	}
	if len(f.Organization.Exceptions) != 1 {
		t.Error("the organization was changed")
	}
}

func patterns(x org.Exception) []string {
	var out []string
	for _, p := range x.Principals {
		out = append(out, p.Pattern)
	}
	return out
}

func keys(x org.Exception) []string {
	var out []string
	for _, a := range x.Accounts {
		out = append(out, a.Key)
	}
	for _, id := range x.AccountIDs {
		out = append(out, string(id))
	}
	return out
}

// A request on no particular resource is told of guardrails that speak of some.
func TestElsewhere(t *testing.T) {
	f := load(t, base)
	q := Question{As: "role/Anyone", Account: "dev", Action: "cloudtrail:StopLogging", Resource: "*"}
	got := f.ask(t, q).Elsewhere()
	if len(got) != 1 || !strings.HasPrefix(got[0], "protect-cloudtrail (organization.yaml:8:31) is about arn:aws:cloudtrail:*:*:trail/org-trail") {
		t.Errorf("%q", got)
	}
	q.Resource = "arn:aws:cloudtrail:eu-central-1:222222222222:trail/x"
	if got := f.ask(t, q).Elsewhere(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
