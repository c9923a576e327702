package diag

// packCodes are what cannot be packed.
var packCodes = []Code{
	{"GR380", "a statement does not fit into a document"},
	{"GR381", "the statements need more documents than may be attached"},
}
