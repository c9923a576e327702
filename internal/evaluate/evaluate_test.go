package evaluate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// answers runs cases and returns the lines that come back.
func answers(t *testing.T, in io.Reader, o Options) ([]string, Counts) {
	t.Helper()
	var out bytes.Buffer
	counts, err := Run(t.Context(), in, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	if out.Len() == 0 {
		return nil, counts
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), counts
}

const (
	organization = `{"id":"o-a1b2c3d4e5","managementAccount":"111111111111","accounts":["111111111111","222222222222"]}`
	ask          = `{"principal":"arn:aws:iam::222222222222:role/Admin","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"222222222222","context":{}}`
	allowAll     = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	denyAll      = `{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Action":"*","Resource":"*"}]}`
)

// a case with the id, made of the parts; "" is the usual one.
func line(id, org, request, policies string) string {
	for _, p := range []struct {
		part  *string
		usual string
	}{{&org, organization}, {&request, ask}, {&policies, `{"identity":[` + allowAll + `]}`}} {
		if *p.part == "" {
			*p.part = p.usual
		}
	}
	return `{"id":` + id + `,"org":` + org + `,"request":` + request + `,"policies":` + policies + `}` + "\n"
}

func TestDecisions(t *testing.T) {
	for policies, want := range map[string]string{
		``:                               `{"id":"x","decision":"Allowed","blockedBy":[]}`,
		`{}`:                             `{"id":"x","decision":"ImplicitlyDenied","blockedBy":["identity"]}`,
		`{"identity":null}`:              `{"id":"x","decision":"ImplicitlyDenied","blockedBy":["identity"]}`,
		`{"identity":[` + denyAll + `]}`: `{"id":"x","decision":"ExplicitlyDenied","blockedBy":["identity"]}`,
		`{"identity":[{"name":"A","policy":` + allowAll + `}]}`: `{"id":"x","decision":"Allowed","blockedBy":[]}`,
		// Unknown names outside of documents mean nothing.
		`{"note":{"a":[1]},"identity":[{"name":"A","note":1,"policy":` + allowAll + `}],"scp":[]}`: `{"id":"x","decision":"Allowed","blockedBy":[]}`,
	} {
		got, counts := answers(t, strings.NewReader(line(`"x"`, "", "", policies)), Options{})
		if len(got) != 1 || got[0] != want || counts != (Counts{Decided: 1}) {
			t.Errorf("%s\n got %s\nwant %s", policies, got, want)
		}
	}
}

// Each mistake is answered in its place, with the case's id, and the cases
// behind it are decided.
func TestMistakes(t *testing.T) {
	replace := func(s, old, new string) string {
		if !strings.Contains(s, old) {
			t.Fatalf("%s is not in %s", old, s)
		}
		return strings.Replace(s, old, new, 1)
	}
	for _, m := range []struct{ line, id, want string }{
		{`nonsense`, `null`, `column 1: expected an object, found 'n'`},
		{`{"id":"x"`, `"x"`, `column 10: expected ',' or '}', found the end`},
		{"{\"id\":\"\xff\"}", `null`, `the case is not UTF-8`},
		{`{"id":"x"} {}`, `"x"`, `column 12: expected the end, found '{'`},
		{`[]`, `null`, `column 1: expected an object, found '['`},
		{`{"id":"x"}`, `"x"`, `org is missing`},
		{line(`{}`, "", "", ""), `null`, `id: expected a string, found an object`},
		{line(`"x","id":"y"`, "", "", ""), `"y"`, `id stands twice`},
		{line(`"x"`, `[]`, "", ""), `"x"`, `org: expected an object, found a list`},
		{line(`"x"`, `{"id":"o-1","accounts":[]}`, "", ""), `"x"`, `org.managementAccount is missing`},
		{line(`"x"`, replace(organization, `"222222222222"`, `222222222222`), "", ""), `"x"`, `org.accounts: expected a string, found a number`},
		{line(`"x"`, replace(organization, `"222222222222"`, `"2222"`), "", ""), `"x"`, `org.accounts: an account id is twelve digits, not "2222"`},
		{line(`"x"`, "", `null`, ""), `"x"`, `request: expected an object, found null`},
		{line(`"x"`, "", replace(ask, `"principal"`, `"principals"`), ""), `"x"`, `request.principal is missing`},
		{line(`"x"`, "", replace(ask, `"arn:aws:iam::222222222222:role/Admin"`, `""`), ""), `"x"`, `request.principal is empty`},
		{line(`"x"`, "", replace(ask, `"s3:GetObject"`, `["s3:GetObject"]`), ""), `"x"`, `request.action: expected a string, found a list`},
		{line(`"x"`, "", replace(ask, `"s3:GetObject"`, `"GetObject"`), ""), `"x"`, `request: the action "GetObject" is not of the form service:Action`},
		{line(`"x"`, "", replace(ask, `"arn:aws:iam::222222222222:role/Admin"`, `"Admin"`), ""), `"x"`, `request: the principal "Admin" is neither`},
		{line(`"x"`, "", replace(ask, `"resourceAccount":"222222222222"`, `"resourceAccount":"2"`), ""), `"x"`, `request.resourceAccount: an account id is twelve digits, not "2"`},
		{line(`"x"`, "", replace(ask, `"context":{}`, `"context":{"a:b":{}}`), ""), `"x"`, `request.context: a:b: expected a string, found an object`},
		{line(`"x"`, "", replace(ask, `"context":{}`, `"context":{"a:b":["1",null]}`), ""), `"x"`, `request.context: a:b: expected a string, found null`},
		{line(`"x"`, "", replace(ask, `"context":{}`, `"context":{"a:b":"1","A:B":"2"}`), ""), `"x"`, `request.context: "A:B" stands twice`},
		{line(`"x"`, "", replace(ask, `"context":{}`, `"unknown":"aws:SourceIp"`), ""), `"x"`, `request.unknown: expected a list of strings, found a string`},
		{line(`"x"`, "", "", `[]`), `"x"`, `policies: expected an object, found a list`},
		{line(`"x"`, "", "", `{"identity":{}}`), `"x"`, `policies.identity: expected a list of policy documents, found an object`},
		{line(`"x"`, "", "", `{"identity":[],"identity":[]}`), `"x"`, `policies.identity stands twice`},
		{line(`"x"`, "", "", `{"scp":[`+allowAll+`]}`), `"x"`, `policies.scp[0].id is missing`},
		{line(`"x"`, "", "", `{"scp":[{"id":"r-1"}]}`), `"x"`, `policies.scp[0].policies is missing`},
		{line(`"x"`, "", "", `{"rcp":[{"id":"r-1","policies":[7]}]}`), `"x"`, `policies.rcp[0].policies[0]: expected a policy document, found a number`},
		{line(`"x"`, "", "", `{"resource":"*"}`), `"x"`, `policies.resource: expected a policy document, found a string`},
		{line(`"x"`, "", "", `{"session":{"name":7,"policy":`+allowAll+`}}`), `"x"`, `policies.session.name: expected a string, found a number`},
		{line(`"x"`, "", "", `{"identity":[{"policy":`+allowAll+`,"Statement":[]}]}`), `"x"`, `policies.identity[0]:1:`},
		{line(`"x"`, "", "", `{"boundary":[`+replace(allowAll, `"Effect"`, `"Efect"`)+`]}`), `"x"`, `policies.boundary[0]:1:`},
		{line(`"x"`, "", "", `{"vpce":[{"policy":`+replace(allowAll, `"Allow"`, `"allow"`)+`}]}`), `"x"`, `policies.vpce[0].policy:1:`},
		{line(`"x"`, "", "", `{"identity":[`+replace(allowAll, `"Effect"`, `"Principal":"*","Effect"`)+`]}`), `"x"`, `policies.identity[0]`},
	} {
		in := strings.TrimSuffix(m.line, "\n") + "\n" + line(`"next"`, "", "", "")
		got, counts := answers(t, strings.NewReader(in), Options{})
		if counts != (Counts{Decided: 1, Failed: 1}) || len(got) != 2 || got[1] != `{"id":"next","decision":"Allowed","blockedBy":[]}` {
			t.Errorf("%s\ngot %v %v", m.line, counts, got)
			continue
		}
		if start := `{"id":` + m.id + `,"error":"`; !strings.HasPrefix(got[0], start) || !strings.Contains(got[0], string(appendString(nil, m.want))[1:len(appendString(nil, m.want))-1]) {
			t.Errorf("%s\n got %s\nwant %s%s", m.line, got[0], start, m.want)
		}
	}
}

// Whatever the batches and the workers, answers come in the order of cases.
func TestOrderIsKept(t *testing.T) {
	const n = 3000
	var in strings.Builder
	for i := range n {
		switch i % 3 {
		case 0:
			in.WriteString(line(fmt.Sprint(i), "", "", ""))
		case 1: // some take longer than others
			in.WriteString(line(fmt.Sprint(i), "", "", `{"identity":[`+strings.Repeat(denyAll+",", i%200)+allowAll+`]}`))
		default:
			fmt.Fprintf(&in, "{\"id\":%d}\r\n \t\n\n", i)
		}
	}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(in.String()), "in pieces": iotest.HalfReader(strings.NewReader(in.String())),
		"with its end": iotest.DataErrReader(strings.NewReader(in.String())), "behind a mark": strings.NewReader("\ufeff" + in.String()),
		"without a last line end": strings.NewReader(strings.TrimRight(in.String(), "\n")),
	} {
		got, counts := answers(t, r, Options{Workers: 7})
		if len(got) != n || counts.Failed != n/3 {
			t.Fatalf("%s: %d answers, %+v", name, len(got), counts)
		}
		for i, a := range got {
			if !strings.HasPrefix(a, fmt.Sprintf(`{"id":%d,`, i)) {
				t.Fatalf("%s: answer %d is %s", name, i, a)
			}
		}
	}
	if got, _ := answers(t, strings.NewReader("\n \n"), Options{}); got != nil {
		t.Errorf("nothing is answered with %v", got)
	}
}

