package diag

// fileCodes are the mistakes of the organization file.
var fileCodes = []Code{}
