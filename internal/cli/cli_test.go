package cli

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A bug is one line that says where to report it, and never a stack trace.
func TestPanicIsOneLine(t *testing.T) {
	w := newWorld(t)
	w.Now = func() time.Time { panic("impossible\nvalue") }
	w.exits(t, ExitFailure, "validate")
	got := w.errors.String()
	contains(t, "standard error", got, "orgrails: internal error: impossible; value (cli_test.go:", issues)
	if strings.Count(got, "\n") != 2 || strings.Contains(got, "goroutine") {
		t.Errorf("got\n%s", got)
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a\n\n  b\n": "a; b", "\x1b[2J": `\x1b[2J`, "": ""} {
		if got := oneLine(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// validate, plan, render, pack, test, explain, evaluate, compare and the look-ups reach for nothing on the network.
func TestOfflineCommandsAreOffline(t *testing.T) {
	var calls atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			conn.Close()
		}
	}()
	url := "http://" + l.Addr().String()
	for _, name := range []string{"AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "PULUMI_BACKEND_URL"} {
		t.Setenv(name, url)
	}
	w := newWorld(t)
	w.write(t, "scp.json", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`)
	for _, args := range [][]string{
		{"validate"}, {"validate", "--format", "sarif"}, {"plan"}, {"plan", "--json"}, {"render", "-o", "out"}, {"pack", "-o", "packed", "scp.json"},
		{"test"}, {"test", "--catalog"}, {"evaluate"}, {"compare", "scp.json", "--", "scp.json"},
		{"explain", "--as", "root", "--in", "root", "--action", "ec2:RunInstances"}, {"schema", "organization"}, {"catalog", "list"}, {"catalog", "show", "restrict-regions"}, {"version"},
	} {
		w.exits(t, ExitOK, args...)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	// The listener would have noticed.
	if conn, err := net.Dial("tcp", l.Addr().String()); err == nil {
		conn.Close()
	}
	for range 100 {
		if calls.Load() == 1 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the listener does not count")
}

// The same file gives the same bytes, whatever the clock of the run.
func TestAsOfIsTheOnlyClock(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "plan", "--json", "--as-of", "2026-11-22")
	first := w.out.String()
	w.Now = func() time.Time { return time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) }
	w.exits(t, ExitOK, "plan", "--json", "--as-of", "2026-11-22")
	if w.out.String() != first {
		t.Error("the clock changed the plan")
	}
	w.exits(t, ExitOK, "plan", "--json")
	if w.out.String() == first {
		t.Error("without --as-of the clock does not count")
	}
}

func TestColourIsForTerminals(t *testing.T) {
	w := newWorld(t)
	w.exits(t, ExitOK, "plan")
	if strings.Contains(w.out.String(), "\x1b[") {
		t.Error("colour goes into a file")
	}
	env := map[string]string{"CLICOLOR_FORCE": "1"}
	w.Getenv = func(name string) string { return env[name] }
	w.exits(t, ExitOK, "plan")
	if !strings.Contains(w.out.String(), "\x1b[1m") {
		t.Error("CLICOLOR_FORCE gives no colour")
	}
	env["NO_COLOR"] = "1"
	w.exits(t, ExitOK, "plan")
	if strings.Contains(w.out.String(), "\x1b[") {
		t.Error("NO_COLOR is not heard")
	}
}