// Whoever writes a case and waits gets its answer, before the input ends.
func TestAnswersComeAtOnce(t *testing.T) {
	in, cases := io.Pipe()
	answered, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := Run(context.Background(), in, out, Options{})
		out.Close()
		done <- err
	}()
	for range 3 {
		if _, err := io.WriteString(cases, line(`"x"`, "", "", "")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		if n, err := answered.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), `{"id":"x","decision":"Allowed"`) {
			t.Fatalf("%q %v", buf[:n], err)
		}
	}
	cases.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A hundred thousand cases take no more memory than a thousand. Ten million are
// run as docs/benchmarks.md says.
// The policies come again and again, or never: neither may stay.
func TestMemoryIsConstant(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(GCPercent))
	size := 200 << 20
	if testing.Short() {
		size = 50 << 20
	}
	for _, tt := range []struct {
		name string
		sets func(i int) int
	}{
		{"five sets of policies", func(i int) int { return i % 5 }},
		{"each case its own", func(i int) int { return i }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var most uint64
			watch := func() {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
			runtime.GC()
			watch()
			before, reads := most, 0
			in := &generated{size: size, sets: tt.sets}
			counts, err := Run(t.Context(), readerFunc(func(p []byte) (int, error) {
				if reads++; reads%50 == 0 {
					watch()
				}
				return in.Read(p)
			}), io.Discard, Options{})
			if err != nil || counts.Failed > 0 || counts.Decided != in.cases || in.cases < size/3000 {
				t.Fatal(counts, in.cases, err)
			}
			if got := most - before; got > 4*inFlight {
				t.Errorf("%d cases of %d MiB took %d MiB", counts.Decided, size>>20, got>>20)
			} else {
				t.Logf("%d cases of %d MiB took %d MiB", counts.Decided, size>>20, got>>20)
			}
		})
	}
}

