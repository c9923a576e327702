package diag

// policyCodes are the mistakes of policy documents.
var policyCodes = []Code{
	{"GR101", "the document is not JSON"},
	{"GR102", "the document is too long, too deep or too full to be a policy"},
	{"GR103", "a name stands twice in an object"},
	{"GR104", "an element is unknown"},
	{"GR105", "an element has the wrong type"},
	{"GR106", "a required element is missing"},
	{"GR107", "two elements exclude each other"},
	{"GR108", "an element has a value that AWS does not take"},
	{"GR109", "a principal is malformed"},
	{"GR110", "a condition is malformed"},
	{"GR111", "a policy variable is malformed or stands where none may"},
	{"GR112", "an ARN is malformed"},
	{"GR113", "an action is malformed"},
	{"GR114", "a document holds a reference or a placeholder"},
	{"GR120", "an element that service control policies do not have"},
	{"GR121", "an element that resource control policies do not have"},
	{"GR122", "an element that identity policies do not have"},
	{"GR123", "an element that trust policies do not have"},
	{"GR130", "a declarative policy has a name that AWS does not know"},
	{"GR131", "an inheritance operator is unknown or stands where none may"},
	{"GR132", "a setting has a value that AWS does not take"},
}
