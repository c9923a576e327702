package awsdata

// A Range is the smallest and the largest number that AWS takes.
type Range struct{ Min, Max int }

// Holds reports whether n is in the range.
func (r Range) Holds(n int) bool { return r.Min <= n && n <= r.Max }

// PasswordPolicyRanges are those of the fields of an account password policy.
// 0 for MaxAgeDays or ReusePrevention means none, and lies outside the range.
type PasswordPolicyRanges struct {
	MinimumLength   Range // characters
	MaxAgeDays      Range
	ReusePrevention Range // former passwords
}

// PasswordPolicy holds the ranges of UpdateAccountPasswordPolicy.
var PasswordPolicy = Datum[PasswordPolicyRanges]{
	Value:  PasswordPolicyRanges{MinimumLength: Range{6, 128}, MaxAgeDays: Range{1, 1095}, ReusePrevention: Range{1, 24}},
	Source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html",
	Read:   "2026-11-22",
}

// SessionRanges are durations in seconds.
type SessionRanges struct {
	MaxSession Range // MaxSessionDuration of a role
	Assume     Range // DurationSeconds of AssumeRole
	ChainedMax int   // longest session of a role that a role's session assumed
	MFAAge     Range // aws:MultiFactorAuthAge that makes sense: a session token lives 36 hours at most
}

// Sessions holds the durations of role sessions.
var Sessions = Datum[SessionRanges]{
	Value:  SessionRanges{MaxSession: Range{3600, 43200}, Assume: Range{900, 43200}, ChainedMax: 3600, MFAAge: Range{1, 129600}},
	Source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
	Read:   "2026-11-22",
}

// AccessAnalyzerRanges are those of the configuration of an analyzer.
type AccessAnalyzerRanges struct {
	UnusedAccessAge Range // days
}

// AccessAnalyzer holds the ranges of CreateAnalyzer.
var AccessAnalyzer = Datum[AccessAnalyzerRanges]{
	Value:  AccessAnalyzerRanges{UnusedAccessAge: Range{1, 365}},
	Source: "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UnusedAccessConfiguration.html",
	Read:   "2026-11-22",
}

// MetadataHopLimit is the range of HttpPutResponseHopLimit of the EC2 instance
// metadata service.
var MetadataHopLimit = Datum[Range]{
	Value:  Range{1, 64},
	Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html",
	Read:   "2026-11-22",
}
