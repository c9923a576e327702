package diag

import "slices"

// A Code is one kind of mistake: docs/diagnostics.md has a section for each.
type Code struct {
	ID    string // GR and three digits; never used again for something else
	Title string // one line, lower case
}

// Codes lists every code a diagnostic may carry, in the order of their ids:
// 0xx the file, 1xx policy documents, 2xx templates, 3xx the plan (from 370 on
// the tests of what it does, from 380 on packing, from 390 on the proof that nobody is locked out), 4xx the deployment and AWS.
func Codes() []Code {
	return slices.Concat(fileCodes, policyCodes, templateCodes, planCodes, trialCodes, packCodes, proofCodes, deployCodes)
}
