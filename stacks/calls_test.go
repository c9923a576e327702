package stacks

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/proof"
)

// The proof that a deployment can do its work knows the calls of every type
// that a stack registers.
func TestEveryTypeHasItsCalls(t *testing.T) {
	p := fixture()
	types := map[string]bool{"aws:organizations/getOrganization:getOrganization": true, "aws:index/provider:Provider": true}
	for _, s := range List(p) {
		for name, id := range LogicalNames(p, s) {
			types[id.Type] = true
			if _, ok := proof.CallsOf(id.Type); !ok {
				t.Errorf("%s: no row of calls for %s", name, id.Type)
			}
		}
	}
	if len(types) < 12 {
		t.Fatalf("the fixture has only %d types", len(types))
	}
	for _, r := range proof.ResourceTypeCalls.Value {
		if !types[r.Type] {
			t.Errorf("no stack registers %s: drop its row, or add one to the fixture", r.Type)
		}
	}
}

// The proof asks for what the stacks of member accounts register: with nothing
// allowed anywhere, every call that makes one of their resources is lost.
func TestTheProofAsksForWhatIsRegistered(t *testing.T) {
	p := fixture()
	p.Policies, p.Attachments = []guardrails.Policy{}, []guardrails.Attachment{}
	r, err := proof.Check(p, proof.Options{AsOf: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), NoFullAccess: []string{"root"}})
	if err != nil {
		t.Fatal(err)
	}
	lost := map[string]bool{}
	for _, l := range r.Lost {
		for _, account := range l.Accounts {
			lost[account+" "+l.ID] = true
		}
	}
	checked := 0
	for _, s := range List(p) {
		if s.Kind != AccountKind && s.Kind != AnalyzersKind || AccountOf(p, s) == Management {
			continue
		}
		for name, id := range LogicalNames(p, s) {
			row, _ := proof.CallsOf(id.Type)
			for _, action := range slices.Concat(row.Create, row.Read) {
				checked++
				if !lost[AccountOf(p, s)+" deploy-"+action] {
					t.Errorf("%s: nobody asks for %s in %s", name, action, AccountOf(p, s))
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d calls checked", checked)
	}
}

// notMade are calls of the tests' provider that no deployment makes: of
// resources that are retained or never made, of tags, which are never set, and
// of features that are never switched off.
var notMade = []string{
	"organizations:CloseAccount", "organizations:CreateOrganization", "organizations:DeleteOrganization", "organizations:DisableAWSServiceAccess",
	"organizations:DisablePolicyType", "organizations:RemoveAccountFromOrganization",
	"organizations:TagResource", "organizations:UntagResource", "access-analyzer:TagResource", "access-analyzer:UntagResource",
	"iam:TagRole", "iam:UntagRole", "iam:TagPolicy", "iam:UntagPolicy",
}

// The provider of the tests makes real SDK calls: each is in some row.
func TestCallsOfTheTestProviderAreKnown(t *testing.T) {
	files, err := filepath.Glob("../internal/awstest/provider/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("the tests' provider is not where it was", err)
	}
	prefix := map[string]string{"iam": "iam", "organizations": "organizations", "analyzer": "access-analyzer", "accessanalyzer": "access-analyzer"}
	calls := map[string]bool{}
	call := regexp.MustCompile(`c\.(iam|organizations|analyzer)\.([A-Z]\w+)\(`)
	pages := regexp.MustCompile(`(iam|organizations|accessanalyzer)\.New([A-Z]\w+)Paginator\(`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, re := range []*regexp.Regexp{call, pages} {
			for _, m := range re.FindAllStringSubmatch(string(src), -1) {
				calls[prefix[m[1]]+":"+m[2]] = true
			}
		}
	}
	if len(calls) < 60 {
		t.Fatalf("only %d calls found: the test reads them wrongly", len(calls))
	}
	known := map[string]bool{}
	for _, r := range proof.ResourceTypeCalls.Value {
		for _, a := range r.All() {
			known[a] = true
		}
	}
	for a := range calls {
		if not := slices.Contains(notMade, a); known[a] == not {
			t.Errorf("%s: in the table %v, said to be never made %v", a, known[a], not)
		}
	}
}
