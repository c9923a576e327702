package awstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// request is one AWS call as the proxy understands it.
type request struct {
	http *http.Request
	body []byte

	service   string // as it is signed: organizations, iam, sts, access-analyzer, …
	operation string
	region    string
	accessKey string
	account   string
	params    map[string]any // JSON bodies and query protocols alike; lists of the query protocol stay flat
	path      []string       // of REST calls, unescaped

	keyGivenOut bool // the access key came from this emulator
	fate        fate
	latency     time.Duration
}

var credential = regexp.MustCompile(`Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request`)

// parseRequest finds out what is being called. It never fails: what it does
// not know stays empty, and moto says what it thinks of it.
func (e *Emulator) parseRequest(r *http.Request, body []byte) *request {
	q := &request{http: r, body: body, params: map[string]any{}}
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		q.accessKey, q.region, q.service = m[1], m[2], m[3]
	}
	content := r.Header.Get("Content-Type")
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		_, q.operation, _ = strings.Cut(target, ".")
		if q.service == "" {
			q.service, _, _ = strings.Cut(target, "_")
		}
		decodeJSON(body, &q.params)
	case strings.HasPrefix(content, "application/x-www-form-urlencoded"):
		form, _ := url.ParseQuery(string(body))
		for k, v := range form {
			q.params[k] = v[0]
		}
		q.operation = form.Get("Action")
		if q.service == "" { // AssumeRoleWithSAML and AssumeRoleWithWebIdentity are not signed
			q.service = "sts"
		}
	default:
		for _, s := range strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/") {
			if u, err := url.PathUnescape(s); err == nil {
				s = u
			}
			q.path = append(q.path, s)
		}
		decodeJSON(body, &q.params)
		for k, v := range r.URL.Query() {
			if _, ok := q.params[k]; !ok {
				q.params[k] = v[0]
			}
		}
		q.operation = r.Method + " " + r.URL.Path
		if q.service == "access-analyzer" {
			q.operation = analyzerOperation(r.Method, q.path)
		}
	}
	q.account, q.keyGivenOut = e.keys.account(q.accessKey)
	if !q.keyGivenOut {
		q.account = e.options.ManagementAccountID
	}
	return q
}

func decodeJSON(body []byte, into *map[string]any) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(into) != nil || *into == nil {
		*into = map[string]any{}
	}
}

// string is a parameter of the call, "" if it is not there.
func (q *request) string(name string) string {
	s, _ := q.params[name].(string)
	return s
}

func (q *request) has(name string) bool { _, ok := q.params[name]; return ok }

// list is a list of strings of the query protocol, at name.member.N.
func (q *request) list(name string) []string {
	var out []string
	for i := 1; ; i++ {
		s, ok := q.params[name+".member."+itoa(i)].(string)
		if !ok {
			return out
		}
		out = append(out, s)
	}
}

// writes says whether the call changes anything. AWS names reads by their
// first word; the exceptions are listed.
func (q *request) writes() bool {
	switch q.service {
	case "organizations", "iam", "access-analyzer", "sts":
	default:
		if verb, _, ok := strings.Cut(q.operation, " "); ok {
			return verb != http.MethodGet && verb != http.MethodHead
		}
	}
	switch q.operation {
	case "GenerateCredentialReport", "GenerateServiceLastAccessedDetails", "GenerateOrganizationsAccessReport",
		"ValidatePolicy", "CheckNoNewAccess", "CheckAccessNotGranted", "CheckNoPublicAccess", "DecodeAuthorizationMessage",
		"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot":
		return false
	}
	for _, read := range []string{"Get", "List", "Describe", "Head", "Simulate", "BatchGet", "Lookup"} {
		if strings.HasPrefix(q.operation, read) {
			return false
		}
	}
	return true
}

// targets are the parameters that say what a call is about, in the order in
// which a summary names them.
var targets = []string{
	"PolicyId", "TargetId", "Name", "Email", "AccountName", "AccountId", "OrganizationalUnitId", "ChildId", "ParentId",
	"DestinationParentId", "RootId", "PolicyType", "ServicePrincipal", "ResourceId", "CreateAccountRequestId",
	"RoleArn", "RoleName", "GroupName", "UserName", "PolicyName", "PolicyArn", "analyzerName", "ruleName", "type",
}

// summary is what the call is about, in a few words.
func (q *request) summary() string {
	var words []string
	if q.service == "access-analyzer" {
		words = append(words, q.path[1:]...)
	}
	for _, name := range targets {
		if v := q.string(name); v != "" {
			words = append(words, name+"="+v)
		}
	}
	return strings.Join(words, " ")
}
