package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Step is what the engine did, or would do, with one resource.
type Step struct {
	Op   string // create, update, replace, delete, same, import, read, refresh, and the engine's finer ones
	URN  string
	Type string
	ID   string
	Diff []string // the properties that differ
}

// Name is the resource's logical name.
func (s Step) Name() string { return resource.URN(s.URN).Name() }

// Result is what an operation did.
type Result struct {
	Steps       []Step // in the order in which they ended; components and providers included
	Failed      []Step
	Diagnostics []string // "warning: …", "error: …", with the URN where there is one
	Outputs     map[string]any
}

// Count is the number of resources to which one of the operations happened.
// Replacements are counted once, as replace. Stacks and providers are left
// out: they are the engine's.
func (r Result) Count(ops ...string) int {
	return len(r.URNs(ops...))
}

// URNs are the resources to which one of the operations happened, in order.
func (r Result) URNs(ops ...string) []string {
	var out []string
	for _, s := range r.Steps {
		if slices.Contains(ops, s.Op) && !internal(s.Type) && !slices.Contains(out, s.URN) {
			out = append(out, s.URN)
		}
	}
	return out
}

// Counts is the number of resources by operation.
func (r Result) Counts() map[string]int {
	out := map[string]int{}
	for _, s := range r.Steps {
		if !internal(s.Type) {
			out[s.Op]++
		}
	}
	return out
}

// Changes is the number of resources that are not the same.
func (r Result) Changes() int {
	n := 0
	for op, count := range r.Counts() {
		if op != string(deploy.OpSame) && op != string(deploy.OpRead) && op != string(deploy.OpRefresh) {
			n += count
		}
	}
	return n
}

func internal(t string) bool {
	return t == string(resource.RootStackType) || strings.HasPrefix(t, "pulumi:providers:")
}

// collect reads the engine's events until there are no more.
func (s *Stack) collect(events <-chan engine.Event) Result {
	var r Result
	for e := range events {
		switch p := e.Payload().(type) {
		case engine.ResourceOutputsEventPayload:
			r.Steps = append(r.Steps, step(p.Metadata))
		case engine.ResourceOperationFailedPayload:
			r.Failed = append(r.Failed, step(p.Metadata))
		case engine.DiagEventPayload:
			if p.Severity == diag.Debug || p.Ephemeral {
				continue
			}
			text := strings.TrimSpace(colors.Never.Colorize(p.Message))
			if p.URN != "" {
				text = p.URN.Name() + ": " + text
			}
			r.Diagnostics = append(r.Diagnostics, string(p.Severity)+": "+text)
		}
	}
	return r
}

func step(m engine.StepEventMetadata) Step {
	out := Step{Op: string(m.Op), URN: string(m.URN), Type: string(m.Type)}
	if m.Res != nil {
		out.ID = string(m.Res.ID)
	}
	for _, k := range m.Diffs {
		out.Diff = append(out.Diff, string(k))
	}
	return out
}

// failure is the engine's error with the messages that explain it: the error
// itself only says that there are some.
func (r Result) failure(err error) error {
	if err == nil {
		return nil
	}
	var why []string
	for _, d := range r.Diagnostics {
		if text, ok := strings.CutPrefix(d, "error: "); ok {
			why = append(why, text)
		}
	}
	if len(why) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.Join(why, "; "))
}

// outputs are the stack's outputs as plain values; secret ones in the clear.
func outputs(snap *deploy.Snapshot) map[string]any {
	out := map[string]any{}
	if m := stackOutputs(snap); m != nil {
		for k, v := range m {
			out[string(k)] = plain(v).Mappable()
		}
	}
	return out
}

func stackOutputs(snap *deploy.Snapshot) resource.PropertyMap {
	if snap == nil {
		return nil
	}
	for _, r := range snap.Resources {
		if r.Type == resource.RootStackType && !r.Delete {
			return r.Outputs
		}
	}
	return nil
}

func plain(v resource.PropertyValue) resource.PropertyValue {
	if v.IsSecret() {
		return plain(v.SecretValue().Element)
	}
	return v
}

// Outputs are those of the last successful operation on the stack.
func (s *Stack) Outputs() map[string]any {
	snap, err := s.snapshot(s.engine.t.Context())
	if err != nil {
		s.engine.t.Error(err)
		return nil
	}
	return outputs(snap)
}

// State is the state as a backend would have written it, nil if there is none.
func (s *Stack) State() []byte {
	state := s.state.Load()
	if state == nil {
		return nil
	}
	b, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		s.engine.t.Error(err)
	}
	return b
}

var errNoStack = errors.New("unknown stack")
