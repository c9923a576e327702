package config

// A Grammar is what a kind of string looks like: a regular expression for
// machines and the same in words for people. Pattern must be written in the
// part of regular expressions that Go and JavaScript share.
type Grammar struct {
	Pattern string
	Words   string // completes "expected …"
	Example string // "" where one example would mislead
}

// A word is a kind of string with a grammar of its own. The schema's generator
// takes the pattern from here, and so do the messages.
type word interface{ Grammar() Grammar }

type (
	// An OrganizationID is the id of an AWS organization.
	OrganizationID string
	// A RootID is the id of an organization's root.
	RootID string
	// A UnitID is the id of an organizational unit.
	UnitID string
	// An AccountID is twelve digits, in quotes.
	AccountID string
	// An AccountKey is the logical name of an account, unique in the organization.
	AccountKey string
	// A UnitKey is the logical name of an organizational unit, unique in its parent.
	UnitKey string
	// A Key is the logical name of anything else.
	Key string
	// A RoleName is the name of an IAM role.
	RoleName string
	// An IAMName is the name of an IAM group, user or permission set.
	IAMName string
	// A PolicyName is the name of a customer managed policy.
	PolicyName string
	// An IAMPath is the path of an IAM role.
	IAMPath string
	// An Email is the address of an account's root user, unique in all of AWS.
	Email string
	// A Selector names nodes of the tree: root (all member accounts), management, a unit's path such as Workloads/Prod, or an account's key.
	Selector string
	// A Region is an AWS Region.
	Region string
	// A ServicePrincipal is the name of an AWS service.
	ServicePrincipal string
	// An Action is an IAM action; * and ? are wildcards.
	Action string
	// A PrincipalPattern is role/[path/]name or user/[path/]name; * and ? are wildcards.
	PrincipalPattern string
	// A FilePath is the path of a file beside or below this one.
	FilePath string
	// A CIDR is a block of IP addresses, or a single one.
	CIDR string
	// A ManagedPolicy is the name of an AWS managed policy, with its path such as job-function/ViewOnlyAccess, or an ARN.
	ManagedPolicy string
	// A ServicePrefix is what stands before the colon of a service's actions.
	ServicePrefix string
	// AllowedActions are a service, by its prefix, or an action; * and ? are wildcards.
	AllowedActions string
	// A ResourcePattern is the ARN of a resource; * and ? are wildcards.
	ResourcePattern string
	// A Duration is hours, minutes and seconds, such as 1h, 15m or 1h30m.
	Duration string
	// A Line is a text in one line that says something.
	Line string
	// An ExternalID is what a foreign account sends to assume a role.
	ExternalID string
	// A Date is a day such as 2027-03-31, which holds to its end in UTC, or a time such as 2027-03-31T18:00:00Z.
	Date string
)

// Grammar implements the grammar of an organization id.
func (OrganizationID) Grammar() Grammar {
	return Grammar{`^o-[a-z0-9]{10,32}$`, "an organization id: \"o-\" and 10 to 32 lower-case letters and digits", "o-a1b2c3d4e5"}
}

// Grammar implements the grammar of a root id.
func (RootID) Grammar() Grammar {
	return Grammar{`^r-[0-9a-z]{4,32}$`, "a root id: \"r-\" and 4 to 32 lower-case letters and digits", "r-a1b2"}
}

// Grammar implements the grammar of a unit id.
func (UnitID) Grammar() Grammar {
	return Grammar{`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`, "the id of an organizational unit, such as \"ou-a1b2-c3d4e5f6\"", "ou-a1b2-c3d4e5f6"}
}

// Grammar implements the grammar of an account id.
func (AccountID) Grammar() Grammar {
	return Grammar{`^[0-9]{12}$`, "an account id: twelve digits, in quotes", "111111111111"}
}

// Grammar implements the grammar of an account's key.
func (AccountKey) Grammar() Grammar {
	return Grammar{`^[a-z][a-z0-9-]{0,39}$`, "lower-case letters, digits and \"-\", beginning with a letter, at most 40", "payments-prod"}
}

// Grammar implements the grammar of a unit's key.
func (UnitKey) Grammar() Grammar {
	return Grammar{`^[A-Za-z][A-Za-z0-9_-]{0,63}$`, "letters, digits, \"_\" and \"-\", beginning with a letter, at most 64; any other spelling can be the unit's name", "Workloads"}
}

// Grammar implements the grammar of a key.
func (Key) Grammar() Grammar {
	return Grammar{`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`, "letters, digits, \"_\", \".\" and \"-\", beginning with a letter, at most 64", "foundation"}
}

// Grammar implements the grammar of a role's name.
func (RoleName) Grammar() Grammar {
	return Grammar{`^[A-Za-z0-9_+=,.@-]{1,64}$`, "1 to 64 letters, digits and _+=,.@-", "Auditor"}
}

// Grammar implements the grammar of the name of a group, user or permission set.
func (IAMName) Grammar() Grammar {
	return Grammar{`^[A-Za-z0-9_+=,.@-]{1,128}$`, "1 to 128 letters, digits and _+=,.@-", "auditors"}
}

