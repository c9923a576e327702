package awsdata

// A Rate is what a throttled API allows: calls a second once the burst is used up.
type Rate struct{ PerSecond, Burst float64 }

// OrganizationsRates are the calls that one account may make to AWS
// Organizations, by operation.
var OrganizationsRates = Datum[map[string]Rate]{
	Value: map[string]Rate{
		"AttachPolicy":                        {2, 3},
		"CloseAccount":                        {0.05, 1},
		"CreateAccount":                       {0.1, 3},
		"CreateOrganizationalUnit":            {1, 2},
		"CreatePolicy":                        {2, 3},
		"DeleteOrganizationalUnit":            {2, 3},
		"DeletePolicy":                        {2, 3},
		"DeregisterDelegatedAdministrator":    {1, 2},
		"DescribeAccount":                     {20, 30},
		"DescribeOrganization":                {1, 2},
		"DescribeOrganizationalUnit":          {2, 2},
		"DescribePolicy":                      {2, 2},
		"DetachPolicy":                        {2, 3},
		"DisableAWSServiceAccess":             {1, 2},
		"DisablePolicyType":                   {1, 1},
		"EnableAWSServiceAccess":              {1, 2},
		"EnablePolicyType":                    {1, 1},
		"ListAWSServiceAccessForOrganization": {1, 3},
		"ListAccounts":                        {8, 12},
		"ListAccountsForParent":               {5, 8},
		"ListChildren":                        {6, 10},
		"ListDelegatedAdministrators":         {5, 8},
		"ListDelegatedServicesForAccount":     {1, 3},
		"ListOrganizationalUnitsForParent":    {5, 8},
		"ListParents":                         {5, 8},
		"ListPolicies":                        {5, 8},
		"ListPoliciesForTarget":               {5, 8},
		"ListRoots":                           {1, 2},
		"ListTagsForResource":                 {10, 15},
		"ListTargetsForPolicy":                {5, 8},
		"MoveAccount":                         {2, 3},
		"RegisterDelegatedAdministrator":      {1, 2},
		"TagResource":                         {4, 6},
		"UntagResource":                       {4, 6},
		"UpdateOrganizationalUnit":            {2, 3},
		"UpdatePolicy":                        {2, 3},
	},
	Source: "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
	Read:   "2026-11-22",
}

// STSRate is the rate of AWS STS: the calls of one account in one Region, of
// all its operations together. An AssumeRole into another account counts for
// the account that calls.
var STSRate = Datum[Rate]{
	Value:  Rate{600, 600},
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
	Read:   "2026-11-22",
}

// UnpublishedRate is a modest rate, and ours, for each operation of which AWS
// says only that it is throttled: those of IAM, of IAM Access Analyzer, and
// the operations of Organizations that [OrganizationsRates] lacks. The pages
// are those that state no rate.
var UnpublishedRate = Datum[Rate]{
	Value:  Rate{5, 10},
	Source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html",
	Read:   "2026-11-22",
}
