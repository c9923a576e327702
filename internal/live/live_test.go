package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
)

// fakeAWS answers by operation: Organizations and Access Analyzer speak JSON, IAM and STS XML.
type fakeAWS struct {
	t       *testing.T
	answers map[string]func(params map[string]any) (int, string)
	calls   []string
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	params := map[string]any{}
	op := r.Method + " " + r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		op = target[strings.LastIndex(target, ".")+1:]
		_ = json.Unmarshal(body, &params)
	} else if q, err := url.ParseQuery(string(body)); err == nil && q.Get("Action") != "" {
		op = q.Get("Action")
		for k := range q {
			params[k] = q.Get(k)
		}
	}
	f.calls = append(f.calls, op)
	answer := f.answers[op]
	if answer == nil {
		f.t.Errorf("unexpected call %s", op)
		http.Error(w, "", http.StatusTeapot)
		return
	}
	status, text := answer(params)
	w.WriteHeader(status)
	io.WriteString(w, text)
}

func always(status int, text string) func(map[string]any) (int, string) {
	return func(map[string]any) (int, string) { return status, text }
}

func xmlError(code string) func(map[string]any) (int, string) {
	return always(400, "<ErrorResponse><Error><Type>Sender</Type><Code>"+code+"</Code><Message>the message</Message></Error></ErrorResponse>")
}

func jsonError(code string) func(map[string]any) (int, string) {
	return always(400, `{"__type":"`+code+`","message":"the message"}`)
}

const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::%[1]s:user/ada</Arn><UserId>U</UserId><Account>%[1]s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

func organization(id, management, features string) func(map[string]any) (int, string) {
	return always(200, fmt.Sprintf(`{"Organization":{"Id":%q,"MasterAccountId":%q,"FeatureSet":%q}}`, id, management, features))
}