// Grammar implements the grammar of a managed policy's name.
func (PolicyName) Grammar() Grammar {
	return Grammar{`^[A-Za-z0-9_+=,.@-]{1,128}$`, "1 to 128 letters, digits and _+=,.@-", "developer-boundary"}
}

// Grammar implements the grammar of an IAM path.
func (IAMPath) Grammar() Grammar {
	return Grammar{`^/([!-.0-~]+/)*$`, "/ alone, or a path such as /platform/ that begins and ends with \"/\" and has something between any two", "/platform/"}
}

// Grammar implements the grammar of an e-mail address.
func (Email) Grammar() Grammar {
	return Grammar{`^[^\s@<>()\[\]\\,;:"|]+@[^\s@<>()\[\]\\,;:"|.]+(\.[^\s@<>()\[\]\\,;:"|.]+)+$`, "an e-mail address", "team@acme.example"}
}

// Grammar implements the grammar of a selector.
func (Selector) Grammar() Grammar {
	return Grammar{`^[A-Za-z][A-Za-z0-9_-]*(/[A-Za-z][A-Za-z0-9_-]*)*$`, "root, management, a unit's path such as Workloads/Prod or an account's key", "Workloads/Prod"}
}

// Grammar implements the grammar of a Region.
func (Region) Grammar() Grammar {
	return Grammar{`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`, "an AWS Region such as eu-central-1", "eu-central-1"}
}

// Grammar implements the grammar of a service principal.
func (ServicePrincipal) Grammar() Grammar {
	return Grammar{`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|aws\.internal)$`, "a service principal such as access-analyzer.amazonaws.com", "access-analyzer.amazonaws.com"}
}

// Grammar implements the grammar of an action.
func (Action) Grammar() Grammar {
	return Grammar{`^[a-z0-9-]+:[A-Za-z0-9*?]+$`, "an action such as s3:GetObject; * and ? are wildcards in its second part", "bedrock:InvokeModel*"}
}

// Grammar implements the grammar of a principal pattern.
func (PrincipalPattern) Grammar() Grammar {
	return Grammar{`^(role|user)/([A-Za-z0-9_+=,.@*?-]+/)*[A-Za-z0-9_+=,.@*?-]+$`, "role/[path/]name or user/[path/]name, with * and ? as wildcards", "role/platform/DataPlatform"}
}

// Grammar implements the grammar of a file's path.
func (FilePath) Grammar() Grammar {
	return Grammar{`^[^\t\r\n]+$`, "the path of a file", "policies/our-own.json"}
}

// Grammar implements the grammar of a block of addresses.
func (CIDR) Grammar() Grammar {
	return Grammar{`^[0-9a-fA-F.:]+(/[0-9]{1,3})?$`, "a block of IP addresses such as 198.51.100.0/24", "198.51.100.0/24"}
}

// Grammar implements the grammar of a managed policy's name or ARN.
func (ManagedPolicy) Grammar() Grammar {
	return Grammar{`^[A-Za-z0-9_+=,.@:/-]+$`, "the name of an AWS managed policy or an ARN", "job-function/ViewOnlyAccess"}
}

// Grammar implements the grammar of allowed actions.
func (AllowedActions) Grammar() Grammar {
	return Grammar{`^[a-z0-9][a-z0-9-]{0,63}(:[A-Za-z0-9*?_-]{1,128})?$`, "a service such as s3, or a pattern of actions", "s3"}
}

// Grammar implements the grammar of a service prefix.
func (ServicePrefix) Grammar() Grammar {
	return Grammar{`^[a-z0-9-]+$`, "what stands before the colon of the service's actions, such as s3", "s3"}
}

// Grammar implements the grammar of a resource pattern.
func (ResourcePattern) Grammar() Grammar {
	return Grammar{`^arn:[^\s:]+:[^\s:]+:[^\s:]*:[^\s:]*:\S+$`, "an ARN such as arn:aws:s3:::example-bucket/*, with * and ? as wildcards", "arn:aws:s3:::example-bucket/*"}
}

// Grammar implements the grammar of a duration.
func (Duration) Grammar() Grammar {
	return Grammar{`^([0-9]+h([0-9]+m)?([0-9]+s)?|[0-9]+m([0-9]+s)?|[0-9]+s)$`, "a duration such as 1h, 15m or 1h30m", "1h"}
}

// Grammar implements the grammar of a text in one line.
func (Line) Grammar() Grammar {
	return Grammar{`^[^ \t\r\n]([^\r\n]*[^ \t\r\n])?$`, "one line of text, without blanks around it", ""}
}

// Grammar implements the grammar of an external id.
func (ExternalID) Grammar() Grammar {
	return Grammar{`^[A-Za-z0-9_+=,.@:/-]{2,}$`, "2 to 1224 letters, digits and _+=,.@:/-", "acme-7f3c"}
}

// Grammar implements the grammar of a date.
func (Date) Grammar() Grammar {
	return Grammar{`^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$`, "a day such as 2027-03-31 or a time such as 2027-03-31T18:00:00Z", "2027-03-31"}
}
