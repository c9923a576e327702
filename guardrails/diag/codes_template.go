package diag

// templateCodes are the mistakes of templates and their parameters.
var templateCodes = []Code{
	{"GR201", "a template's id is malformed or stands twice"},
	{"GR202", "a template lacks something, or has what its type does not take"},
	{"GR203", "a parameter is declared wrongly"},
	{"GR204", "a parameter's default breaks the parameter's own bounds"},
	{"GR205", "a placeholder is malformed or unknown"},
	{"GR206", "a template's statement is malformed"},
	{"GR207", "a list may come out empty where that changes the meaning"},
	{"GR208", "a template's vectors are missing or malformed"},
	{"GR209", "a password preset lies outside AWS's ranges"},
	{"GR210", "a parameter is unknown"},
	{"GR211", "a parameter must be given"},
	{"GR212", "a parameter has the wrong type"},
	{"GR213", "a parameter's value is out of bounds"},
	{"GR214", "a value is no region, account, role or action"},
	{"GR215", "nothing is known for a placeholder"},
	{"GR216", "a value holds a placeholder or what policies cannot hold"},
	{"GR217", "a template's document is malformed"},
	{"GR218", "what a template's document comes to is not said, or malformed"},
}
