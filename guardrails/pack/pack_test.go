package pack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// statements reads statements in JSON, each a guardrail of its own: a, b, c, …
func statements(t testing.TB, compact pack.Compact, texts ...string) []pack.Statement {
	t.Helper()
	var out []pack.Statement
	for i, text := range texts {
		d, ds := policy.Parse("p.json", []byte(`{"Version":"2012-10-17","Statement":[`+text+`]}`))
		if ds.HasErrors() {
			t.Fatalf("%s: %v", text, ds)
		}
		for j, s := range d.Statements {
			out = append(out, pack.Statement{ID: pack.ID{Guardrail: string(rune('a' + i)), Position: j}, Statement: s, Compact: compact})
		}
	}
	return out
}

// packed is the statements of all documents, a line each; a line of three
// dashes stands between documents.
func packed(t testing.TB, in []pack.Statement, opts pack.Options) string {
	t.Helper()
	p, ds := pack.Pack(in, opts)
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	var lines []string
	for i, d := range p.Documents {
		if i > 0 {
			lines = append(lines, "---")
		}
		for _, s := range d.Statements {
			text := policy.Document{Statements: []policy.Statement{s.Statement}}.JSON()
			lines = append(lines, strings.TrimSuffix(strings.TrimPrefix(text, `{"Statement":[`), `]}`)+fmt.Sprintf(" %v", s.Holds))
		}
	}
	for _, d := range p.Dropped {
		lines = append(lines, fmt.Sprintf("%v by %v", d.ID, d.By))
	}
	return strings.Join(lines, "\n")
}

