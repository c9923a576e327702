// Package schemas embeds the JSON Schemas of the files that people write: the
// organization file and guardrail templates, and of the sets that come with the
// tool. They are generated from the Go
// types that the files are read into.
package schemas

import "embed"

//go:generate go run ../internal/gen/cmd/schema

// Files are the schemas: organization.schema.json, template.schema.json and
// set.schema.json.
//
//go:embed *.json
var Files embed.FS
