package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// A synthetic is an organization that is computed, and answers the SDK inside
// the process. It counts the calls, and throttles as AWS's pages say.
type synthetic struct {
	units, accounts, policies int
	noPaths                   bool          // as before AWS told where accounts are
	latency                   time.Duration // of each answer
	strict                    bool          // throttle at AWS's rates

	// override answers in place of the organization when it returns true. n is
	// how often the operation was called before.
	override func(op, account string, n int) (status int, body string, ok bool)

	mu        sync.Mutex
	calls     map[string]int // by operation
	throttled int
	tokens    map[string]*tokens
}

// tokens are AWS's side of a rate.
type tokens struct {
	left float64
	at   time.Time
}

const (
	synthOrg        = "o-synthetic1"
	synthRoot       = "r-ab12"
	synthManagement = "100000000000"
)

func (s *synthetic) session(t testing.TB) *Session { return s.traced(t, nil) }

// traced is a session whose requests are told.
func (s *synthetic) traced(t testing.TB, trace func(Request)) *Session {
	t.Helper()
	ctx := t.Context()
	if trace != nil {
		ctx = WithTrace(ctx, trace)
	}
	out, err := Open(ctx, Options{Region: "eu-central-1", Env: map[string]string{
		"AWS_ENDPOINT_URL": "", "AWS_ACCESS_KEY_ID": "AKIA" + synthManagement, "AWS_SECRET_ACCESS_KEY": "topsecret"}})
	if err != nil {
		t.Fatal(err)
	}
	s.calls, s.tokens = map[string]int{}, map[string]*tokens{}
	out.cfg.HTTPClient = s
	return out
}

func (s *synthetic) total() int {
	n := 0
	for _, c := range s.calls {
		n += c
	}
	return n
}

func unitID(i int) string    { return fmt.Sprintf("ou-ab12-%08d", i) }
func accountID(i int) string { return strconv.Itoa(100000000000 + i) }

// parentUnit is -1 for the root: ten units in everything that has some.
func parentUnit(i int) int { return i/10 - 1 }

// accountParent is -1 for the root, where the management account is.
func (s *synthetic) accountParent(i int) int {
	if i == 0 || s.units == 0 {
		return -1
	}
	return i % s.units
}

func nodeID(unit int) string {
	if unit < 0 {
		return synthRoot
	}
	return unitID(unit)
}

func (s *synthetic) path(unit int) string {
	if unit < 0 {
		return synthOrg + "/" + synthRoot + "/"
	}
	return s.path(parentUnit(unit)) + unitID(unit) + "/"
}

var signedBy = regexp.MustCompile(`Credential=[A-Z]{4}([0-9]{12})/[0-9]+/([^/]+)/([^/]+)/`)

