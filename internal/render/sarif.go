package render

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// The parts of SARIF 2.1.0 that a located mistake needs.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifMessage `json:"shortDescription"`
		HelpURI          string       `json:"helpUri,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"` // error, warning
		Message          sarifMessage    `json:"message"`
		Locations        []sarifLocation `json:"locations"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Message          *sarifMessage `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"` // the column after the last character
	}
)

const (
	home = "https://github.com/orgrails/orgrails"
	// manual is where the sections of the diagnostic codes are, by the area of the code.
	manual = home + "/blob/main/docs/diagnostics/"
)

// areas are the pages of the manual by a code's first digit.
var areas = map[byte]string{'0': "file", '1': "policy", '2': "template", '3': "plan", '4': "deploy"}

// SARIF is ds as a SARIF 2.1.0 log of one run, for code scanning: a rule for
// each code that occurs, columns in Unicode code points, regions with their
// ends. version is that of the tool.
func SARIF(ds diag.Diagnostics, version string) ([]byte, error) {
	titles := map[string]string{}
	for _, c := range diag.Codes() {
		titles[c.ID] = c.Title
	}
	return SARIFOf(ds, titles, helpURI, version)
}

// SARIFOf is [SARIF] of findings whose codes are others: titles are theirs, and
// help is where each is explained.
func SARIFOf(ds diag.Diagnostics, titles map[string]string, help func(code string) string, version string) ([]byte, error) {
	ds = slices.Clone(ds)
	ds.Sort()
	var codes []string
	for _, d := range ds {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)

	rules := make([]sarifRule, 0, len(codes))
	for _, c := range codes {
		title := titles[c]
		if title == "" {
			title = c
		}
		rules = append(rules, sarifRule{c, sarifMessage{title}, help(c)})
	}
	results := make([]sarifResult, 0, len(ds))
	for _, d := range ds {
		text := d.Summary
		if d.Hint != "" {
			text += "; " + d.Hint
		}
		index, _ := slices.BinarySearch(codes, d.Code)
		r := sarifResult{
			RuleID: d.Code, RuleIndex: index, Level: string(d.Severity),
			Message: sarifMessage{Escape(text)}, Locations: []sarifLocation{},
		}
		if !d.Range.IsZero() {
			r.Locations = append(r.Locations, location(d.Range, ""))
		}
		for _, rel := range d.Related {
			r.RelatedLocations = append(r.RelatedLocations, location(rel.Range, rel.Message))
		}
		results = append(results, r)
	}
	return encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:       sarifTool{sarifDriver{"orgrails", version, home, rules}},
			ColumnKind: "unicodeCodePoints",
			Results:    results,
		}},
	})
}

func helpURI(code string) string {
	number, ok := strings.CutPrefix(code, "GR")
	if !ok || number == "" || areas[number[0]] == "" {
		return ""
	}
	return manual + areas[number[0]] + ".md#" + strings.ToLower(code)
}

func location(r diag.Range, message string) sarifLocation {
	loc := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: sarifArtifact{uri(r.File)}}}
	if message != "" {
		loc.Message = &sarifMessage{Escape(message)}
	}
	if r.Start.Line == 0 {
		return loc
	}
	region := &sarifRegion{StartLine: r.Start.Line, StartColumn: r.Start.Column}
	if r.End.Line >= r.Start.Line {
		region.EndLine, region.EndColumn = r.End.Line, r.End.Column
	}
	loc.PhysicalLocation.Region = region
	return loc
}

// uri is a path as a URI reference: relative as it was typed, or file:///….
func uri(path string) string {
	slashed := filepath.ToSlash(path)
	if filepath.IsAbs(path) {
		if !strings.HasPrefix(slashed, "/") {
			slashed = "/" + slashed
		}
		return (&url.URL{Scheme: "file", Path: slashed}).String()
	}
	return (&url.URL{Path: slashed}).String()
}
