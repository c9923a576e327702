package diag

// policyCodes are the mistakes of policy documents.
var policyCodes = []Code{}
