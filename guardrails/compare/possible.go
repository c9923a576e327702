package compare

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/eval"
)

// What follows keeps witnesses to ARNs that can exist: a wildcard within the
// account of a pattern stands for part of an account, not for any text.

// wordsForAccounts are what AWS has in the place of an account, where it is no
// account's.
var wordsForAccounts = []string{"", "aws", "aws-marketplace", "amazon", "cloudfront"}

// withAccount are services all of whose ARNs have an account, or a word.
var withAccount = []string{"iam", "sts"}

// isARN reports whether the values of a variable are ARNs.
func (s *solver) isARN(v int) bool { return v == resourceVar || s.vars[v].kind == "ARN" }

// possible reports whether a value of a variable that meets demands can exist:
// if it is an ARN, its account is twelve digits, a word that AWS has there, or
// spelled so in a pattern.
func (s *solver) possible(v int, value string, ds []demand) bool {
	if !s.isARN(v) || !strings.HasPrefix(value, "arn:") {
		return true
	}
	f := strings.SplitN(value, ":", 6)
	switch {
	case len(f) < 6:
		return false
	case accountOf(value) != "", slices.Contains(wordsForAccounts, f[4]) && (f[4] != "" || !slices.Contains(withAccount, f[2])):
		return true
	}
	return slices.Contains(s.spelledAccounts(ds), f[4])
}

// spelledAccounts are those that the patterns of demands spell without wildcards.
func (s *solver) spelledAccounts(ds []demand) (out []string) {
	for _, d := range ds {
		for i := range s.cores[d.core].patterns {
			if f := strings.SplitN(s.cores[d.core].patterns[i].spelled, ":", 6); len(f) == 6 && !strings.ContainsAny(f[4], "*?$") {
				out = append(out, f[4])
			}
		}
	}
	return out
}

// possibles are wishes, and a value that can exist meets those of one of them:
// the ARNs with an account, those with a word for one, and what is no ARN.
func (s *solver) possibles(v int, ds []demand) [][]wish {
	spelled := s.spelledAccounts(ds)
	digits := s.arns("digits", anySegments, slices.Repeat([]token{{kind: digit}}, 12))
	words := []wish{{s.arns(strings.Join(append([]string{"words"}, spelled...), ":"), anySegments, texts(slices.Concat(wordsForAccounts, spelled))...), true}}
	if !slices.Contains(spelled, "") {
		words = append(words, wish{s.arns("nameless", texts(withAccount), nil), false})
	}
	all := [][]wish{{{digits, true}}, words}
	if v == resourceVar {
		return all // "*" is one that has been tried
	}
	arn := s.own("begins as an ARN", eval.Piece{Kind: eval.Literal, Text: "arn:"}, eval.Piece{Kind: eval.AnyText})
	return append(all, []wish{{s.staticOf(s.cores[arn]), false}})
}

var anySegments = [][]token{{{kind: anySegment}}}

func texts(list []string) (out [][]token) {
	for _, t := range list {
		out = append(out, (&core{}).literal(nil, t))
	}
	return out
}

// arns is the automaton, kept by a name, of the ARNs that have one of some
// services and one of some accounts.
func (s *solver) arns(name string, services [][]token, accounts ...[]token) *automaton {
	as := "arns " + name
	a, ok := s.unions[as]
	if !ok {
		var all [][]token
		colon, any := token{one, ':'}, token{kind: anySegment}
		for _, service := range services {
			for _, account := range accounts {
				ts := append((&core{}).literal(nil, "arn:"), any, colon)
				ts = append(append(ts, service...), colon, any, colon)
				all = append(all, append(append(ts, account...), colon, token{kind: anyText}))
			}
		}
		a = newAutomaton(all, s.meter)
		s.unions[as] = a
	}
	return a
}

// accounts are some that a pattern for one may match.
func (s *solver) accounts(pattern string) []string {
	list := []string{s.account, "999999999999"}
	if before, after, ok := strings.Cut(pattern, "*"); ok && len(before)+len(after) <= 12 {
		list = append(list, before+strings.Repeat("2", 12-len(before)-len(after))+after)
	}
	return list
}
