package catalog

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// A Framework is a compliance framework, with the controls of it that can be
// told from a configuration of AWS, as its source knows them.
type Framework struct {
	ID    string `json:"id"`    // as templates name it in their controls: cis-aws-foundations-7.0
	Title string `json:"title"` // CIS AWS Foundations Benchmark 7.0
	// Whole says that every control of the framework is listed, also those
	// that nothing detects. Otherwise a control that is not listed may exist.
	Whole    bool               `json:"whole,omitempty"`
	Controls []FrameworkControl `json:"controls"` // in the order of the framework
}

// A FrameworkControl is one control, and what tells whether it is kept.
type FrameworkControl struct {
	ID     string   `json:"id"`
	Checks int      `json:"checks"`          // how many of Prowler's checks detect that it is not kept
	Named  []string `json:"named,omitempty"` // these checks, where they are few
	// SecurityHub are the controls of AWS Security Hub that AWS maps to it.
	SecurityHub []string `json:"securityHub,omitempty"`
}

// Detectable reports whether a check that is known tells that it is not kept.
func (k FrameworkControl) Detectable() bool { return k.Checks > 0 || len(k.SecurityHub) > 0 }

//go:embed frameworks.json
var frameworksFile []byte

// Frameworks are compliance frameworks and their controls: which there are,
// and which of them a configuration check can detect. What prevents a control
// from being broken is for the templates to say.
var Frameworks = sync.OnceValue(func() awsdata.Datum[[]Framework] {
	var f FrameworksFile
	if err := json.Unmarshal(frameworksFile, &f); err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return awsdata.Datum[[]Framework]{Value: f.Frameworks, Source: f.Source, Read: f.Read}
})

// A FrameworksFile is frameworks.json, which internal/gen/frameworks writes.
type FrameworksFile struct {
	Comment    string      `json:"$comment"`
	Source     string      `json:"source"`
	Version    string      `json:"version"` // of the source
	Read       string      `json:"read"`
	Frameworks []Framework `json:"frameworks"`
}

var idPieces = regexp.MustCompile(`[0-9]+|[^0-9]+`)

// CompareControls orders ids of controls as their frameworks do: 1.9 before
// 1.10, AC-2 before AC-10.
func CompareControls(a, b string) int {
	return slices.CompareFunc(idPieces.FindAllString(a, -1), idPieces.FindAllString(b, -1), func(x, y string) int {
		m, err := strconv.Atoi(x)
		n, err2 := strconv.Atoi(y)
		if err == nil && err2 == nil {
			return cmp.Compare(m, n)
		}
		return strings.Compare(x, y)
	})
}