func TestPack(t *testing.T) {
	const condition = `"Condition":{"StringEquals":{"aws:PrincipalTag/team":"a  b"}}`
	for _, c := range []struct {
		name    string
		compact pack.Compact
		in      []string
		want    string
	}{
		{"actions on the same resources are united", "", []string{
			`{"Sid":"B","Effect":"Deny","Action":["s3:PutObject","s3:ListBucket"],"Resource":"*",` + condition + `}`,
			`{"Sid":"A","Effect":"Deny","Action":["s3:putobject","S3:GetObject"],"Resource":["*"],` + condition + `}`,
		}, `{"Sid":"B","Effect":"Deny","Action":["S3:GetObject","s3:ListBucket","s3:PutObject"],"Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a  b"}}} [a[0] b[0]]`},
		{"resources of the same actions are united", "", []string{
			`{"Effect":"Deny","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::a/*"}`,
			`{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"}`,
		}, `{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]} [a[0] b[0]]`},
		{"actions on the same NotResource are united", "", []string{
			`{"Effect":"Deny","Action":"s3:PutObject","NotResource":"arn:aws:s3:::a/*"}`,
			`{"Effect":"Deny","Action":"s3:GetObject","NotResource":"arn:aws:s3:::a/*"}`,
		}, `{"Effect":"Deny","Action":["s3:GetObject","s3:PutObject"],"NotResource":"arn:aws:s3:::a/*"} [a[0] b[0]]`},
		{"nothing else is", "", []string{
			`{"Effect":"Deny","Action":"s3:PutObject","NotResource":"arn:aws:s3:::a/*"}`,
			`{"Effect":"Deny","Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/*"}`,
			`{"Effect":"Deny","NotAction":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			`{"Effect":"Deny","NotAction":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`,
			`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"Null":{"aws:TagKeys":"true"}}}`,
			`{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{"Null":{"aws:tagkeys":"true"}}}`,
			`{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}`,
		}, "same"},
		{"wider statements stand for narrower ones", "", []string{
			`{"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/x",` + condition + `}`,
			`{"Effect":"Deny","Action":["s3:Get*","kms:*"],"Resource":["arn:aws:s3:::a/*","arn:aws:kms:*:*:key/*"]}`,
			`{"Effect":"Deny","Action":["s3:GetObject","s3:Get*","KMS:*"],"Resource":["arn:aws:kms:*:*:key/*","arn:aws:s3:::a/*","arn:aws:s3:::a/x"]}`,
		}, `{"Effect":"Deny","Action":["kms:*","s3:Get*"],"Resource":["arn:aws:kms:*:*:key/*","arn:aws:s3:::a/*"]} [b[0]]` + "\na[0] by b[0]\nc[0] by b[0]"},
		{"what excepts less is wider", "", []string{
			`{"Effect":"Deny","NotAction":["s3:Get*","kms:*"],"NotResource":["arn:aws:s3:::a/*"]}`,
			`{"Effect":"Deny","NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::a/x"}`,
		}, `{"Effect":"Deny","NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::a/x"} [b[0]]` + "\na[0] by b[0]"},
		{"wildcards where they are exact", pack.Exact, []string{
			`{"Effect":"Deny","Action":["account:EnableRegion","account:DisableRegion","sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity","sts:AssumeRoot","sts:AssumeUnheardOf","ec2:CreateTags"],"Resource":"*"}`,
		}, `{"Effect":"Deny","Action":["account:DisableRegion","account:EnableRegion","ec2:CreateTags","sts:AssumeRo*","sts:AssumeUnheardOf"],"Resource":"*"} [a[0]]`},
		{"a deliberate wildcard keeps what it will match", pack.Exact, []string{
			`{"Effect":"Deny","Action":["sts:AssumeRole*","sts:AssumeRoot","account:E*"],"Resource":"*"}`,
		}, `{"Effect":"Deny","Action":["account:E*","sts:AssumeRo*"],"Resource":"*"} [a[0]]`},
		{"no wildcard where none is permitted, in an Allow, or in NotAction", pack.Exact, []string{
			`{"Effect":"Allow","Action":["sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity","sts:AssumeRoot"],"Resource":"*"}`,
			`{"Effect":"Deny","NotAction":["sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity","sts:AssumeRoot"],"Resource":"*"}`,
		}, "same"},
		{"never", pack.Never, []string{`{"Effect":"Deny","Action":["sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity","sts:AssumeRoot"],"Resource":"*"}`}, "same"},
		{"Sids are used once in a document", "", []string{
			`{"Sid":"One","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`,
			`{"Sid":"One","Effect":"Allow","Action":"s3:*","Resource":"*"}`,
		}, `{"Sid":"One","Effect":"Deny","Action":"s3:GetObject","Resource":"*"} [a[0]]` + "\n" + `{"Sid":"One2","Effect":"Allow","Action":"s3:*","Resource":"*"} [b[0]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want == "same" {
				var lines []string
				for i, text := range c.in {
					lines = append(lines, fmt.Sprintf("%s [%c[0]]", text, 'a'+i))
				}
				want = strings.Join(lines, "\n")
			}
			if got := packed(t, statements(t, c.compact, c.in...), pack.Options{}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A wildcard that was made matches what was wanted and nothing more, of all
// that AWS has: for each service, every second action, and all that delete.
func TestCompactedListsMatchTheSameActions(t *testing.T) {
	made := 0
	for _, prefix := range awsdata.ServicePrefixes() {
		for _, want := range []func(i int, name string) bool{
			func(i int, _ string) bool { return i%2 == 0 },
			func(_ int, name string) bool {
				return strings.Contains(name, ":Delete") || strings.Contains(name, ":Disa") || strings.Contains(name, ":Put")
			},
			func(i int, _ string) bool { return i%16 > 3 },
		} {
			wanted := map[string]bool{}
			s := pack.Statement{ID: pack.ID{Guardrail: prefix}, Compact: pack.Exact, Statement: policy.Statement{Effect: policy.Deny, Resource: policy.Values{"*"}}}
			for i, a := range awsdata.Actions(prefix) {
				if want(i, a.Name) {
					wanted[a.Name] = true
					s.Action = append(s.Action, a.Name)
				}
			}
			if len(wanted) == 0 {
				continue
			}
			p, ds := pack.Pack([]pack.Statement{s}, pack.Options{MaxSize: 100_000})
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			got := map[string]bool{}
			for _, pattern := range p.Documents[0].Statements[0].Action {
				if strings.Contains(pattern, "*") {
					made++
				}
				for _, a := range awsdata.MatchActions(pattern) {
					got[a.Name] = true
				}
			}
			if len(got) != len(wanted) {
				t.Errorf("%s: %d actions are matched, %d wanted: %v", prefix, len(got), len(wanted), p.Documents[0].Statements[0].Action)
			}
			for name := range wanted {
				if !got[name] {
					t.Errorf("%s is lost", name)
				}
			}
		}
	}
	if made < 500 {
		t.Errorf("only %d wildcards were made", made)
	}
}

func TestSplit(t *testing.T) {
	var actions, resources []string
	for i := range 150 {
		actions = append(actions, fmt.Sprintf(`"service%d:DoSomethingOrOther"`, i))
		resources = append(resources, fmt.Sprintf(`"arn:aws:s3:::bucket-number-%d/*"`, i))
	}
	in := statements(t, "", `{"Sid":"Long","Effect":"Deny","Action":[`+strings.Join(actions, ",")+`],"Resource":[`+strings.Join(resources, ",")+`]}`)
	p, ds := pack.Pack(in, pack.Options{MaxSize: 4_000, MaxDocuments: 100})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	documents(t, p, 4_000)
	accounted(t, in, p)
	pairs := map[string]int{}
	for _, d := range p.Documents {
		for _, s := range d.Statements {
			for _, a := range s.Action {
				for _, r := range s.Resource {
					pairs[a+" "+r]++
				}
			}
		}
	}
	if len(pairs) != 150*150 {
		t.Errorf("%d pairs of action and resource, want %d", len(pairs), 150*150)
	}
}

func TestReferencesCountAsLongAsTheyCanBe(t *testing.T) {
	in := statements(t, "", `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"{{id:organization}}"}}}`)
	measure := func(s string) int {
		return policy.Size(strings.ReplaceAll(s, "{{id:organization}}", strings.Repeat("o", 34)))
	}
	p, ds := pack.Pack(in, pack.Options{Measure: measure})
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	if d := p.Documents[0]; d.Size != policy.Size(d.Content)-len("{{id:organization}}")+34 {
		t.Errorf("%d characters: %s", d.Size, d.Content)
	}
	size := p.Documents[0].Size
	if _, ds := pack.Pack(in, pack.Options{Measure: measure, MaxSize: size}); ds.HasErrors() {
		t.Error(ds)
	}
	if _, ds := pack.Pack(in, pack.Options{Measure: measure, MaxSize: size - 1}); !ds.HasErrors() {
		t.Error("one character more than fits is taken")
	}
}

func TestGroupsStayApart(t *testing.T) {
	in := statements(t, "",
		`{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}`, `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`, `{"Effect":"Deny","Action":"kms:*","Resource":"*"}`)
	in[1].Group = "until the boundary is there"
	want := `{"Effect":"Deny","Action":["kms:*","s3:GetObject"],"Resource":"*"} [a[0] c[0]]` + "\n" + `{"Effect":"Deny","Action":"s3:*","Resource":"*"} [b[0]]`
	if got := packed(t, in, pack.Options{}); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("x", 400)
	in := statements(t, "",
		`{"Sid":"Fits","Effect":"Deny","Action":"s3:*","Resource":"*"}`,
		`{"Sid":"Perimeter","Effect":"Deny","Action":["s3:GetObject","s3:PutObject"],"Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/`+long+`":"a"}}}`,
		`{"Effect":"Deny","NotAction":"`+long+`:*","Resource":"*"}`)
	in[1].Range = diag.Range{File: "a.json", Start: diag.Pos{Line: 3, Column: 5}}
	p, ds := pack.Pack(in, pack.Options{MaxSize: 400})
	var got []string
	for _, d := range ds {
		got = append(got, d.Code+" "+d.Range.String()+" "+d.Summary)
	}
	want := []string{
		"GR380 a.json:3:5 statement Perimeter of b takes a document of 571 characters with one of its actions and resources alone, and the largest is 400",
		"GR380  statement 1 of c takes a document of 488 characters, and the largest is 400",
	}
	if p != nil || !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}

	in = in[:1]
	for i := range 40 {
		in = append(in, statements(t, "", fmt.Sprintf(`{"Effect":"Deny","NotAction":"service%d:*","Resource":"*"}`, i))...)
		in[i+1].Position = i + 1
	}
	p, ds = pack.Pack(in, pack.Options{MaxSize: 400, MaxDocuments: 2})
	if p != nil || len(ds) != 1 || ds[0].Code != "GR381" || ds[0].Summary != "the statements need at least 7 documents of 400 characters, and 2 may be attached" {
		t.Errorf("got %v", ds)
	}
}

func TestNothingIsNoDocument(t *testing.T) {
	p, ds := pack.Pack(nil, pack.Options{})
	if len(ds) > 0 || p.Documents == nil || len(p.Documents) > 0 {
		t.Errorf("%+v %v", p, ds)
	}
}
