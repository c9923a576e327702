package awsdata

import "strings"

// ReferenceLengths are the most characters that an id made up by AWS can have,
// by what it is the id of: "organization" o-…, "root" r-…, "unit" ou-…,
// "account" twelve digits. A document is measured with them while its ids are
// not known.
var ReferenceLengths = Datum[map[string]int]{
	Value: map[string]int{
		"organization": len("o-") + 32,
		"root":         len("r-") + 32,
		"unit":         len("ou-") + 32 + len("-") + 32,
		"account":      12,
	},
	Source: "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html https://docs.aws.amazon.com/organizations/latest/APIReference/API_Root.html https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
	Read:   "2026-11-22",
}

// ReferenceLength is the longest length of what a reference stands for:
// "organization", "root", "unit:Workloads/Prod", "account:payments-prod". It is
// false for anything else.
func ReferenceLength(name string) (int, bool) {
	kind, _, _ := strings.Cut(name, ":")
	n, ok := ReferenceLengths.Value[kind]
	return n, ok
}
