package proof

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

func TestResourceTypeCallsAreActions(t *testing.T) {
	rows := ResourceTypeCalls.Value
	if len(rows) < 15 {
		t.Fatalf("only %d rows", len(rows))
	}
	if !slices.IsSortedFunc(rows, func(a, b ResourceCalls) int { return strings.Compare(a.Type, b.Type) }) {
		t.Error("the rows are not sorted by type")
	}
	for i, r := range rows {
		if i > 0 && rows[i-1].Type == r.Type {
			t.Errorf("%s has two rows", r.Type)
		}
		if len(r.All()) == 0 {
			t.Errorf("%s makes no call", r.Type)
		}
		if !strings.HasPrefix(r.Source, "https://") {
			t.Errorf("%s has no source", r.Type)
		}
		for _, a := range r.All() {
			if info, ok := awsdata.Action(a); !ok {
				t.Errorf("%s: the authorization data has no action %s", r.Type, a)
			} else if info.Name != a {
				t.Errorf("%s: %s is spelt %s", r.Type, a, info.Name)
			}
		}
		for _, list := range [][]string{r.Create, r.Read, r.Update, r.Delete, r.Within} {
			for j, a := range list {
				if slices.Contains(list[:j], a) {
					t.Errorf("%s names %s twice in one list", r.Type, a)
				}
			}
		}
	}
}
