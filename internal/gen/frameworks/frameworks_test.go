package frameworks

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/orgrails/orgrails/guardrails/catalog"
)

func file(requirements string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte(`{"Requirements": [` + requirements + `]}`)}
}

func TestRead(t *testing.T) {
	dir := fstest.MapFS{
		"cis_7.0_aws.json":                file(`{"Id": "2.10", "Checks": []}, {"Id": "2.4", "Checks": ["root_key"]}`),
		"cis_3.0_aws.json":                file(`{"Id": "1.4", "Checks": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}`),
		"nist_800_53_revision_5_aws.json": file(`{"Id": "ac_2_3_a", "Name": "AC-2(3)(a)", "Checks": ["a"]}, {"Id": "ac_2_3", "Name": "AC-2(3) Disable", "Checks": ["b", "a"]}, {"Id": "ac_2_d_1", "Name": "AC-2(d)(1)", "Checks": ["a"]}, {"Id": "ac_3", "Name": "Access Enforcement (AC-3)", "Checks": ["a"]}`),
		"pci_4.0_aws.json":                file(`{"Id": "7.2.1.1", "Checks": ["a"], "Attributes": [{"Section": "7.2.1: Access"}]}, {"Id": "A1.1.2.1", "Checks": [], "Attributes": [{"Section": "A1.1.2: Tenants"}]}`),
		"iso27001_2022_aws.json":          file(`{"Id": "A.5.15", "Checks": ["a"]}`),
		"soc2_aws.json":                   file(`{"Id": "cc_6_1", "Name": "CC6.1 The entity", "Checks": ["a"]}, {"Id": "cc_a_1_1", "Name": "A1.2 The entity", "Checks": ["a"]}`),
	}
	data, err := Read(dir, "1.0", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	var f catalog.FrameworksFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	ids := map[string][]string{}
	for _, fw := range f.Frameworks {
		for _, c := range fw.Controls {
			ids[fw.ID] = append(ids[fw.ID], c.ID)
		}
	}
	for id, want := range map[string][]string{
		"cis-aws-foundations-7.0": {"2.4", "2.10"},
		"nist-800-53-r5":          {"AC-2", "AC-2(3)", "AC-3"},
		"pci-dss-4.0":             {"7.2.1", "A1.1.2"},
		"soc-2":                   {"A1.2", "CC6.1"},
	} {
		if !slices.Equal(ids[id], want) {
			t.Errorf("%s has %v, want %v", id, ids[id], want)
		}
	}
	if c := f.Frameworks[0].Controls[0]; c.SecurityHub != nil || c.Checks != 1 || !slices.Equal(c.Named, []string{"root_key"}) {
		t.Errorf("%+v", c)
	}
	if c := f.Frameworks[1].Controls[0]; c.Checks != 9 || c.Named != nil || !slices.Equal(c.SecurityHub, []string{"IAM.4"}) {
		t.Errorf("%+v", c)
	}
	delete(dir, "soc2_aws.json")
	if _, err := Read(dir, "1.0", "2026-11-22"); err == nil {
		t.Error("a file is missing, and nothing said so")
	}
}

// What is embedded is complete and sorted, and says where it comes from.
func TestTheEmbeddedTable(t *testing.T) {
	known := catalog.Frameworks()
	if _, err := time.Parse(time.DateOnly, known.Read); err != nil || known.Source == "" {
		t.Errorf("%q %q", known.Source, known.Read)
	}
	count := map[string]int{}
	for _, f := range known.Value {
		count[f.ID] = len(f.Controls)
		for id := range hub[f.ID] {
			if !slices.ContainsFunc(f.Controls, func(c catalog.FrameworkControl) bool { return c.ID == id && len(c.SecurityHub) > 0 }) {
				t.Errorf("%s lacks %s, which Security Hub knows", f.ID, id)
			}
		}
		for i, c := range f.Controls {
			if c.ID == "" || c.Checks < len(c.Named) || len(c.Named) > few || c.Checks > few && len(c.Named) > 0 {
				t.Errorf("%s: %+v", f.ID, c)
			}
			if i > 0 && catalog.CompareControls(f.Controls[i-1].ID, c.ID) >= 0 {
				t.Errorf("%s: %s comes before %s", f.ID, f.Controls[i-1].ID, c.ID)
			}
		}
	}
	for id, n := range map[string]int{"cis-aws-foundations-7.0": 70, "cis-aws-foundations-3.0": 62, "nist-800-53-r5": 100, "pci-dss-4.0": 100, "iso-27001-2022": 90, "soc-2": 20} {
		if count[id] < n {
			t.Errorf("%s has %d controls", id, count[id])
		}
	}
}
