// Package templates is the catalogue of guardrails that comes with orgrails:
// one data file each, written from AWS's documentation, with the requests that
// it must deny and those that it must let through. The folder sets holds named
// lists of them. guardrails/catalog says what the fields mean; internal/config
// reads the files.
package templates

import "embed"

//go:generate go run ../internal/gen/cmd/pages

// Files are the data files, one template each, named by its id: deny-all.yaml;
// and the sets, named by theirs: sets/foundation.yaml.
//
//go:embed *.yaml sets/*.yaml
var Files embed.FS
