package diag

// trialCodes are the tests of the file and the vectors of templates that fail.
var trialCodes = []Code{
	{"GR370", "a test of the file fails"},
	{"GR371", "a test is decided by another guardrail"},
	{"GR372", "a vector or setting of a template fails"},
}