// Do answers one request.
func (s *synthetic) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	params := map[string]any{}
	who := signedBy.FindStringSubmatch(r.Header.Get("Authorization"))
	op, service := r.Method+" "+r.URL.Path, who[3]
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		op = target[strings.LastIndex(target, ".")+1:]
		_ = json.Unmarshal(body, &params)
	} else if q, err := url.ParseQuery(string(body)); err == nil && q.Get("Action") != "" {
		op = q.Get("Action")
		for k := range q {
			params[k] = q.Get(k)
		}
	}
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(s.latency):
	}
	s.mu.Lock()
	n := s.calls[op]
	s.calls[op]++
	late := s.strict && !s.admit(service, op, who[1]+who[2])
	if late {
		s.throttled++
	}
	s.mu.Unlock()
	status, text := 0, ""
	ok := false
	if s.override != nil {
		status, text, ok = s.override(op, who[1], n)
	}
	switch {
	case late:
		status, text = 400, `{"__type":"TooManyRequestsException","Message":"slow down"}`
	case !ok:
		status, text = 200, s.answer(op, who[1], params)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// admit takes a token of the rate that AWS publishes.
func (s *synthetic) admit(service, op, where string) bool {
	rate, ok := awsdata.OrganizationsRates.Value[op]
	if service != "organizations" || !ok {
		return true
	}
	now, key := time.Now(), op+" "+where
	t := s.tokens[key]
	if t == nil {
		t = &tokens{rate.Burst, now}
		s.tokens[key] = t
	}
	t.left = min(rate.Burst, t.left+now.Sub(t.at).Seconds()*rate.PerSecond)
	t.at = now
	if t.left < 1-1e-6 {
		return false
	}
	t.left--
	return true
}

// page is one page of a list of n things in the form of Organizations.
func page(name string, n int, params map[string]any, item func(i int) any) string {
	from, _ := strconv.Atoi(fmt.Sprint(params["NextToken"]))
	to := min(n, from+pageSize)
	list := []any{}
	for i := from; i < to; i++ {
		list = append(list, item(i))
	}
	out := map[string]any{name: list}
	if to < n {
		out["NextToken"] = strconv.Itoa(to)
	}
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(out)
	return b.String()
}

func (s *synthetic) answer(op, account string, params map[string]any) string {
	text := func(name string) string { v, _ := params[name].(string); return v }
	switch op {
	case "GetCallerIdentity":
		return fmt.Sprintf(identity, account)
	case "DescribeOrganization":
		return fmt.Sprintf(`{"Organization":{"Id":%q,"Arn":"arn:aws:organizations::%s:organization/%s","MasterAccountId":%q,"FeatureSet":"ALL"}}`, synthOrg, synthManagement, synthOrg, synthManagement)
	case "ListRoots":
		return fmt.Sprintf(`{"Roots":[{"Id":%q,"Name":"Root","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"},{"Type":"RESOURCE_CONTROL_POLICY","Status":"ENABLED"}]}]}`, synthRoot)
	case "ListOrganizationalUnitsForParent":
		var in []int
		for i := range s.units {
			if nodeID(parentUnit(i)) == text("ParentId") {
				in = append(in, i)
			}
		}
		return page("OrganizationalUnits", len(in), params, func(i int) any {
			return map[string]any{"Id": unitID(in[i]), "Name": fmt.Sprint("unit ", in[i]), "Path": s.path(in[i])}
		})
	case "ListAccounts", "ListAccountsForParent":
		var in []int
		for i := range s.accounts {
			if op == "ListAccounts" || nodeID(s.accountParent(i)) == text("ParentId") {
				in = append(in, i)
			}
		}
		return page("Accounts", len(in), params, func(i int) any { return s.account(in[i]) })
	case "ListParents":
		i, _ := strconv.Atoi(text("ChildId"))
		return fmt.Sprintf(`{"Parents":[{"Id":%q}]}`, nodeID(s.accountParent(i-100000000000)))
	case "ListPolicies":
		if params["Filter"] == nil {
			break
		}
		return s.policyPage(params)
	case "DescribePolicy":
		return fmt.Sprintf(`{"Policy":{"PolicySummary":{"Id":%q},"Content":"{\"about\":\"%s\"}"}}`, text("PolicyId"), text("PolicyId"))
	case "ListTargetsForPolicy":
		return s.targetPage(text("PolicyId"), params)
	case "ListAWSServiceAccessForOrganization":
		return `{"EnabledServicePrincipals":[{"ServicePrincipal":"sso.amazonaws.com"},{"ServicePrincipal":"access-analyzer.amazonaws.com"}]}`
	case "ListDelegatedAdministrators":
		return `{"DelegatedAdministrators":[{"Id":"` + accountID(1) + `"}]}`
	case "ListDelegatedServicesForAccount":
		return `{"DelegatedServices":[{"ServicePrincipal":"access-analyzer.amazonaws.com"}]}`
	case "DescribeResourcePolicy":
		return `{"ResourcePolicy":{"Content":"{}","ResourcePolicySummary":{"Id":"rp-1"}}}`
	case "GET /analyzer":
		return `{"analyzers":[{"arn":"a1","name":"external","type":"ORGANIZATION","status":"ACTIVE","createdAt":"2026-11-22T08:00:00Z"},{"arn":"a2","name":"unused","type":"ORGANIZATION_UNUSED_ACCESS","status":"ACTIVE","createdAt":"2026-11-22T08:00:00Z"}]}`
	case "GET /analyzer/unused":
		return `{"analyzer":{"arn":"a2","name":"unused","type":"ORGANIZATION_UNUSED_ACCESS","status":"ACTIVE","createdAt":"2026-11-22T08:00:00Z","configuration":{"unusedAccess":{"unusedAccessAge":90}}}}`
	case "GET /analyzer/external/archive-rule", "GET /analyzer/unused/archive-rule":
		return `{"archiveRules":[{"ruleName":"r","filter":{"principal.AWS":{"contains":["999999999999"]}},"createdAt":"2026-11-22T08:00:00Z","updatedAt":"2026-11-22T08:00:00Z"}]}`
	}
	return synthIAM(op, account, params)
}

func (s *synthetic) account(i int) any {
	a := map[string]any{"Id": accountID(i), "Name": fmt.Sprint("account ", i), "Email": fmt.Sprintf("a%d@acme.example", i), "State": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": 1700000000 + i}
	if !s.noPaths {
		a["Paths"] = []string{s.path(s.accountParent(i)) + accountID(i) + "/"}
	}
	return a
}

func (s *synthetic) policyPage(params map[string]any) string {
	switch params["Filter"] {
	case "SERVICE_CONTROL_POLICY":
		return page("Policies", s.policies+1, params, func(i int) any {
			if i == 0 {
				return map[string]any{"Id": "p-FullAWSAccess", "Name": "FullAWSAccess", "AwsManaged": true}
			}
			return map[string]any{"Id": fmt.Sprintf("p-%08d", i), "Name": fmt.Sprint("policy ", i)}
		})
	case "RESOURCE_CONTROL_POLICY":
		return `{"Policies":[{"Id":"p-RCPFullAWSAccess","Name":"RCPFullAWSAccess","AwsManaged":true}]}`
	}
	return `{"Policies":[]}`
}

// targetPage: AWS's own policies are attached to everything, the others to one unit.
func (s *synthetic) targetPage(policy string, params map[string]any) string {
	if !strings.HasSuffix(policy, "FullAWSAccess") {
		i, _ := strconv.Atoi(strings.TrimPrefix(policy, "p-"))
		return page("Targets", 1, params, func(int) any {
			return map[string]any{"TargetId": unitID(i % max(s.units, 1)), "Type": "ORGANIZATIONAL_UNIT"}
		})
	}
	return page("Targets", 1+s.units+s.accounts, params, func(i int) any {
		switch {
		case i == 0:
			return map[string]any{"TargetId": synthRoot, "Type": "ROOT"}
		case i <= s.units:
			return map[string]any{"TargetId": unitID(i - 1), "Type": "ORGANIZATIONAL_UNIT"}
		}
		return map[string]any{"TargetId": accountID(i - s.units - 1), "Type": "ACCOUNT"}
	})
}

// minimum is the fewest calls that read all of it.
func (s *synthetic) minimum() map[string]int {
	pages := func(n int) int { return max(1, (n+pageSize-1)/pageSize) }
	others := s.accounts - 1
	m := map[string]int{
		"GetCallerIdentity": 1, "DescribeOrganization": 1, "ListRoots": 1, "ListAccounts": pages(s.accounts),
		"DescribePolicy": s.policies + 2, "ListPolicies": len(policyTypes(Answer[Root]{})) - 1 + pages(s.policies+1),
		"ListTargetsForPolicy":                s.policies + 2*pages(1+s.units+s.accounts),
		"ListAWSServiceAccessForOrganization": 1, "ListDelegatedAdministrators": 1, "ListDelegatedServicesForAccount": 1, "DescribeResourcePolicy": 1,
		"ListOrganizationsFeatures": 1, "AssumeRole": others,
		"GetAccountPasswordPolicy": s.accounts, "GetAccountAuthorizationDetails": s.accounts, "ListRoles": s.accounts, "GetPolicy": s.accounts,
		"GET /analyzer": 1, "GET /analyzer/unused": 1, "GET /analyzer/external/archive-rule": 1, "GET /analyzer/unused/archive-rule": 1,
		"ListOrganizationalUnitsForParent": 1 + s.units,
	}
	if s.accounts < 2 { // nobody to delegate to
		delete(m, "AssumeRole")
	}
	return m
}

// wantCalls compares the calls that were made with those that are needed.
func (s *synthetic) wantCalls(t *testing.T, want map[string]int) {
	t.Helper()
	if !maps.Equal(s.calls, want) {
		for op := range want {
			if s.calls[op] != want[op] {
				t.Errorf("%s: %d calls, want %d", op, s.calls[op], want[op])
			}
		}
		for op := range s.calls {
			if _, ok := want[op]; !ok {
				t.Errorf("%s: %d calls, want none", op, s.calls[op])
			}
		}
	}
}
