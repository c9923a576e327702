package drifttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
)

// A changed analyzer is mended by replacing it, and that only where it is
// allowed: otherwise nothing is touched, and the refusal says how. One that
// somebody made anew with another age, and one whose exclusions were changed.
func TestChangedAnalyzer(t *testing.T) {
	p := deployed(t, small)
	if err := p.Edit(`(  external: \{regions: governed\}\n)`, "${1}  unused: {ageDays: 90}\n"); err != nil {
		t.Fatal(err)
	}
	p.run(0, "up", "--yes")
	plan, err := p.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.plan = plan
	p.inPlace()
	a := accessanalyzer.NewFromConfig(p.in("security"))
	const name = "orgrails-unused"
	age := func(days int32, exclude ...string) types.AnalyzerConfiguration {
		c := types.UnusedAccessConfiguration{UnusedAccessAge: aws.Int32(days)}
		if len(exclude) > 0 {
			c.AnalysisRule = &types.AnalysisRule{Exclusions: []types.AnalysisRuleCriteria{{AccountIds: exclude}}}
		}
		return &types.AnalyzerConfigurationMemberUnusedAccess{Value: c}
	}
	for _, c := range []struct {
		what   string
		change func()
		want   string
	}{
		{"unused access age", func() {
			must(a.DeleteAnalyzer(t.Context(), &accessanalyzer.DeleteAnalyzerInput{AnalyzerName: aws.String(name)}))(t)
			must(a.CreateAnalyzer(t.Context(), &accessanalyzer.CreateAnalyzerInput{AnalyzerName: aws.String(name), Type: types.TypeOrganizationUnusedAccess, Configuration: age(180)}))(t)
		}, "180 days; the file says 90 days"},
		{"excluded accounts", func() {
			must(a.UpdateAnalyzer(t.Context(), &accessanalyzer.UpdateAnalyzerInput{AnalyzerName: aws.String(name), Configuration: age(90, p.ids["account:app"])}))(t)
		}, p.ids["account:app"] + "; the file says none"},
	} {
		c.change()
		text := p.reading(1, "drift").Stdout
		for _, want := range []string{c.what + " of analyzer " + name, c.want, "replaces the analyzer, whose findings are lost, where --allow-replace lets it"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: drift does not say %q:\n%s", c.what, want, text)
			}
		}
		want := []string{"analyzer-changed " + c.what + " of analyzer " + name + " at eu-central-1 [analyzers-eu-central-1]"}
		refused := p.reading(1, "drift", "--fix", "--yes")
		if !strings.Contains(refused.Stderr, "[GR411]") || !strings.Contains(refused.Stderr, "--allow-replace") {
			t.Errorf("%s: the refusal is\n%s%s", c.what, refused.Stdout, refused.Stderr)
		}
		if got := found(t, p.reading(1, "drift", "--json").Stdout); !slices.Equal(got, want) {
			t.Errorf("%s: after the refusal\n%s\nwant\n%s", c.what, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		p.Emulator.ResetCalls()
		p.run(0, "drift", "--fix", "--yes", "--allow-replace")
		var writes []string
		for _, call := range p.Emulator.Calls() {
			if call.Write && call.Operation != "AssumeRole" {
				writes = append(writes, call.Operation)
			}
		}
		if !slices.Equal(writes, []string{"DeleteAnalyzer", "CreateAnalyzer"}) {
			t.Errorf("%s: the fix made the writing calls %v", c.what, writes)
		}
		p.reading(0, "drift", "--strict")
		p.inPlace()
	}
}
