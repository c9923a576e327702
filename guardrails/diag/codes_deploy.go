package diag

// deployCodes are the mistakes of the deployment and AWS.
var deployCodes = []Code{}
