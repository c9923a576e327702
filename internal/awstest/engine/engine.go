// Package engine runs Pulumi programs with the real Pulumi engine inside the
// test's own process: no CLI, no plugin process, no state folder. Resources
// of package aws are answered by the test provider, over gRPC as in a process
// of its own, against an emulator.
//
// An Engine is a set of stacks that can read each other's outputs. A Stack
// keeps its state between operations, in the form in which a backend would
// have written it.
package engine

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/engine"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/internal/awstest/provider"
)

// Project is the name of the project that stacks are in.
const Project = "orgrails"

// Engine is a set of stacks of one project against one emulator.
type Engine struct {
	Provider provider.Options
	Project  string // "" is Project

	t      testing.TB
	mu     sync.Mutex
	stacks map[string]*Stack
}

// New is an engine against an endpoint. Its callers' access key is made up,
// and so is in the management account; set Provider to be somebody else.
func New(t testing.TB, endpoint string) *Engine {
	return &Engine{
		Provider: provider.Options{Endpoint: endpoint, AccessKeyID: "AKIAENGINEENGINE0000", SecretAccessKey: "engine", Region: "us-east-1"},
		Project:  Project,
		t:        t,
		stacks:   map[string]*Stack{},
	}
}

// Stack is the stack of a name, empty when it is asked for the first time.
func (e *Engine) Stack(name string) *Stack {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.stacks[name]; s != nil {
		return s
	}
	s := &Stack{engine: e, name: name}
	e.stacks[name] = s
	return s
}

// Stack is one stack with its state.
type Stack struct {
	engine *Engine
	name   string

	mu    sync.Mutex // one operation at a time
	state atomic.Pointer[apitype.DeploymentV3]
}

// Options of one operation.
type Options struct {
	Config   map[string]string // "aws:region" and the like; a key without a namespace is the project's
	Refresh  bool              // before an up or a preview
	Program  bool              // run the program in Destroy and Refresh too (--run-program)
	Parallel int               // 0 is 16, what the CLI does on two cores
	Targets  []string          // URNs
	Continue bool              // go on after an error
}

// Up deploys. The result is there also when it failed.
func (s *Stack) Up(program pulumi.RunFunc, o Options) (Result, error) {
	return s.run(engine.Update, program, o, false)
}

// Preview says what Up would do, and writes nothing.
func (s *Stack) Preview(program pulumi.RunFunc, o Options) (Result, error) {
	return s.run(engine.Update, program, o, true)
}

// Destroy deletes what is in the state. The program is not needed, unless
// Options.Program runs it for its hooks.
func (s *Stack) Destroy(program pulumi.RunFunc, o Options) (Result, error) {
	if o.Program {
		return s.run(engine.DestroyV2, program, o, false)
	}
	return s.run(engine.Destroy, program, o, false)
}

// Refresh reads everything in the state again.
func (s *Stack) Refresh(program pulumi.RunFunc, o Options) (Result, error) {
	if o.Program {
		return s.run(engine.RefreshV2, program, o, false)
	}
	return s.run(engine.Refresh, program, o, false)
}
