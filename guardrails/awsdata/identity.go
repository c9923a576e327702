package awsdata

import "slices"

// PermissionSetNameLength is the longest name of a permission set of IAM
// Identity Center, in characters.
var PermissionSetNameLength = Datum[int]{
	Value:  32,
	Source: "https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html",
	Read:   "2026-11-22",
}

// A SharedIssuer is an OpenID Connect provider that serves many customers, so
// that only the subject of a token says whose it is.
type SharedIssuer struct {
	Provider string // host and path, without https://
	// Begin is how a subject of one customer begins; the words in capitals
	// stand for the customer's own names.
	Begin string
	// Fields are the parts of Begin up to the customer's name, each of which
	// ends with Separator; a wildcard before them takes in other customers.
	Fields    int
	Separator byte
}

// SharedIssuers are shared OpenID Connect providers for which IAM or its guide
// wants the subject of a trust to name the customer.
var SharedIssuers = Datum[[]SharedIssuer]{
	Value: []SharedIssuer{
		{"api.pulumi.com/oidc", "pulumi:deploy:org:ORGANIZATION:", 4, ':'},
		{"app.terraform.io", "organization:ORGANIZATION:", 2, ':'},
		{"gitlab.com", "project_path:GROUP/", 1, '/'},
		{"token.actions.githubusercontent.com", "repo:ORGANIZATION/", 1, '/'},
	},
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
	Read:   "2026-11-22",
}

// LookupSharedIssuer is the shared provider of a host and path.
func LookupSharedIssuer(provider string) (SharedIssuer, bool) {
	i := slices.IndexFunc(SharedIssuers.Value, func(s SharedIssuer) bool { return s.Provider == provider })
	if i < 0 {
		return SharedIssuer{}, false
	}
	return SharedIssuers.Value[i], true
}