// open is a session with static credentials at a fake endpoint.
func open(t *testing.T, answers map[string]func(map[string]any) (int, string)) (*Session, *fakeAWS) {
	t.Helper()
	f := &fakeAWS{t: t, answers: answers}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s, err := Open(t.Context(), Options{Region: "eu-central-1", Env: map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s, f
}

func plan() *guardrails.Plan {
	return &guardrails.Plan{IDs: map[string]string{"organization": "o-a1b2c3d4e5", "account:management": "111111111111"}}
}

func TestPreflight(t *testing.T) {
	who := func(account string) func(map[string]any) (int, string) {
		return always(200, fmt.Sprintf(identity, account))
	}
	for _, c := range []struct {
		name     string
		who, org func(map[string]any) (int, string)
		code     string
		summary  string
	}{
		{"well", who("111111111111"), organization("o-a1b2c3d4e5", "111111111111", "ALL"), "", ""},
		{"expired", xmlError("ExpiredToken"), nil, "GR402", "expired"},
		{"unknown key", xmlError("InvalidClientTokenId"), nil, "GR402", "does not accept"},
		{"no organization", who("111111111111"), jsonError("AWSOrganizationsNotInUseException"), "GR406", "in no organization"},
		{"another organization", who("222222222222"), organization("o-zzzzzzzzzz", "222222222222", "ALL"), "GR404", "o-zzzzzzzzzz, and the file is about o-a1b2c3d4e5"},
		{"another management account", who("222222222222"), organization("o-a1b2c3d4e5", "222222222222", "ALL"), "GR404", "222222222222, and the file says 111111111111"},
		{"a member account", who("333333333333"), organization("o-a1b2c3d4e5", "111111111111", "ALL"), "GR405", "333333333333"},
		{"consolidated billing", who("111111111111"), organization("o-a1b2c3d4e5", "111111111111", "CONSOLIDATED_BILLING"), "GR406", "CONSOLIDATED_BILLING"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := open(t, map[string]func(map[string]any) (int, string){"GetCallerIdentity": c.who, "DescribeOrganization": c.org})
			caller, err := s.Preflight(t.Context(), plan())
			if c.code == "" {
				if err != nil || caller.Account != "111111111111" || caller.OrganizationID != "o-a1b2c3d4e5" {
					t.Errorf("%+v %v", caller, err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Summary, c.summary) || e.Hint == "" {
				t.Errorf("got %v, want %s %q with a hint", err, c.code, c.summary)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s, err := Open(t.Context(), Options{Region: "eu-central-1", Env: map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := s.Preflight(t.Context(), plan()); !errors.As(err, &e) || e.Code != "GR403" || !strings.Contains(e.Summary, server.URL) {
		t.Errorf("got %v, want GR403 with the endpoint", err)
	}
}

func TestNoCredentials(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	s, err := Open(t.Context(), Options{Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := s.Preflight(t.Context(), plan()); !errors.As(err, &e) || e.Code != "GR401" || !strings.Contains(e.Hint, "AWS_PROFILE") {
		t.Errorf("got %v, want GR401", err)
	}
}

const assumed = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

func TestAssume(t *testing.T) {
	m := Member{Key: "shop", ID: "444444444444", RoleARN: "arn:aws:iam::444444444444:role/Deploy", Session: "orgrails", Region: "eu-west-1"}
	s, f := open(t, map[string]func(map[string]any) (int, string){"AssumeRole": always(200, assumed)})
	for range 2 {
		member, err := s.Assume(t.Context(), m)
		if err != nil || member.cfg.Region != "eu-west-1" {
			t.Fatalf("%+v %v", member, err)
		}
	}
	if len(f.calls) != 1 {
		t.Errorf("asked %d times, want once", len(f.calls))
	}
	s, _ = open(t, map[string]func(map[string]any) (int, string){"AssumeRole": xmlError("AccessDenied")})
	var e *Error
	_, err := s.Assume(t.Context(), m)
	if !errors.As(err, &e) || e.Code != "GR407" {
		t.Fatalf("got %v, want GR407", err)
	}
	for _, want := range []string{"shop", "444444444444", "role/Deploy", "AccessDenied", "organization.deployRole"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	// The role of a new account comes some time after the account.
	tries := 0
	s, _ = open(t, map[string]func(map[string]any) (int, string){"AssumeRole": func(p map[string]any) (int, string) {
		if tries++; tries == 1 {
			return xmlError("AccessDenied")(p)
		}
		return 200, assumed
	}})
	m.Patience = 10 * time.Second
	if _, err := s.Assume(t.Context(), m); err != nil || tries != 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestFind(t *testing.T) {
	const role = `<GetRoleResponse><GetRoleResult><Role><RoleName>Admin</RoleName><CreateDate>2026-11-22T08:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>`
	made := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	answers := map[string]func(map[string]any) (int, string){
		"ListOrganizationalUnitsForParent": func(p map[string]any) (int, string) {
			if p["ParentId"] == "ou-gone" {
				return jsonError("ParentNotFoundException")(p)
			}
			if p["NextToken"] == nil {
				return 200, `{"OrganizationalUnits":[{"Id":"ou-1","Name":"A"}],"NextToken":"n"}`
			}
			return 200, `{"OrganizationalUnits":[{"Id":"ou-2","Name":"B"}]}`
		},
		"ListAccounts":            always(200, `{"Accounts":[{"Id":"444444444444","Email":"Shop@acme.example","Status":"ACTIVE"},{"Id":"555555555555","Email":"old@acme.example","Status":"SUSPENDED"}]}`),
		"ListCreateAccountStatus": always(200, `{"CreateAccountStatuses":[]}`),
		"ListPolicies": func(p map[string]any) (int, string) {
			if p["Filter"] != nil {
				return 200, `{"Policies":[{"Id":"p-1","Name":"orgrails-scp-root"}]}`
			}
			return 200, `<ListPoliciesResponse><ListPoliciesResult><Policies><member><PolicyName>dev</PolicyName><Arn>arn:aws:iam::1:policy/orgrails/dev</Arn></member></Policies></ListPoliciesResult></ListPoliciesResponse>`
		},
		"ListTargetsForPolicy":        always(200, `{"Targets":[{"TargetId":"ou-1"}]}`),
		"ListDelegatedAdministrators": always(200, `{"DelegatedAdministrators":[{"Id":"222222222222"}]}`),
		"GetRole": func(p map[string]any) (int, string) {
			if p["RoleName"] == "Admin" {
				return 200, role
			}
			return xmlError("NoSuchEntity")(p)
		},
		"GET /analyzer/external":                     always(200, `{"analyzer":{"arn":"a","name":"external","type":"ORGANIZATION","status":"ACTIVE","createdAt":"2026-11-22T08:00:00Z"}}`),
		"GET /analyzer/external/archive-rule/vendor": always(404, `{"__type":"ResourceNotFoundException","message":"no"}`),
	}
	s, _ := open(t, answers)
	for _, c := range []struct {
		typ    string
		inputs map[string]any
		since  time.Time
		want   string
	}{
		{"aws:organizations/organizationalUnit:OrganizationalUnit", map[string]any{"parentId": "r-1", "name": "B"}, time.Time{}, "ou-2"},
		{"aws:organizations/organizationalUnit:OrganizationalUnit", map[string]any{"parentId": "r-1", "name": "C"}, time.Time{}, ""},
		{"aws:organizations/organizationalUnit:OrganizationalUnit", map[string]any{"parentId": "ou-gone", "name": "B"}, time.Time{}, ""},
		{"aws:organizations/account:Account", map[string]any{"email": "shop@ACME.example", "name": "shop"}, time.Time{}, "444444444444"},
		{"aws:organizations/account:Account", map[string]any{"email": "old@acme.example", "name": "old"}, time.Time{}, ""},
		{"aws:organizations/policy:Policy", map[string]any{"name": "orgrails-scp-root", "type": "SERVICE_CONTROL_POLICY"}, time.Time{}, "p-1"},
		{"aws:organizations/policyAttachment:PolicyAttachment", map[string]any{"policyId": "p-1", "targetId": "ou-1"}, time.Time{}, "ou-1:p-1"},
		{"aws:organizations/policyAttachment:PolicyAttachment", map[string]any{"policyId": "p-1", "targetId": "ou-2"}, time.Time{}, ""},
		{"aws:organizations/delegatedAdministrator:DelegatedAdministrator", map[string]any{"accountId": "222222222222", "servicePrincipal": "iam.amazonaws.com"}, time.Time{}, "222222222222/iam.amazonaws.com"},
		{"aws:iam/policy:Policy", map[string]any{"name": "dev", "path": "/orgrails/"}, time.Time{}, "arn:aws:iam::1:policy/orgrails/dev"},
		{"aws:iam/role:Role", map[string]any{"name": "Admin"}, time.Time{}, "Admin"},
		{"aws:iam/role:Role", map[string]any{"name": "Admin"}, made.Add(time.Minute), ""},
		{"aws:iam/role:Role", map[string]any{"name": "Admin"}, made.Add(-time.Minute), "Admin"},
		{"aws:iam/role:Role", map[string]any{"name": "Other"}, time.Time{}, ""},
		{"aws:accessanalyzer/analyzer:Analyzer", map[string]any{"analyzerName": "external"}, time.Time{}, "external"},
		{"aws:accessanalyzer/archiveRule:ArchiveRule", map[string]any{"analyzerName": "external", "ruleName": "vendor"}, time.Time{}, ""},
		{"aws:iam/accountPasswordPolicy:AccountPasswordPolicy", nil, time.Time{}, ""},
	} {
		got, err := s.Find(t.Context(), Object{Type: c.typ, Inputs: c.inputs, Since: c.since})
		if err != nil || got != c.want {
			t.Errorf("%s %v: %q %v, want %q", c.typ, c.inputs, got, err, c.want)
		}
	}
}

// An account that AWS is still making is waited for.
func TestFindWaitsForAnAccount(t *testing.T) {
	asked := 0
	s, _ := open(t, map[string]func(map[string]any) (int, string){
		"ListAccounts": func(map[string]any) (int, string) {
			if asked++; asked == 1 {
				return 200, `{"Accounts":[]}`
			}
			return 200, `{"Accounts":[{"Id":"444444444444","Email":"shop@acme.example","Status":"ACTIVE"}]}`
		},
		"ListCreateAccountStatus": always(200, `{"CreateAccountStatuses":[{"AccountName":"shop","State":"IN_PROGRESS"}]}`),
	})
	id, err := s.Find(t.Context(), Object{Type: "aws:organizations/account:Account", Inputs: map[string]any{"email": "shop@acme.example", "name": "shop"}})
	if err != nil || id != "444444444444" || asked != 2 {
		t.Errorf("%q %v after %d questions", id, err, asked)
	}
}

func TestSettingsAndChildren(t *testing.T) {
	s, _ := open(t, map[string]func(map[string]any) (int, string){
		"ListAWSServiceAccessForOrganization": always(200, `{"EnabledServicePrincipals":[{"ServicePrincipal":"sso.amazonaws.com"},{"ServicePrincipal":"iam.amazonaws.com"}]}`),
		"ListRoots":                           always(200, `{"Roots":[{"Id":"r-1","PolicyTypes":[{"Type":"TAG_POLICY","Status":"ENABLED"},{"Type":"BACKUP_POLICY","Status":"PENDING_DISABLE"}]}]}`),
		"ListChildren": func(p map[string]any) (int, string) {
			if p["ChildType"] == "ACCOUNT" {
				return 200, `{"Children":[{"Id":"222222222222"},{"Id":"111111111111"}]}`
			}
			return jsonError("ParentNotFoundException")(p)
		},
	})
	services, types, err := s.Settings(t.Context())
	if err != nil || strings.Join(services, " ") != "iam.amazonaws.com sso.amazonaws.com" || strings.Join(types, " ") != "TAG_POLICY" {
		t.Errorf("settings %v %v %v", services, types, err)
	}
	accounts, units, err := s.Children(t.Context(), "ou-1")
	if err != nil || strings.Join(accounts, " ") != "111111111111 222222222222" || len(units) != 0 {
		t.Errorf("children %v %v %v", accounts, units, err)
	}
	if root, err := s.Root(t.Context()); err != nil || root != "r-1" {
		t.Errorf("root %q %v", root, err)
	}
}
