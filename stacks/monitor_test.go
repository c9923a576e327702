package stacks

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// monitor is a resource monitor that accepts everything and notes what it was
// asked. The SDK's own mocks have no hooks.
type monitor struct {
	pulumirpc.UnimplementedResourceMonitorServer
	pulumirpc.UnimplementedEngineServer

	organization map[string]any // what getOrganization answers

	mu       sync.Mutex
	lines    []string       // what was registered
	outputs  map[string]any // of the stack
	warnings []string
	hooks    []string
}

func (m *monitor) SupportsFeature(context.Context, *pulumirpc.SupportsFeatureRequest) (*pulumirpc.SupportsFeatureResponse, error) {
	return &pulumirpc.SupportsFeatureResponse{HasSupport: true}, nil
}

func (m *monitor) RegisterResourceHook(_ context.Context, q *pulumirpc.RegisterResourceHookRequest) (*emptypb.Empty, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks = append(m.hooks, fmt.Sprintf("%s onDryRun=%v", q.GetName(), q.GetOnDryRun()))
	return &emptypb.Empty{}, nil
}

func (m *monitor) RegisterResource(_ context.Context, q *pulumirpc.RegisterResourceRequest) (*pulumirpc.RegisterResourceResponse, error) {
	urn := fmt.Sprintf("urn:pulumi:test::orgrails::%s::%s", q.GetType(), q.GetName())
	out := q.GetObject()
	if out.Fields == nil { // nothing was asked for
		out.Fields = map[string]*structpb.Value{}
	}
	id := ""
	if q.GetCustom() {
		id = cmp.Or(q.GetImportId(), "id-of-"+q.GetName())
		out.Fields["arn"] = structpb.NewStringValue("arn-of-" + q.GetName())
	}
	if q.GetType() != "pulumi:pulumi:Stack" {
		m.note(q)
	}
	return &pulumirpc.RegisterResourceResponse{Urn: urn, Id: id, Object: out}, nil
}

func (m *monitor) note(q *pulumirpc.RegisterResourceRequest) {
	line := map[string]any{"name": q.GetName(), "type": q.GetType(), "inputs": q.GetObject().AsMap(), "parent": last(q.GetParent())}
	delete(line["inputs"].(map[string]any), "arn")
	add := func(name string, set bool, v any) {
		if set {
			line[name] = v
		}
	}
	add("provider", q.GetProvider() != "", strings.Split(last(q.GetProvider()), "::")[0])
	add("import", q.GetImportId() != "", q.GetImportId())
	add("retain", q.GetRetainOnDelete(), true)
	add("protect", q.GetProtect(), true)
	add("deleteBeforeReplace", q.GetDeleteBeforeReplace(), true)
	add("ignoreChanges", len(q.GetIgnoreChanges()) > 0, q.GetIgnoreChanges())
	add("beforeDelete", len(q.GetHooks().GetBeforeDelete()) > 0, q.GetHooks().GetBeforeDelete())
	var aliases, deps []string
	for _, a := range q.GetAliases() {
		aliases = append(aliases, a.GetSpec().GetName())
	}
	for _, d := range q.GetDependencies() {
		deps = append(deps, last(d))
	}
	slices.Sort(deps)
	add("aliases", len(aliases) > 0, aliases)
	add("dependsOn", len(deps) > 0, deps)
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, string(text))
}

func last(urn string) string {
	if i := strings.LastIndex(urn, "::"); i >= 0 && !strings.HasPrefix(urn[i+2:], "id-of-") {
		return urn[i+2:]
	} else if i >= 0 {
		return last(urn[:i])
	}
	return urn
}

func (m *monitor) RegisterResourceOutputs(_ context.Context, q *pulumirpc.RegisterResourceOutputsRequest) (*emptypb.Empty, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.Contains(q.GetUrn(), "::pulumi:pulumi:Stack::") {
		m.outputs = q.GetOutputs().AsMap()
		return &emptypb.Empty{}, nil
	}
	m.lines = append(m.lines, fmt.Sprintf(`{"outputsOf":%q,"names":"%s"}`, last(q.GetUrn()),
		strings.Join(slices.Sorted(maps.Keys(q.GetOutputs().AsMap())), " ")))
	return &emptypb.Empty{}, nil
}

func (m *monitor) Invoke(_ context.Context, q *pulumirpc.ResourceInvokeRequest) (*pulumirpc.InvokeResponse, error) {
	if q.GetTok() != "aws:organizations/getOrganization:getOrganization" {
		return nil, fmt.Errorf("unexpected call of %s", q.GetTok())
	}
	s, err := structpb.NewStruct(m.organization)
	return &pulumirpc.InvokeResponse{Return: s}, err
}

func (m *monitor) Log(_ context.Context, q *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	if q.GetSeverity() == pulumirpc.LogSeverity_WARNING {
		m.mu.Lock()
		m.warnings = append(m.warnings, q.GetMessage())
		m.mu.Unlock()
	}
	return &emptypb.Empty{}, nil
}

func (m *monitor) SetRootResource(context.Context, *pulumirpc.SetRootResourceRequest) (*pulumirpc.SetRootResourceResponse, error) {
	return &pulumirpc.SetRootResourceResponse{}, nil
}

// run runs a program against the monitor, over the wire.
func (m *monitor) run(t *testing.T, stack string, dryRun bool, program pulumi.RunFunc) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	pulumirpc.RegisterResourceMonitorServer(s, m)
	pulumirpc.RegisterEngineServer(s, m)
	go s.Serve(l)
	defer s.Stop()
	ctx, err := pulumi.NewContext(t.Context(), pulumi.RunInfo{
		Project: "orgrails", Stack: stack, Organization: "organization", DryRun: dryRun, Parallel: 4,
		MonitorAddr: l.Addr().String(), EngineAddr: l.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer ctx.Close()
	return pulumi.RunWithContext(ctx, program)
}

// text is what was registered, sorted, one JSON object per line.
func (m *monitor) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(m.lines)
	return strings.Join(m.lines, "\n") + "\n"
}

// A registered is what a test asks of a resource.
type registered struct {
	Name, Type, Import string
	Inputs             map[string]any
	Aliases            []string
}

func (m *monitor) resources(t *testing.T) []registered {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []registered
	for _, line := range m.lines {
		var r registered
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}
