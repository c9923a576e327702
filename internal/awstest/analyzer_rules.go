package awstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"
)

var ruleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,254}$`)

// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateArchiveRule.html
func createArchiveRule(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.find(q, vars[0])
	if p != nil {
		return nil, p
	}
	name := q.string("ruleName")
	filter, _ := q.params["filter"].(map[string]any)
	if !ruleName.MatchString(name) {
		return nil, invalid("ruleName: must match ^[A-Za-z][A-Za-z0-9_.-]*$ and have at most 255 characters")
	}
	if p := e.checkFilter(filter); p != nil {
		return nil, p
	}
	if _, exists := a.rules[name]; exists {
		return nil, refuse("ConflictException", "Archive rule %s already exists", name).as(http.StatusConflict).with("resourceId", name).with("resourceType", "archiveRule")
	}
	if most := e.options.Quotas.ArchiveRules; len(a.rules) >= most {
		return nil, refuse("ServiceQuotaExceededException", "The maximum number of archive rules per analyzer is %d", most).as(http.StatusPaymentRequired).
			with("resourceId", name).with("resourceType", "archiveRule")
	}
	now := time.Now().UTC()
	a.rules[name] = &archiveRule{name: name, filter: filter, created: now, updated: now}
	return nil, nil
}

// checkFilter: a filter has criteria, each with one or more comparisons of at
// most twenty values.
func (e *Emulator) checkFilter(filter map[string]any) *problem {
	if len(filter) == 0 {
		return invalid("filter: must have at least one criterion")
	}
	for key, v := range filter {
		c, _ := v.(map[string]any)
		if len(c) == 0 {
			return invalid("filter.%s: must have a comparison", key)
		}
		for _, operator := range []string{"eq", "neq", "contains"} {
			list, given := c[operator].([]any)
			if given && (len(list) == 0 || len(list) > e.options.Quotas.FilterValues) {
				return invalid("filter.%s.%s: must have between 1 and %d values", key, operator, e.options.Quotas.FilterValues)
			}
		}
	}
	return nil
}

func (s *analyzerStore) rule(q *request, vars []string) (*analyzer, *archiveRule, *problem) {
	a, p := s.find(q, vars[0])
	if p != nil {
		return nil, nil, p
	}
	r := a.rules[vars[1]]
	if r == nil {
		return nil, nil, missing("archiveRule", vars[1])
	}
	return a, r, nil
}

func (r *archiveRule) describe() map[string]any {
	return map[string]any{
		"ruleName": r.name, "filter": r.filter,
		"createdAt": r.created.Format(time.RFC3339Nano), "updatedAt": r.updated.Format(time.RFC3339Nano),
	}
}

func getArchiveRule(e *Emulator, q *request, vars []string) (any, *problem) {
	_, r, p := e.analyzer.rule(q, vars)
	if p != nil {
		return nil, p
	}
	return map[string]any{"archiveRule": r.describe()}, nil
}

func listArchiveRules(e *Emulator, q *request, vars []string) (any, *problem) {
	a, p := e.analyzer.find(q, vars[0])
	if p != nil {
		return nil, p
	}
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(a.rules)) {
		list = append(list, a.rules[name].describe())
	}
	return map[string]any{"archiveRules": list}, nil
}

func updateArchiveRule(e *Emulator, q *request, vars []string) (any, *problem) {
	_, r, p := e.analyzer.rule(q, vars)
	if p != nil {
		return nil, p
	}
	filter, _ := q.params["filter"].(map[string]any)
	if p := e.checkFilter(filter); p != nil {
		return nil, p
	}
	r.filter, r.updated = filter, time.Now().UTC()
	return nil, nil
}

func deleteArchiveRule(e *Emulator, q *request, vars []string) (any, *problem) {
	a, r, p := e.analyzer.rule(q, vars)
	if p != nil {
		return nil, p
	}
	delete(a.rules, r.name)
	return nil, nil
}

// applyArchiveRule archives findings, of which there are none.
func applyArchiveRule(e *Emulator, q *request, _ []string) (any, *problem) {
	for _, a := range e.analyzer.here(q) {
		if a.arn == q.string("analyzerArn") {
			if a.rules[q.string("ruleName")] == nil {
				return nil, missing("archiveRule", q.string("ruleName"))
			}
			return nil, nil
		}
	}
	return nil, missing("analyzer", q.string("analyzerArn"))
}

func number(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}
