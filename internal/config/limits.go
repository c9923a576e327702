package config

// The limits of what is read. They are far above any organization that AWS
// lets exist (50,000 accounts are about 6 MB of YAML) and below what would
// make the tool slow or hungry.
const (
	// MaxFileSize is the largest file that is read, in bytes.
	MaxFileSize = 10 << 20
	// maxDepth is the deepest nesting of lists and mappings.
	maxDepth = 100
	// maxNodes is the most values in a file, those behind aliases counted as
	// often as they are used.
	maxNodes = 2_000_000
	// maxSet is the most guardrails in a set, those of sets in it included.
	maxSet = 1000
	// maxNear is how often nearest names are looked for among many: the work
	// is that of comparing each name with each.
	maxNear = 100
)
