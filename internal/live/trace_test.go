package live

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
	"sync"
	"testing"
)

// secrets are what no trace may have: of the environment's credentials, of what
// sts:AssumeRole answers, of a token and of an external id.
var secrets = []string{"AKIAENVIRONMENT", "environment-secret", "environment-token", "ASIAASSUMED", "assumed-secret", "assumed-token", "web-identity-token", "an-external-id"}

// tracedAWS answers a few operations, with ids of requests; the first
// ListRoots is throttled.
func tracedAWS(t *testing.T) *httptest.Server {
	var mu sync.Mutex
	seen := map[string]int{}
	assumed := func(action string) string {
		return fmt.Sprintf(`<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey><SessionToken>assumed-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::444444444444:assumed-role/Deployer/x</Arn><AssumedRoleId>A:x</AssumedRoleId></AssumedRoleUser></%[1]sResult></%[1]sResponse>`, action)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q, _ := url.ParseQuery(string(body))
		op := q.Get("Action")
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			op = target[strings.LastIndex(target, ".")+1:]
		}
		mu.Lock()
		seen[op]++
		n := seen[op]
		mu.Unlock()
		w.Header().Set("X-Amzn-Requestid", fmt.Sprintf("%s-%d", op, n))
		switch op {
		case "GetCallerIdentity":
			fmt.Fprintf(w, identity, "111111111111")
		case "AssumeRole", "AssumeRoleWithWebIdentity":
			io.WriteString(w, assumed(op))
		case "ListRoots":
			if n == 1 {
				w.WriteHeader(400)
				io.WriteString(w, `{"__type":"TooManyRequestsException","Message":"slow down, AKIAENVIRONMENT"}`)
				return
			}
			io.WriteString(w, `{"Roots":[]}`)
		case "GetAccountPasswordPolicy":
			w.WriteHeader(404)
			io.WriteString(w, "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no assumed-secret here</Message></Error><RequestId>GetAccountPasswordPolicy-1</RequestId></ErrorResponse>")
		default:
			t.Errorf("unexpected call %s", op)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// calls makes a few calls, and returns what the trace has of them.
func calls(t *testing.T, env map[string]string) (requests []Request) {
	t.Helper()
	var mu sync.Mutex
	s, err := Open(WithTrace(t.Context(), func(r Request) {
		mu.Lock()
		defer mu.Unlock()
		requests = append(requests, r)
	}), Options{Region: "eu-central-1", Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sts().GetCallerIdentity(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.organizations().ListRoots(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	m, err := s.Assume(t.Context(), Member{Key: "shop", ID: "444444444444", RoleARN: "arn:aws:iam::444444444444:role/Deployer", Session: "orgrails", Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.iam().GetAccountPasswordPolicy(t.Context(), nil); code(err) != "NoSuchEntity" {
		t.Fatal(err)
	}
	return requests
}

// told is what a test wants to see of a trace.
func told(requests []Request) (lines []string) {
	for _, r := range requests {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s try %d: %s %d %s", r.Service, r.Operation, r.Region, r.Account, r.Role, r.Try, r.ID, r.Status, r.Code)))
	}
	return lines
}

// Each request is told, in which account it was made, and nothing that is secret.
func TestTrace(t *testing.T) {
	server := tracedAWS(t)
	requests := calls(t, map[string]string{"AWS_ENDPOINT_URL": server.URL,
		"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "environment-secret", "AWS_SESSION_TOKEN": "environment-token"})
	want := []string{
		"STS GetCallerIdentity eu-central-1 111111111111  try 1: GetCallerIdentity-1 200",
		"Organizations ListRoots us-east-1 111111111111  try 1: ListRoots-1 400 TooManyRequestsException",
		"Organizations ListRoots us-east-1 111111111111  try 2: ListRoots-2 200",
		"STS AssumeRole eu-central-1 111111111111  try 1: AssumeRole-1 200",
		"IAM GetAccountPasswordPolicy us-east-1 444444444444 arn:aws:iam::444444444444:role/Deployer try 1: GetAccountPasswordPolicy-1 404 NoSuchEntity",
	}
	if got := told(requests); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, r := range requests {
		if r.At.IsZero() || r.Took <= 0 || !strings.Contains(server.URL, r.Host) || r.Host == "" {
			t.Errorf("%+v", r)
		}
	}
	nothingSecret(t, requests)
}

// The requests that credentials are found with are told, too: of which account
// they are is not known.
func TestTraceOfCredentials(t *testing.T) {
	server := tracedAWS(t)
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	for name, text := range map[string]string{
		token: "web-identity-token",
		filepath.Join(dir, "config"): `[profile keys]
aws_access_key_id = AKIAENVIRONMENT
aws_secret_access_key = environment-secret
[profile role]
role_arn = arn:aws:iam::111111111111:role/Organizer
external_id = an-external-id
source_profile = keys
region = eu-central-1
`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	clean(t)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	requests := calls(t, map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_PROFILE": "role"})
	if got := told(requests[:2]); !slices.Equal(got, []string{
		"STS AssumeRole eu-central-1   try 1: AssumeRole-1 200", "STS GetCallerIdentity eu-central-1 111111111111  try 1: GetCallerIdentity-1 200",
	}) {
		t.Errorf("by a profile: %q", got)
	}
	nothingSecret(t, requests)

	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pipeline")
	requests = calls(t, map[string]string{"AWS_ENDPOINT_URL": tracedAWS(t).URL})
	if got := told(requests[:2]); !slices.Equal(got, []string{
		"STS AssumeRoleWithWebIdentity eu-central-1   try 1: AssumeRoleWithWebIdentity-1 200", "STS GetCallerIdentity eu-central-1 111111111111  try 1: GetCallerIdentity-1 200",
	}) {
		t.Errorf("by a web identity: %q", got)
	}
	nothingSecret(t, requests)
}

func nothingSecret(t *testing.T, requests []Request) {
	t.Helper()
	text, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(string(text), s) {
			t.Errorf("the trace has %s: %s", s, text)
		}
	}
}

// clean takes away what the environment says of credentials and endpoints.
func clean(t *testing.T) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}
