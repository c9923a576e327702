package org

import "fmt"

// Values are the values of a condition key, as the file gives them.
func Values(v any) []string {
	if list, ok := v.([]any); ok {
		out := make([]string, 0, len(list))
		for _, item := range list {
			out = append(out, Values(item)...)
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}
