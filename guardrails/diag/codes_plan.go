package diag

// planCodes are the mistakes of what a plan refuses.
var planCodes = []Code{}
