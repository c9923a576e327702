package config

import (
	"regexp"
	"sync"
)

var patterns sync.Map // pattern -> *regexp.Regexp

// matches reports whether a string has the grammar of the word's kind.
func matches(w word, s string) bool {
	p := w.Grammar().Pattern
	re, ok := patterns.Load(p)
	if !ok {
		re, _ = patterns.LoadOrStore(p, regexp.MustCompile(p))
	}
	return re.(*regexp.Regexp).MatchString(s)
}

// words lists every kind of string that has a grammar.
func words() []word {
	return []word{
		OrganizationID(""), RootID(""), UnitID(""), AccountID(""), AccountKey(""), UnitKey(""), Key(""),
		RoleName(""), IAMName(""), PolicyName(""), IAMPath(""), Email(""), Selector(""), Region(""),
		ServicePrincipal(""), Action(""), PrincipalPattern(""), FilePath(""), CIDR(""), ManagedPolicy(""),
		Duration(""), Line(""), ExternalID(""), Date(""), ServicePrefix(""), ResourcePattern(""), AllowedActions(""),
	}
}
