package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/stacks/automation"
)

// listening is an AWS with an organization of one account; it lets nobody see its units.
func listening(t *testing.T) *httptest.Server {
	t.Helper()
	answers := map[string]string{
		"DescribeOrganization": `{"Organization":{"Id":"o-a1b2c3d4e5","MasterAccountId":"111111111111","FeatureSet":"ALL"}}`,
		"ListAccounts":         `{"Accounts":[{"Id":"444444444444","Name":"payments","Email":"pay@acme.example","Status":"ACTIVE","State":"ACTIVE"}]}`,
		"GetCallerIdentity": `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/ada</Arn><UserId>U</UserId>` +
			`<Account>111111111111</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>GetCallerIdentity-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q, _ := url.ParseQuery(string(body))
		op := q.Get("Action")
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			op = target[strings.LastIndex(target, ".")+1:]
		}
		w.Header().Set("X-Amzn-Requestid", op+"-1")
		if answer, ok := answers[op]; ok {
			io.WriteString(w, answer)
			return
		}
		w.WriteHeader(400)
		io.WriteString(w, `{"__type":"AccessDeniedException","Message":"not for AKIAEXAMPLE"}`)
	}))
	t.Cleanup(server.Close)
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "topsecret",
		"AWS_SESSION_TOKEN": "sessiontoken", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		t.Setenv(name, value)
	}
	return server
}

// Each request is a line of JSON, in a file or on standard error, and lines are
// added to those that are there.
func TestTrace(t *testing.T) {
	server := listening(t)
	w := newWorld(t)
	w.Drive.Accounts = automation.Accounts
	var lines []map[string]any
	read := func(text string) {
		t.Helper()
		lines = nil
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "{") {
				continue
			}
			var v map[string]any
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, v)
			for _, secret := range []string{"AKIAEXAMPLE", "topsecret", "sessiontoken", "Signature"} {
				if strings.Contains(line, secret) {
					t.Errorf("the trace has %s: %s", secret, line)
				}
			}
		}
	}
	shown := func(i int) string {
		v := lines[i]
		return fmt.Sprint(v["service"], " ", v["operation"], " ", v["region"], " ", v["account"], " ", v["requestId"], " ", v["attempt"], " ", v["status"], " ", v["error"])
	}
	for runs := 1; runs <= 2; runs++ {
		w.exits(t, ExitFailure, "account", "list", "--trace", "trace.jsonl")
		read(w.read(t, "trace.jsonl"))
		if len(lines) != 4*runs {
			t.Fatalf("%d lines after %d runs", len(lines), runs)
		}
	}
	for i, want := range []string{
		"STS GetCallerIdentity eu-central-1 111111111111 GetCallerIdentity-1 1 200 <nil>",
		"Organizations DescribeOrganization us-east-1 111111111111 DescribeOrganization-1 1 200 <nil>",
		"Organizations ListAccounts us-east-1 111111111111 ListAccounts-1 1 200 <nil>",
		"Organizations ListRoots us-east-1 111111111111 ListRoots-1 1 400 AccessDeniedException",
	} {
		if got := shown(i); got != want || !strings.HasSuffix(server.URL, fmt.Sprint("//", lines[i]["host"])) || lines[i]["time"] == "" || lines[i]["milliseconds"] == nil {
			t.Errorf("line %d is %s %v, want %s", i, got, lines[i], want)
		}
	}
	if info, err := os.Stat(filepath.Join(w.dir, "trace.jsonl")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	w.exits(t, ExitFailure, "account", "list", "--trace", "-")
	if read(w.errors.String()); len(lines) != 4 {
		t.Errorf("standard error has %s", w.errors.String())
	}
	w.exits(t, ExitFailure, "account", "list")
	if strings.Contains(w.errors.String(), "GetCallerIdentity") {
		t.Errorf("without --trace: %s", w.errors.String())
	}
}

// A trace goes into no file that is something else.
func TestTraceLeavesOtherFilesAlone(t *testing.T) {
	w := newWorld(t)
	before := w.read(t, "organization.yaml")
	w.exits(t, ExitUsage, "drift", "--trace", "organization.yaml")
	contains(t, "standard error", w.errors.String(), "organization.yaml is there already, and no trace", "name another file")
	if w.read(t, "organization.yaml") != before {
		t.Error("the organization file was changed")
	}
	w.exits(t, ExitUsage, "drift", "--trace", "")
	contains(t, "standard error", w.errors.String(), "--trace names no file")
	w.exits(t, ExitUsage, "plan", "--trace", "trace.jsonl")
	contains(t, "standard error", w.errors.String(), "--trace belongs to --against live")
	if _, err := os.Stat(filepath.Join(w.dir, "trace.jsonl")); err == nil {
		t.Error("a trace of nothing was made")
	}
	w.exits(t, ExitFailure, "drift", "--trace", filepath.Join("missing", "trace.jsonl"))
	contains(t, "standard error", w.errors.String(), "open the trace")
}

// What every command that calls AWS has.
func TestWhichCommandsTrace(t *testing.T) {
	var have []string
	for _, cmd := range newWorld(t).root().Commands() {
		for _, sub := range append(cmd.Commands(), cmd) {
			if sub.Flags().Lookup("trace") != nil {
				have = append(have, strings.TrimPrefix(sub.CommandPath(), "orgrails "))
			}
		}
	}
	slices.Sort(have)
	if got := strings.Join(have, ", "); got != "account close, account invite, account list, adopt, destroy, drift, init, plan, preview, refresh, up" {
		t.Errorf("%s", got)
	}
}
