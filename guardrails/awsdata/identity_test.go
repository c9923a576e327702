package awsdata

import (
	"strings"
	"testing"
)

func TestSharedIssuersCountTheirFields(t *testing.T) {
	if len(SharedIssuers.Value) == 0 {
		t.Fatal("no shared issuers")
	}
	for _, s := range SharedIssuers.Value {
		if n := strings.Count(s.Begin, string(s.Separator)); n != s.Fields {
			t.Errorf("%s: %q has %d fields, not %d", s.Provider, s.Begin, n, s.Fields)
		}
		if got, ok := LookupSharedIssuer(s.Provider); !ok || got != s {
			t.Errorf("%s is not found", s.Provider)
		}
	}
	if _, ok := LookupSharedIssuer("example.com"); ok {
		t.Error("example.com is shared")
	}
}
