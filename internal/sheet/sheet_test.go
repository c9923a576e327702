package sheet_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/internal/config"
	"github.com/orgrails/orgrails/internal/sheet"
)

const needy = `id: protect-buckets
title: Buckets stay
stops: Anyone deleting a bucket.
breaks: Teams cannot delete the buckets.
avoid: Nowhere.
type: SERVICE_CONTROL_POLICY
severity: high
references: ["https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html"]
parameters:
  buckets: {description: Buckets to protect., type: strings, minItems: 1, maxItems: 9}
  actions: {description: Actions to deny., type: actions, default: ["s3:PutBucket*"]}
statements:
  - {sid: Protect, effect: Deny, action: ["s3:DeleteBucket", "{{actions}}"], resource: ["arn:{{partition}}:s3:::{{buckets}}"]}
vectors:
  - {name: a role deletes the bucket, expect: deny, parameters: {buckets: [logs]}, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:DeleteBucket", also: ["s3:PutBucketPolicy"], resource: "arn:aws:s3:::logs"}
  - {name: a role deletes another bucket, expect: allow, parameters: {buckets: [logs]}, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:DeleteBucket", resource: "arn:aws:s3:::other"}
  - {name: a role lists the bucket, expect: allow, parameters: {buckets: [logs]}, principal: "arn:aws:iam::222222222222:role/Admin", action: "s3:ListBucket", resource: "arn:aws:s3:::logs"}
`

func template(t *testing.T, src string) *catalog.Template {
	t.Helper()
	tm, ds := config.ParseTemplate("t.yaml", []byte(src))
	c, more := catalog.New([]catalog.Template{tm})
	if ds = append(ds, more...); ds != nil {
		t.Fatalf("%+v", ds)
	}
	return c.All()[0]
}

func TestAParameterWithoutDefault(t *testing.T) {
	tm := template(t, needy)
	s, ds, err := sheet.New(tm, nil)
	if err != nil || ds != nil {
		t.Fatal(ds, err)
	}
	if got := sheet.Values(s.Given); got != `buckets: ["logs"]` || !strings.Contains(s.Document, "arn:aws:s3:::logs") {
		t.Errorf("%s\n%s", got, s.Document)
	}
	if size, quota := s.Size(); quota != 10240 || size < 100 || !strings.HasSuffix(s.Characters(), " of 10,240 characters") {
		t.Errorf("%d of %d: %s", size, quota, s.Characters())
	}
	if !s.Passed() || len(s.Results) != 4 || sheet.Why(&s.Results[1]) != "Protect" || sheet.VectorName(s.Results[1].Vector) != "a role deletes the bucket" {
		t.Errorf("%+v", s.Results)
	}
	if _, ds, _ := sheet.New(tm, map[string]org.Parameter{"actions": {Value: []any{"s3:PutObject"}}}); len(ds) != 1 || ds[0].Code != "GR211" {
		t.Errorf("%+v", ds)
	}
	if _, ds, _ := sheet.New(tm, map[string]org.Parameter{"buckets": {Value: "logs"}}); len(ds) != 1 || ds[0].Code != "GR212" {
		t.Errorf("%+v", ds)
	}
	if b := sheet.Bounds(tm.Parameters["buckets"]); !slices.Equal(b, []string{"1 to 9 items"}) {
		t.Error(b)
	}
}

func TestSearch(t *testing.T) {
	first := template(t, needy)
	second := template(t, strings.NewReplacer("protect-buckets", "protect-things", "Buckets stay", "Things stay").Replace(needy))
	ts := []*catalog.Template{second, first}
	for words, want := range map[string][]string{
		"":                   {"protect-things", "protect-buckets"},
		"bucket":             {"protect-buckets", "protect-things"}, // in the id first
		"BUCKETS":            {"protect-buckets"},
		"stay protect":       {"protect-things", "protect-buckets"},
		"stay things":        {"protect-things"},
		"s3:PutBucketPolicy": {"protect-things", "protect-buckets"},
		"s3:delete*":         {"protect-things", "protect-buckets"},
		"s3:GetObject":       nil,
		"bucket nothing":     nil,
	} {
		var got []string
		for _, tm := range sheet.Search(ts, strings.Fields(words)) {
			got = append(got, tm.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
}

func TestControls(t *testing.T) {
	for _, c := range []struct {
		id, whole string
		want      bool
	}{
		{"4.1", "4", true}, {"4.1", "4.1", true}, {"4.10", "4.1", false}, {"4", "4.1", false},
		{"AC-2(1)", "AC-2", true}, {"AC-24", "AC-2", false}, {"ac-2", "AC-2", true},
	} {
		if sheet.Within(c.id, c.whole) != c.want {
			t.Errorf("%s in %s is not %v", c.id, c.whole, c.want)
		}
	}
}
