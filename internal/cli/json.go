package cli

import "encoding/json"

// writeJSON prints a result for machines: indented, with < and & as they are.
func (c *Command) writeJSON(v any) error {
	enc := json.NewEncoder(c.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
