package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/display"
	"github.com/pulumi/pulumi/pkg/v3/engine"
	lifecycle "github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/pkg/v3/resource/stack"
	"github.com/pulumi/pulumi/pkg/v3/secrets/b64"
	"github.com/pulumi/pulumi/pkg/v3/util/cancel"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/orgrails/orgrails/internal/awstest/provider"
)

type operation func(engine.UpdateInfo, *engine.Context, engine.UpdateOptions, bool) (*deploy.Plan, display.ResourceChanges, error)

// run is one operation of the engine. It does what the CLI's backends do
// around the engine, without its checks of every intermediate state, which
// would make the time grow with the square of the resources.
func (s *Stack) run(op operation, program pulumi.RunFunc, o Options, dryRun bool) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := context.Background()
	cfg, err := s.config(o.Config)
	if err != nil {
		return Result{}, err
	}
	// The engine changes the state it works on, in previews too: it gets one
	// of its own each time.
	base, err := s.snapshot(ctx)
	if err != nil {
		return Result{}, err
	}
	info := lifecycle.NewUpdateInfo(
		workspace.Project{Name: tokens.PackageName(s.engine.Project), Runtime: workspace.NewProjectRuntimeInfo("go", nil)},
		deploy.Target{Name: tokens.MustParseStackName(s.name), Organization: "organization", Config: cfg, Decrypter: config.NopDecrypter, Snapshot: base},
	)
	cancelled, source := cancel.NewContext(ctx)
	defer source.Terminate()
	defer source.Cancel()

	events, collected := make(chan engine.Event), make(chan Result)
	go func() { collected <- s.collect(events) }()
	journal := engine.NewTestJournal()
	var manager engine.SnapshotManager
	if !dryRun {
		manager = journal
	}
	_, _, err = op(info, &engine.Context{
		Cancel: cancelled, Events: events, SnapshotManager: manager,
		BackendClient: s.engine.backend(), PluginManager: lifecycle.NopPluginManager{},
	}, s.options(program, o), dryRun)
	close(events)
	result := <-collected
	journal.Close()
	if dryRun {
		return result, result.failure(err)
	}
	after, e := journal.Entries().Snap(base)
	if e == nil {
		e = after.VerifyIntegrity()
	}
	if e != nil {
		return result, errors.Join(result.failure(err), fmt.Errorf("stack %s: state: %w", s.name, e))
	}
	after.SecretsManager = b64.NewBase64SecretsManager()
	written, e := stack.SerializeDeployment(ctx, after, false)
	if e != nil {
		return result, errors.Join(result.failure(err), fmt.Errorf("stack %s: write state: %w", s.name, e))
	}
	s.state.Store(written)
	result.Outputs = outputs(after)
	return result, result.failure(err)
}

func (s *Stack) snapshot(ctx context.Context) (*deploy.Snapshot, error) {
	state := s.state.Load()
	if state == nil {
		return nil, nil
	}
	snap, err := stack.DeserializeDeploymentV3(ctx, *state, stack.Base64SecretsProvider{})
	if err != nil {
		return nil, fmt.Errorf("stack %s: read state: %w", s.name, err)
	}
	return snap, nil
}

func (s *Stack) config(values map[string]string) (config.Map, error) {
	out := config.Map{}
	for name, v := range values {
		if !strings.Contains(name, ":") {
			name = s.engine.Project + ":" + name
		}
		key, err := config.ParseKey(name)
		if err != nil {
			return nil, fmt.Errorf("configuration %s: %w", name, err)
		}
		out[key] = config.NewValue(v)
	}
	return out, nil
}

func (s *Stack) options(program pulumi.RunFunc, o Options) engine.UpdateOptions {
	parallel := o.Parallel
	if parallel == 0 {
		parallel = 16
	}
	var targets deploy.UrnTargets
	if len(o.Targets) > 0 {
		targets = deploy.NewUrnTargets(o.Targets)
	}
	return engine.UpdateOptions{
		Parallel: int32(parallel), Refresh: o.Refresh, Targets: targets, ContinueOnError: o.Continue,
		SkipPluginPreInstall: true,
		HostFactory: func(_ context.Context, d, status diag.Sink, _ plugin.DebugContext) (plugin.Host, error) {
			var host plugin.Host
			runtime := deploytest.NewLanguageRuntime(func(run plugin.RunInfo, monitor *deploytest.ResourceMonitor) error {
				return s.program(run, host.ServerAddr(), program, monitor)
			})
			host = deploytest.NewPluginHost(d, status, runtime, s.engine.loaders()...)
			return host, nil
		},
	}
}

// program does what pulumi.Run does. It stays until the engine is done: the
// hooks on deletions, which come last, are answered from here.
func (s *Stack) program(run plugin.RunInfo, engineAddress string, program pulumi.RunFunc, monitor *deploytest.ResourceMonitor) error {
	values := map[string]string{}
	for key, v := range run.Config {
		values[key.String()] = v
	}
	ctx, err := pulumi.NewContext(context.Background(), pulumi.RunInfo{
		Project: run.Project, Stack: run.Stack, Organization: run.Organization, Config: values,
		Parallel: run.Parallel, DryRun: run.DryRun, MonitorAddr: run.MonitorAddress, EngineAddr: engineAddress,
	})
	if err != nil {
		return err
	}
	defer ctx.Close()
	if program == nil {
		return nil
	}
	if err := pulumi.RunWithContext(ctx, program); err != nil {
		return err
	}
	return monitor.SignalAndWaitForShutdown(context.Background())
}

// loaders serve the test provider. It speaks gRPC in the process too, so that
// what it sees is what a plugin process sees.
func (e *Engine) loaders() []*deploytest.ProviderLoader {
	return []*deploytest.ProviderLoader{
		deploytest.NewProviderLoader("aws", semver.MustParse(provider.Version), func() (plugin.Provider, error) {
			return provider.New(e.Provider), nil
		}, deploytest.WithGrpc, deploytest.WithHandshake),
	}
}
