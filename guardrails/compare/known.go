package compare

import (
	"math/bits"
	"strings"
	"sync"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// all are the actions of AWS's data, in its order, and where those of each
// service begin.
var all = sync.OnceValue(func() (a struct {
	names    []string
	services map[string][2]int
},
) {
	a.services = map[string][2]int{}
	for _, s := range awsdata.ServiceAuthorization().Value.Services {
		from := len(a.names)
		for _, info := range s.Actions {
			a.names = append(a.names, info.Name)
		}
		a.services[small(s.Prefix)] = [2]int{from, len(a.names)}
	}
	return a
})

// matched has a bit for each action of AWS's data that a core matches.
func (s *solver) matched(core int32) []uint64 {
	if set, ok := s.bits[core]; ok {
		return set
	}
	names := all().names
	set := make([]uint64, (len(names)+63)/64)
	for i := range s.cores[core].patterns {
		pattern := small(s.cores[core].patterns[i].spelled)
		span := [2]int{0, len(names)}
		if service, _, ok := strings.Cut(pattern, ":"); ok && !strings.ContainsAny(service, "*?") {
			span = all().services[service] // of none nothing
		}
		s.meter.spend((span[1] - span[0]) / 16)
		for j := span[0]; j < span[1]; j++ {
			if policy.Match(pattern, names[j], true) {
				set[j/64] |= 1 << (j % 64)
			}
		}
	}
	s.bits[core] = set
	return set
}

// solveKnown looks for an action of AWS's data.
func (s *solver) solveKnown(ls []literal) solution {
	for _, sample := range s.samples(actionVar, nil) {
		if s.knownMeets(ls, sample) {
			return solution{values: []string{sample}, verdict: found}
		}
	}
	names := all().names
	s.meter.spend(4 * len(ls))
	sets := make([][]uint64, len(ls))
	for i, l := range ls {
		sets[i] = s.matched(s.atoms[l.atom()].core)
	}
	for i := range (len(names) + 63) / 64 {
		word := ^uint64(0)
		if i == len(names)/64 {
			word = 1<<(len(names)%64) - 1
		}
		for j := 0; j < len(ls) && word != 0; j++ {
			if ls[j].holds() {
				word &= sets[j][i]
			} else {
				word &^= sets[j][i]
			}
		}
		if word != 0 {
			return solution{values: []string{names[i*64+bits.TrailingZeros64(word)]}, verdict: found}
		}
	}
	return solution{}
}

func (s *solver) knownMeets(ls []literal, action string) bool {
	for _, l := range ls {
		if s.staticOf(s.cores[s.atoms[l.atom()].core]).match(small(action)) != l.holds() {
			return false
		}
	}
	return true
}
