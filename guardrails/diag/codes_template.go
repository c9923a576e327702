package diag

// templateCodes are the mistakes of templates and their parameters.
var templateCodes = []Code{}
