package awsdata

import (
	"slices"
	"strings"
)

// A FindingProperty is a property of an Access Analyzer finding by which an
// archive rule may filter.
type FindingProperty struct {
	Name     string
	External bool // findings of analyzers of external access have it
	Unused   bool // findings of analyzers of unused access have it
}

// FindingProperties are the properties that an archive rule may filter by,
// beside those that begin with FindingCondition and name a condition key.
var FindingProperties = Datum[[]FindingProperty]{
	Value: []FindingProperty{
		{"error", true, false},
		{"findingType", false, true},
		{"isPublic", true, false},
		{"principal.AWS", true, false},
		{"principal.Federated", true, false},
		{"resource", true, true},
		{"resourceControlPolicyRestriction", true, false},
		{"resourceOwnerAccount", true, true},
		{"resourceType", true, true},
	},
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html",
	Read:   "2026-11-22",
}

// FindingCondition begins the properties that name a condition key, such as
// condition.aws:PrincipalOrgID; findings of external access have them.
const FindingCondition = "condition."

// LookupFindingProperty is the property of a name.
func LookupFindingProperty(name string) (FindingProperty, bool) {
	if key, ok := strings.CutPrefix(name, FindingCondition); ok {
		prefix, rest, found := strings.Cut(key, ":")
		return FindingProperty{Name: name, External: true}, found && prefix != "" && rest != ""
	}
	i := slices.IndexFunc(FindingProperties.Value, func(p FindingProperty) bool { return p.Name == name })
	if i < 0 {
		return FindingProperty{}, false
	}
	return FindingProperties.Value[i], true
}
