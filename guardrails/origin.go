package guardrails

import "strings"

const ofTool = " (orgrails)"

// OriginIn is the origin of what a set that comes with the tool asks for: the
// place where the set was named, file:line:col, and the set. It is the place
// alone where there is no such set.
func OriginIn(place, set string) string {
	if set == "" {
		return place
	}
	return place + ", " + set + ofTool
}

// SplitOrigin is the reverse of [OriginIn].
func SplitOrigin(origin string) (place, set string) {
	rest, ok := strings.CutSuffix(origin, ofTool)
	if !ok {
		return origin, ""
	}
	i := strings.LastIndex(rest, ", ")
	if i < 0 {
		return origin, ""
	}
	return rest[:i], rest[i+len(", "):]
}
