package awstest

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const analyzerService = "access-analyzer.amazonaws.com"

// analyzerStore is IAM Access Analyzer, which moto lacks: analyzers and their
// archive rules, per account and Region. Nothing is ever found.
type analyzerStore struct {
	mu  sync.Mutex
	all map[string]map[string]*analyzer // by account/region, by name
}

type analyzer struct {
	arn, name, kind string
	account, region string
	created         time.Time
	configuration   any
	tags            map[string]any
	rules           map[string]*archiveRule
}

type archiveRule struct {
	name             string
	filter           map[string]any
	created, updated time.Time
}

// analyzerRoutes are the operations, as the REST API spells them; {} is one
// segment of the path.
var analyzerRoutes = []struct {
	method, path, operation string
	call                    func(e *Emulator, q *request, vars []string) (any, *problem)
}{
	{"PUT", "analyzer", "CreateAnalyzer", createAnalyzer},
	{"GET", "analyzer", "ListAnalyzers", listAnalyzers},
	{"GET", "analyzer/{}", "GetAnalyzer", getAnalyzer},
	{"PUT", "analyzer/{}", "UpdateAnalyzer", updateAnalyzer},
	{"DELETE", "analyzer/{}", "DeleteAnalyzer", deleteAnalyzer},
	{"PUT", "analyzer/{}/archive-rule", "CreateArchiveRule", createArchiveRule},
	{"GET", "analyzer/{}/archive-rule", "ListArchiveRules", listArchiveRules},
	{"GET", "analyzer/{}/archive-rule/{}", "GetArchiveRule", getArchiveRule},
	{"PUT", "analyzer/{}/archive-rule/{}", "UpdateArchiveRule", updateArchiveRule},
	{"DELETE", "analyzer/{}/archive-rule/{}", "DeleteArchiveRule", deleteArchiveRule},
	{"PUT", "archive-rule", "ApplyArchiveRule", applyArchiveRule},
	{"GET", "tags/{}", "ListTagsForResource", listAnalyzerTags},
	{"POST", "tags/{}", "TagResource", tagAnalyzer},
	{"DELETE", "tags/{}", "UntagResource", untagAnalyzer},
	{"POST", "findingv2", "ListFindingsV2", listNoFindings},
	{"POST", "finding", "ListFindings", listNoFindings},
}

func matchRoute(method, pattern string, verb string, path []string) ([]string, bool) {
	want := strings.Split(pattern, "/")
	if method != verb || len(want) != len(path) {
		return nil, false
	}
	var vars []string
	for i, w := range want {
		if w == "{}" {
			vars = append(vars, path[i])
		} else if w != path[i] {
			return nil, false
		}
	}
	return vars, true
}

func analyzerOperation(method string, path []string) string {
	for _, r := range analyzerRoutes {
		if _, ok := matchRoute(r.method, r.path, method, path); ok {
			return r.operation
		}
	}
	return method + " /" + strings.Join(path, "/")
}

func (e *Emulator) analyzerCall(q *request) *answer {
	for _, r := range analyzerRoutes {
		vars, ok := matchRoute(r.method, r.path, q.http.Method, q.path)
		if !ok {
			continue
		}
		e.analyzer.mu.Lock()
		defer e.analyzer.mu.Unlock()
		out, p := r.call(e, q, vars)
		if p != nil {
			return p.answer(q)
		}
		return okJSON(q, out)
	}
	return refuse("UnknownOperationException", "the emulator does not know %s %s", q.http.Method, q.http.URL.Path).as(http.StatusNotFound).answer(q)
}

func okJSON(q *request, v any) *answer {
	if v == nil {
		v = map[string]any{}
	}
	return ok(q, v)
}

func invalid(format string, args ...any) *problem {
	return refuse("ValidationException", format, args...).with("reason", "fieldValidationFailed")
}

func missing(kind, name string) *problem {
	return refuse("ResourceNotFoundException", "The specified %s does not exist: %s", kind, name).as(http.StatusNotFound).
		with("resourceId", name).with("resourceType", kind)
}

