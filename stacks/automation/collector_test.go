package automation

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"github.com/orgrails/orgrails/stacks"
)

func urn(typ, name string) string { return "urn:pulumi:policies::orgrails::" + typ + "::" + name }

func stepDone(op apitype.OpType, typ, name string, change func(*apitype.StepEventMetadata)) events.EngineEvent {
	m := apitype.StepEventMetadata{Op: op, URN: urn(typ, name), Type: typ,
		Old: &apitype.StepEventStateMetadata{ID: "old"}, New: &apitype.StepEventStateMetadata{ID: "new"}}
	if change != nil {
		change(&m)
	}
	return events.EngineEvent{EngineEvent: apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}}}
}

func TestCollectorCounts(t *testing.T) {
	const role = "aws:iam/role:Role"
	c := newCollector(newDriver(t), "account-shop", false)
	for _, e := range []events.EngineEvent{
		stepDone(apitype.OpSame, role, "a", nil),
		stepDone(apitype.OpCreate, role, "b", nil),
		stepDone(apitype.OpCreate, role, "b", nil), // told twice
		stepDone(apitype.OpCreateReplacement, role, "c", nil),
		stepDone(apitype.OpReplace, role, "c", nil),
		stepDone(apitype.OpDeleteReplaced, role, "c", nil),
		stepDone(apitype.OpDelete, role, "d", func(m *apitype.StepEventMetadata) { m.New = nil }),
		stepDone(apitype.OpDelete, role, "e", func(m *apitype.StepEventMetadata) { m.New, m.Old.RetainOnDelete = nil, true }),
		stepDone(apitype.OpUpdate, "orgrails:index:AccountBaseline", "account-shop", nil),
		stepDone(apitype.OpCreate, "pulumi:providers:aws", "aws", nil),
		stepDone(apitype.OpUpdate, "pulumi:pulumi:Stack", "orgrails-account-shop", func(m *apitype.StepEventMetadata) {
			m.New.Outputs = map[string]any{stacks.DigestOutput: "sha256:x"}
		}),
	} {
		c.take(e)
	}
	want := Counts{"same": 1, "create": 1, "replace": 1, "delete": 1, "retain": 1}
	if !maps.Equal(c.counts, want) || c.counts.Changes() != 4 {
		t.Errorf("counts %v, want %v", c.counts, want)
	}
	if c.outputs.String(stacks.DigestOutput) != "sha256:x" {
		t.Errorf("outputs %v", c.outputs)
	}
}

func TestCollectorKeepsWhatFailed(t *testing.T) {
	c := newCollector(newDriver(t), "account-shop", false)
	_, wait := c.follow()
	m := apitype.StepEventMetadata{Op: apitype.OpCreate, URN: urn("aws:iam/role:Role", "r"), Type: "aws:iam/role:Role",
		New: &apitype.StepEventStateMetadata{Inputs: map[string]any{"name": "Admin"}}}
	c.take(events.EngineEvent{EngineEvent: apitype.EngineEvent{ResOpFailedEvent: &apitype.ResOpFailedEvent{Metadata: m}}})
	say := func(urn, severity, text string) {
		c.take(events.EngineEvent{EngineEvent: apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{URN: urn, Severity: severity, Message: text}}})
	}
	say(m.URN, "error", "<{%reset%}>1 error occurred:\n\t* creating IAM Role (Admin): EntityAlreadyExists: Role Admin exists<{%reset%}>\n\n")
	say("", "error", "update failed")
	say("", "warning", "mind this\n")
	say("", "warning", "mind this\n")
	wait()
	if len(c.failed) != 1 || c.failed[0].Inputs["name"] != "Admin" || !alreadyThere(c.failed[0].Error) {
		t.Errorf("failed: %+v", c.failed)
	}
	if len(c.warnings) != 1 || c.warnings[0] != "mind this" {
		t.Errorf("warnings: %q", c.warnings)
	}
	var p *Problem
	if err := c.failure(errors.New("failed to run update: exit status 255\ncode: 255\nstdout: …")); !errors.As(err, &p) || p.Code != "GR419" {
		t.Fatalf("got %v, want GR419", err)
	} else if want := "creating IAM Role (Admin): EntityAlreadyExists: Role Admin exists"; p.Summary != want {
		t.Errorf("summary %q, want %q", p.Summary, want)
	} else if !strings.Contains(p.Hint, "is not managed here") {
		t.Errorf("hint %q", p.Hint)
	}
}

func TestTriesAddUp(t *testing.T) {
	d := newDriver(t)
	first, second := newCollector(d, "s", false), newCollector(d, "s", false)
	first.take(stepDone(apitype.OpCreate, "aws:iam/role:Role", "a", nil))
	second.take(stepDone(apitype.OpSame, "aws:iam/role:Role", "a", nil))
	second.take(stepDone(apitype.OpCreate, "aws:iam/role:Role", "b", nil))
	second.add(first)
	if second.counts["create"] != 2 || second.counts["same"] != 1 || len(second.changes) != 2 {
		t.Errorf("counts %v, changes %v", second.counts, second.changes)
	}
}

func TestPassingErrorsAreTriedAgain(t *testing.T) {
	for text, want := range map[string]bool{
		"ConcurrentModificationException: AWS Organizations can't complete your request": true,
		"https response error StatusCode: 503, ServiceUnavailable":                       true,
		"read tcp 127.0.0.1: connection reset by peer":                                   true,
		"EntityAlreadyExists: Role with name Admin already exists":                       false,
		"AccessDenied: User is not authorized to perform iam:CreateRole":                 false,
		"MalformedPolicyDocument: Syntax errors in policy":                               false,
	} {
		c := newCollector(newDriver(t), "s", false)
		c.errors = []string{text}
		if got := passing(c, errors.New("update failed")); got != want {
			t.Errorf("passing(%q) = %v", text, got)
		}
	}
}
