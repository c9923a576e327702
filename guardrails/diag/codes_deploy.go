package diag

// deployCodes are the mistakes of the deployment and AWS.
var deployCodes = []Code{
	{"GR401", "no AWS credentials were found"},
	{"GR402", "AWS does not take the credentials"},
	{"GR403", "AWS cannot be reached"},
	{"GR404", "the credentials are of another organization"},
	{"GR405", "the credentials are not of the management account"},
	{"GR406", "there is no organization with all features"},
	{"GR407", "the deploy role of an account cannot be assumed"},
	{"GR408", "a stack is locked by another run"},
	{"GR409", "a stack needs what another one has not made yet"},
	{"GR410", "something that is never destroyed would be"},
	{"GR411", "an analyzer would be replaced, and its findings lost"},
	{"GR412", "a remote state backend has no secrets provider"},
	{"GR413", "no stack has that name"},
	{"GR414", "an account is called differently in AWS"},
	{"GR415", "a policy waits for a boundary"},
	{"GR416", "an account left the file, and what is deployed in it stays"},
	{"GR417", "the state cannot be read"},
	{"GR418", "the Pulumi CLI is missing or too old"},
	{"GR419", "AWS or Pulumi refused a change"},
	{"GR420", "the run was interrupted"},
	{"GR421", "AWS throttles longer than a read waits"},
	{"GR422", "what exists cannot be adopted as the file has it"},
	{"GR423", "a run that died is not settled yet"},
	{"GR424", "Pulumi would do more than import"},
}