// generated gives cases until they are of a size.
type generated struct {
	size, cases int
	sets        func(i int) int
	text        string
}

func (g *generated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if g.text == "" {
			if g.size <= 0 {
				return n, io.EOF
			}
			g.text = smallCase(g.cases, g.sets(g.cases))
			g.size -= len(g.text)
			g.cases++
		}
		c := copy(p[n:], g.text)
		g.text = g.text[c:]
		n += c
	}
	return n, nil
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A case longer than what is read at all, or than what is held at once, is
// answered, and so are those around it.
func TestLongCases(t *testing.T) {
	long := line(`"long"`, "", "", `{"note":"`+strings.Repeat("x", 2*inFlight)+`","identity":[`+allowAll+`]}`)
	tooLong := `{"id":"` + strings.Repeat("x", maxCase) + "\"}\n"
	in := strings.NewReader(line(`1`, "", "", "") + long + line(`2`, "", "", "") + tooLong + line(`3`, "", "", "") + strings.Repeat("x", maxCase+4*chunk) + "\n" + line(`4`, "", "", "") + tooLong)
	got, _ := answers(t, in, Options{})
	var ids []string
	for _, a := range got {
		ids = append(ids, a[:min(len(a), 22)])
	}
	want := `{"id":1,"decision":"Al|{"id":"long","decision|{"id":2,"decision":"Al|{"id":null,"error":"th|{"id":3,"decision":"Al|{"id":null,"error":"th|{"id":4,"decision":"Al|{"id":null,"error":"th`
	if s := strings.Join(ids, "|"); s != want {
		t.Errorf("got\n%s, want\n%s", s, want)
	}
}

