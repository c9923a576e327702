package trial

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// Locate is the span of an origin of the plan, which is file:line:col seen from
// the folder of the organization file. The span ends where it starts, unless
// something of the organization that asks for statements stands there.
func Locate(o *org.Organization, origin string) diag.Range {
	origin, _ = guardrails.SplitOrigin(origin)
	name, col := cutNumber(origin)
	name, line := cutNumber(name)
	at := diag.Pos{Line: line, Column: col}
	r := diag.Range{File: filepath.Join(filepath.Dir(o.File), filepath.FromSlash(name)), Start: at, End: at}
	var spans []diag.Range
	uses := func(list []org.GuardrailUse) {
		for _, u := range list {
			spans = append(spans, u.Range)
		}
	}
	uses(o.Root.Uses)
	for _, u := range o.Units {
		uses(u.Uses)
	}
	for _, a := range o.Accounts {
		uses(a.Uses)
	}
	for i := range o.PermissionBoundaries {
		spans = append(spans, o.PermissionBoundaries[i].Range)
		if c := o.PermissionBoundaries[i].Carries; c != nil {
			uses(c.Uses)
		}
	}
	for i := range o.Roles {
		spans = append(spans, o.Roles[i].Range)
		for _, p := range o.Roles[i].Policies {
			spans = append(spans, p.Range)
		}
	}
	i := slices.IndexFunc(spans, func(s diag.Range) bool {
		return s.Start.Line == line && s.Start.Column == col && filepath.Clean(s.File) == filepath.Clean(r.File)
	})
	if i >= 0 {
		return spans[i]
	}
	return r
}

// cutNumber takes the number behind the last colon; 0 where there is none.
func cutNumber(s string) (string, int) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}
