package config

import (
	"strings"
	"testing"
)

// A unit that exists has the name that it has in AWS, which refuses it for new
// ones.
func TestNamesOfUnitsThatExist(t *testing.T) {
	const file = `version: 1
organization: {name: acme, managementAccount: {id: "111111111111"}, homeRegion: eu-central-1}
root: {units: {Labs: {ID name: "<b>Labs\u0001</b>", accounts: {lab: {email: lab@acme.example}}}}}
`
	for id, refused := range map[string]bool{"": true, "id: ou-ab12-00000002, ": false} {
		f, ds := loadText(t, strings.Replace(file, "ID ", id, 1))
		if ds.HasErrors() != refused {
			t.Errorf("with %q: %v", id, ds)
		} else if !refused && f.Organization.Units[0].Name != "<b>Labs\x01</b>" {
			t.Errorf("%q", f.Organization.Units[0].Name)
		}
	}
}
