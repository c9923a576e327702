package proof

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

var hyphened = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

func TestRequiredRequestsAreSound(t *testing.T) {
	all := RequiredRequests()
	if len(all) < 80 {
		t.Fatalf("only %d requests", len(all))
	}
	seen, asked := map[string]bool{}, map[string]string{}
	for _, r := range all {
		bad := func(format string, args ...any) { t.Helper(); t.Errorf(r.ID+": "+format, args...) }
		if !hyphened.MatchString(r.ID) || seen[r.ID] {
			bad("not a name of its own")
		}
		seen[r.ID] = true
		same := strings.Join([]string{r.Who, r.Action, r.Resource}, " ")
		if other := asked[same]; other != "" {
			bad("asks what %s asks", other)
		}
		asked[same] = r.ID
		if r.Loses == "" || strings.HasSuffix(r.Loses, ".") || r.Loses != strings.TrimSpace(r.Loses) {
			bad("what is lost: %q", r.Loses)
		}
		if r.Level != Must && r.Level != Should {
			bad("level %q", r.Level)
		}
		if !strings.HasPrefix(r.Source, "https://") {
			bad("source %q", r.Source)
		}
		if info, ok := awsdata.Action(r.Action); !ok || info.Name != r.Action {
			bad("the authorization data has no action %s", r.Action)
		}
		texts := []string{r.Who, r.Resource}
		for key, value := range r.Context {
			texts = append(texts, value)
			if _, ok := awsdata.LookupConditionKey(key); !ok {
				bad("no condition key %s", key)
			}
		}
		for _, text := range texts {
			if left := placeholder.FindString(fillers("").Replace(text)); left != "" {
				bad("nothing fills %s", left)
			}
			if strings.Contains(text, "arn:aws:") {
				bad("a literal partition in %s", text)
			}
		}
		if parts := policy.SplitARN(r.Resource); r.Resource != "*" && len(parts) != 6 {
			bad("the resource %s is no ARN", r.Resource)
		}
		switch kind, what, _ := strings.Cut(r.If, ":"); {
		case r.If == "", r.If == "analyzers", r.If == "not-deploy":
		case kind == "beside" && slices.ContainsFunc(awsdata.Governors.Value, func(g awsdata.Governor) bool { return g.Key == what }), kind == "root" && what != "":
		default:
			bad("condition %q", r.If)
		}
	}
}

var placeholder = regexp.MustCompile(`[{}]\w*`)

// fillers fill every placeholder with a text.
func fillers(with string) *strings.Replacer {
	return strings.NewReplacer("{account}", with, "{management}", with, "{organization}", with, "{partition}", with,
		"{region}", with, "{global}", with, "{suffix}", with, "{role}", with)
}

// What others' roles do must work where the others are, and nowhere else.
func TestWhoGovernsBesideMustBeAbleTo(t *testing.T) {
	all := "{file: no-iam.json, type: SERVICE_CONTROL_POLICY}"
	ids := []string{"control-tower-creates-role", "accelerator-creates-role", "stack-sets-see-role"}
	named := "managedElsewhere: {policies: {%s: {type: SERVICE_CONTROL_POLICY, targets: [Workloads]}}}\n"
	for _, c := range []struct {
		file string
		lost []string
	}{
		{"", nil},
		{fmt.Sprintf(named, "theirs"), nil},
		{"managedElsewhere: {by: [control-tower, stack-sets, landing-zone-accelerator]}\n", ids},
		{fmt.Sprintf(named, "aws-guardrails-AbCdEf"), ids[:1]},
		{fmt.Sprintf(named, "AWSAccelerator-Core-Guardrails-1"), ids[1:2]},
		{"managedElsewhere: {by: [stack-sets]}\n", ids[2:]},
	} {
		_, p := planOf(t, fmt.Sprintf(file, sane, all)+c.file)
		var lost []string
		r := prove(t, p, Options{})
		for _, id := range ids {
			if l := find(r.Lost, id); l != nil && l.Level == Must {
				lost = append(lost, id)
			}
		}
		if !slices.Equal(lost, c.lost) {
			t.Errorf("%q loses %v, want %v", c.file, lost, c.lost)
		}
	}
	text := strings.Replace(fmt.Sprintf(file, sane, all), "[access-analyzer.amazonaws.com]", "[access-analyzer.amazonaws.com, member.org.stacksets.cloudformation.amazonaws.com]", 1)
	if _, p := planOf(t, text); !slices.Equal(p.Beside, []string{"stack-sets"}) {
		t.Errorf("with a delegated administrator of StackSets, %v are beside", p.Beside)
	}
}