var (
	analyzerName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,254}$`)
	analyzerKinds = []string{
		"ACCOUNT", "ORGANIZATION", "ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS", "ACCOUNT_INTERNAL_ACCESS", "ORGANIZATION_INTERNAL_ACCESS",
	}
)

// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html
func createAnalyzer(e *Emulator, q *request, _ []string) (any, *problem) {
	name, kind := q.string("analyzerName"), q.string("type")
	if !analyzerName.MatchString(name) {
		return nil, invalid("analyzerName: must match ^[A-Za-z][A-Za-z0-9_.-]*$ and have at most 255 characters")
	}
	if !slices.Contains(analyzerKinds, kind) {
		return nil, invalid("type: must be one of %s", strings.Join(analyzerKinds, ", "))
	}
	if p := checkAnalyzerConfiguration(kind, q.params["configuration"]); p != nil {
		return nil, p
	}
	most := e.options.Quotas.AccountAnalyzers
	if strings.HasPrefix(kind, "ORGANIZATION") {
		most = e.options.Quotas.OrganizationAnalyzers
		if kind == "ORGANIZATION_INTERNAL_ACCESS" {
			most = 1
		}
		if p := e.checkAnalyzerAdministrator(q); p != nil {
			return nil, p
		}
	}
	here := e.analyzer.here(q)
	if _, exists := here[name]; exists {
		return nil, refuse("ConflictException", "Analyzer %s already exists", name).as(http.StatusConflict).with("resourceId", name).with("resourceType", "analyzer")
	}
	n := 0
	for _, a := range here {
		if a.kind == kind {
			n++
		}
	}
	if n >= most {
		return nil, refuse("ServiceQuotaExceededException", "The maximum number of analyzers of type %s is %d", kind, most).as(http.StatusPaymentRequired).
			with("resourceId", name).with("resourceType", "analyzer")
	}
	a := &analyzer{
		arn:  "arn:aws:access-analyzer:" + q.region + ":" + q.account + ":analyzer/" + name,
		name: name, kind: kind, account: q.account, region: q.region,
		created: time.Now().UTC(), configuration: q.params["configuration"], tags: map[string]any{}, rules: map[string]*archiveRule{},
	}
	if tags, ok := q.params["tags"].(map[string]any); ok {
		maps.Copy(a.tags, tags)
	}
	if rules, ok := q.params["archiveRules"].([]any); ok {
		for _, v := range rules {
			r, _ := v.(map[string]any)
			filter, _ := r["filter"].(map[string]any)
			if p := e.checkFilter(filter); p != nil {
				return nil, p
			}
			a.rules[text(r, "ruleName")] = &archiveRule{name: text(r, "ruleName"), filter: filter, created: a.created, updated: a.created}
		}
	}
	here[name] = a
	return map[string]any{"arn": a.arn}, nil
}

// checkAnalyzerAdministrator: an organization is analyzed from its management
// account or from the delegated administrator, and nowhere else.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-delegated-administrator.html
func (e *Emulator) checkAnalyzerAdministrator(q *request) *problem {
	o := e.organizationOf(q.account)
	if o == nil {
		return invalid("You must create an organization before you create an analyzer for it.")
	}
	if !o.administers(q.account, analyzerService) {
		return refuse("AccessDeniedException", "You must be the management account or a delegated administrator to create an analyzer with an organization as its zone of trust.").as(http.StatusForbidden)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, trusted := o.services[analyzerService]; !trusted {
		// The console and the API switch it on for the management account,
		// together with the service-linked role.
		o.services[analyzerService] = time.Now()
	}
	return nil
}

func checkAnalyzerConfiguration(kind string, configuration any) *problem {
	c, _ := configuration.(map[string]any)
	unused, has := c["unusedAccess"].(map[string]any)
	if has && !strings.HasSuffix(kind, "_UNUSED_ACCESS") {
		return invalid("configuration: unusedAccess is for analyzers of unused access")
	}
	if age, ok := number(unused["unusedAccessAge"]); ok && (age < 1 || age > 365) {
		return invalid("configuration.unusedAccess.unusedAccessAge: must be between 1 and 365")
	}
	return nil
}

// here are the analyzers of the caller's account and Region.
func (s *analyzerStore) here(q *request) map[string]*analyzer {
	key := q.account + "/" + q.region
	if s.all == nil {
		s.all = map[string]map[string]*analyzer{}
	}
	if s.all[key] == nil {
		s.all[key] = map[string]*analyzer{}
	}
	return s.all[key]
}

func (s *analyzerStore) find(q *request, name string) (*analyzer, *problem) {
	if a := s.here(q)[name]; a != nil {
		return a, nil
	}
	return nil, missing("analyzer", name)
}

func (a *analyzer) describe() map[string]any {
	m := map[string]any{
		"arn": a.arn, "name": a.name, "type": a.kind, "status": "ACTIVE", "tags": a.tags,
		"createdAt": a.created.Format(time.RFC3339Nano),
	}
	if a.configuration != nil {
		m["configuration"] = a.configuration
	}
	return m
}

func getAnalyzer(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.find(q, vars[0])
	if p != nil {
		return nil, p
	}
	return map[string]any{"analyzer": a.describe()}, nil
}

func listAnalyzers(e *Emulator, q *request, _ []string) (any, *problem) {
	here := e.analyzer.here(q)
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(here)) {
		if kind := q.string("type"); kind == "" || kind == here[name].kind {
			a := here[name].describe()
			delete(a, "configuration") // only GetAnalyzer tells it
			list = append(list, a)
		}
	}
	return map[string]any{"analyzers": list}, nil
}

func updateAnalyzer(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.find(q, vars[0])
	if p != nil {
		return nil, p
	}
	if p := checkAnalyzerConfiguration(a.kind, q.params["configuration"]); p != nil {
		return nil, p
	}
	a.configuration = q.params["configuration"]
	return map[string]any{"configuration": a.configuration}, nil
}

func deleteAnalyzer(e *Emulator, q *request, vars []string) (any, *problem) {
	if _, p := e.analyzer.find(q, vars[0]); p != nil {
		return nil, p
	}
	delete(e.analyzer.here(q), vars[0])
	return nil, nil
}

// byARN finds the analyzer that a tag call is about; its ARN is one escaped
// segment of the path.
func (s *analyzerStore) byARN(q *request, arn string) (*analyzer, *problem) {
	if u, err := url.PathUnescape(arn); err == nil {
		arn = u
	}
	for _, a := range s.here(q) {
		if a.arn == arn {
			return a, nil
		}
	}
	return nil, missing("analyzer", arn)
}

func listAnalyzerTags(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.byARN(q, vars[0])
	if p != nil {
		return nil, p
	}
	return map[string]any{"tags": a.tags}, nil
}

func tagAnalyzer(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.byARN(q, vars[0])
	if p != nil {
		return nil, p
	}
	tags, _ := q.params["tags"].(map[string]any)
	maps.Copy(a.tags, tags)
	return nil, nil
}

func untagAnalyzer(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.byARN(q, vars[0])
	if p != nil {
		return nil, p
	}
	for _, key := range q.http.URL.Query()["tagKeys"] {
		delete(a.tags, key)
	}
	return nil, nil
}

func listNoFindings(e *Emulator, q *request, _ []string) (any, *problem) {
	return map[string]any{"findings": []any{}}, nil
}
