package diag

// trialCodes are the tests of the file and the vectors of templates that fail.
var trialCodes = []Code{
	{"GR370", "a test of the file fails"},
	{"GR371", "a test is decided by another guardrail"},
	{"GR372", "a vector or setting of a template fails"},
}

// proofCodes are the requests that must work and that a plan loses.
var proofCodes = []Code{
	{"GR390", "a request that must work is lost"},
	{"GR391", "a request that should work is lost"},
	{"GR392", "a request that must work is lost, and the plan accepts it"},
	{"GR393", "a lockout is accepted that there is none of"},
	{"GR394", "a node takes too many policies while the plan is deployed"},
}
