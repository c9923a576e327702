package diag

import (
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"deny-leave-organization", "deny-root-user", "restrict-regions", "protect-roles", "a", "root"}
	for _, c := range []struct{ name, want string }{
		{"deny-leave-org", "deny-leave-organization"}, // the start of it
		{"restrict-region", "restrict-regions"},
		{"restirct-regions", "restrict-regions"}, // two letters swapped
		{"Deny-Root-User", "deny-root-user"},
		{"protect-rolse", "protect-roles"},
		{"roto", "root"},
		{"xyz", ""},
		{"", "a"}, // one edit away
		{"completely-different-thing", ""},
	} {
		if got := strings.Join(Nearest(c.name, names), " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNearestGivesThreeAtMostTheLikeliestFirst(t *testing.T) {
	got := Nearest("prodx", []string{"prod3", "prod", "prod1", "prod2", "prod"})
	if len(got) > 3 || got[0] != "prod" {
		t.Error(got)
	}
	if !slices.Equal(got, Nearest("prodx", []string{"prod2", "prod", "prod1", "prod", "prod3"})) {
		t.Error("the order of the candidates shows")
	}
}

func TestDidYouMean(t *testing.T) {
	for _, c := range []struct {
		name       string
		candidates string
		want       string
	}{
		{"emial", "email id", `did you mean "email"?`},
		{"zzzzz", "b a", `expected one of "a", "b"`},
		{"zzzzz", "e d c b a", `expected one of "a", "b", "c" (and 2 more)`},
		{"zzzzz", "only", `expected "only"`},
		{"zzzzz", "", ""},
	} {
		if got := DidYouMean(c.name, strings.Fields(c.candidates)); got != c.want {
			t.Errorf("%q of %q: got %s, want %s", c.name, c.candidates, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != got {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
