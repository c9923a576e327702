package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Nearest returns up to three of the candidates that the user may have meant
// by name, the likeliest first; none where nothing is near. Near is an edit
// distance of at most a third of the longer word (transpositions count one),
// upper and lower case counting alike, or one being the start of the other.
func Nearest(name string, candidates []string) []string {
	type scored struct {
		name string
		dist int
	}
	low := strings.ToLower(name)
	var near []scored
	for _, c := range candidates {
		lc := strings.ToLower(c)
		limit := max(1, max(len(low), len(lc))/3)
		apart := max(len(low)-len(lc), len(lc)-len(low))
		switch {
		case len(low) >= 3 && (strings.HasPrefix(lc, low) || strings.HasPrefix(low, lc) && len(lc) >= 3):
			near = append(near, scored{c, apart})
		case apart <= limit: // a distance is never less: what is not even that near needs no measuring
			if d := distance(low, lc); d <= limit {
				near = append(near, scored{c, d})
			}
		}
	}
	slices.SortFunc(near, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(a.name, b.name))
	})
	out := make([]string, 0, 3)
	for _, s := range near[:min(3, len(near))] {
		out = append(out, s.name)
	}
	return slices.Compact(out)
}

// DidYouMean is the hint for an unknown name: the nearest right spelling, or
// the first three of what there is and a count of the rest.
func DidYouMean(name string, candidates []string) string {
	if near := Nearest(name, candidates); len(near) > 0 {
		return fmt.Sprintf("did you mean %q?", near[0])
	}
	if len(candidates) == 0 {
		return ""
	}
	all := slices.Sorted(slices.Values(candidates))
	list := make([]string, 0, 3)
	for _, c := range all[:min(3, len(all))] {
		list = append(list, fmt.Sprintf("%q", c))
	}
	s := "expected one of " + strings.Join(list, ", ")
	if len(candidates) == 1 {
		s = "expected " + list[0]
	}
	if more := len(all) - len(list); more > 0 {
		s += fmt.Sprintf(" (and %d more)", more)
	}
	return s
}

// distance is the optimal string alignment distance of a and b, in bytes: the
// names that it compares are ASCII.
func distance(a, b string) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