func TestTheWorldEndsTheRun(t *testing.T) {
	broken := errors.New("broken")
	one := line(`1`, "", "", "")
	if _, err := Run(t.Context(), io.MultiReader(strings.NewReader(one), iotest.ErrReader(broken)), io.Discard, Options{}); !errors.Is(err, broken) {
		t.Errorf("a broken input: %v", err)
	}
	full := writerFunc(func([]byte) (int, error) { return 0, broken })
	if _, err := Run(t.Context(), &endless{text: one, left: 1 << 40}, full, Options{}); !errors.Is(err, broken) {
		t.Errorf("a broken output: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	waiting, _ := io.Pipe()
	if _, err := Run(ctx, waiting, io.Discard, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a waiting input: %v", err)
	}
	if _, err := Run(ctx, &endless{text: one, left: 1 << 40}, io.Discard, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an endless input: %v", err)
	}
}

// Who does not take answers is not given more and more of them.
func TestAWriterThatWaitsHoldsTheReader(t *testing.T) {
	var text strings.Builder
	for i := range 500 {
		text.WriteString(smallCase(i, 0))
	}
	in := &endless{text: text.String(), left: 1 << 30}
	waits := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := Run(ctx, in, writerFunc(func(p []byte) (int, error) { <-waits; return len(p), nil }), Options{Workers: 200})
		done <- err
	}()
	time.Sleep(200 * time.Millisecond)
	cancel()
	close(waits)
	<-done
	time.Sleep(50 * time.Millisecond) // what was read last
	if read := 1<<30 - in.left; read > inFlight+4*chunk || read < chunk {
		t.Errorf("%d KiB were read", read>>10)
	}
}

// What is kept is bounded, and what is asked for again and again stays.
func TestCache(t *testing.T) {
	c := newCache[int](64 << 10)
	made := 0
	get := func(key string) int {
		return c.get([]byte(key), func() int { made++; return len(key) })
	}
	for i := range 10_000 {
		for _, key := range []string{"always", fmt.Sprint("twice-", i), fmt.Sprint("twice-", i)} {
			if got := get(key); got != len(key) {
				t.Fatalf("%s: %d", key, got)
			}
		}
	}
	if n := len(c.young) + len(c.old); n > 128 || n < 10 {
		t.Errorf("%d are kept", n)
	}
	if made > 20_010 || made < 20_000 { // twice each that comes twice: the first is not kept
		t.Errorf("%d were made", made)
	}
}
