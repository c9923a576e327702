// Package provider is a Pulumi provider named aws for the resource types that
// orgrails deploys. The published pulumi-resource-aws plugin cannot be
// downloaded in an offline build; this one answers the same engine calls with
// the AWS SDK, and follows the published provider's documentation in what is
// replaced, computed and imported (the table in kinds.go cites it).
//
// It is test equipment: users get the published plugin. It knows no type
// outside of its table, and of a type only what the table says.
package provider

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// Version is the version of the published provider that this one stands for.
const Version = "6.83.0"

// Options of a provider in the test's own process. A plugin process takes
// the zero value, and everything from its environment.
type Options struct {
	Endpoint        string // "" is AWS_ENDPOINT_URL
	AccessKeyID     string // "" is the environment's credentials
	SecretAccessKey string
	Region          string // "" is the provider's configuration, then AWS_REGION
}

// Provider is one configured instance, as the engine starts one for each
// provider resource.
type Provider struct {
	plugin.UnimplementedProvider
	options Options

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	clients *clients
}

// New is an instance that has not been configured yet.
func New(o Options) *Provider {
	ctx, cancel := context.WithCancel(context.Background())
	return &Provider{options: o, ctx: ctx, cancel: cancel}
}

func (p *Provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	v := semver.MustParse(Version)
	return plugin.PluginInfo{Version: &v}, nil
}

func (p *Provider) Handshake(context.Context, plugin.ProviderHandshakeRequest) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{}, nil
}

// Attach is for PULUMI_DEBUG_PROVIDERS: nothing to do.
func (p *Provider) Attach(string) error { return nil }

func (p *Provider) GetSchema(context.Context, plugin.GetSchemaRequest) (plugin.GetSchemaResponse, error) {
	return plugin.GetSchemaResponse{Schema: []byte(`{"name":"aws","version":"` + Version + `"}`)}, nil
}

// SignalCancellation gives up waiting and retrying; calls that AWS has taken
// are not undone.
func (p *Provider) SignalCancellation(context.Context) error { p.cancel(); return nil }

func (p *Provider) Close() error { p.cancel(); return nil }

// context ends with the request and with the cancellation of the provider.
func (p *Provider) context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

func (p *Provider) kind(urn resource.URN, given tokens.Type) (*kind, error) {
	t := given
	if t == "" {
		t = urn.Type()
	}
	if k := kinds[string(t)]; k != nil {
		return k, nil
	}
	return nil, fmt.Errorf("the test provider does not know the type %s: add it to internal/awstest/provider/kinds.go", t)
}

func (p *Provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	in := req.News.Copy()
	delete(in, defaultsKey)
	var filled []string
	var failures []plugin.CheckFailure
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if _, known := k.fields[string(name)]; !known {
			failures = append(failures, plugin.CheckFailure{Property: name, Reason: fmt.Sprintf("the test provider does not know this property of %s", k.token)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.fields)) {
		f, key := k.fields[name], resource.PropertyKey(name)
		if v, given := in[key]; given && !v.IsNull() {
			continue
		}
		delete(in, key)
		switch {
		case f.auto && k.autoname(in, req, key):
			filled = append(filled, name)
		case f.def != nil:
			in[key] = resource.NewPropertyValue(f.def)
			filled = append(filled, name)
		case f.required:
			failures = append(failures, plugin.CheckFailure{Property: key, Reason: "missing required property '" + name + "'"})
		}
	}
	if len(failures) == 0 && k.check != nil && !resource.NewProperty(in).ContainsUnknowns() {
		failures = k.check(propsOf(in))
	}
	if len(filled) > 0 {
		in[defaultsKey] = resource.NewPropertyValue(filled)
	}
	return plugin.CheckResponse{Properties: in, Failures: failures}, nil
}

// defaultsKey lists the inputs that Check has filled in, under the name that
// the published provider uses.
const defaultsKey = "__defaults"

// autoname gives a resource without a name the one it had, or makes one up.
func (k *kind) autoname(in resource.PropertyMap, req plugin.CheckRequest, key resource.PropertyKey) bool {
	if _, prefix := in["namePrefix"]; prefix {
		return false
	}
	if old, had := req.Olds[key]; had && old.IsString() {
		in[key] = old
		return true
	}
	seed := req.RandomSeed
	if len(seed) < 4 {
		seed = []byte{0, 0, 0, 0}
	}
	in[key] = resource.NewProperty(req.URN.Name() + "-" + hex.EncodeToString(seed[:4])[:7])
	return true
}

func (p *Provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if req.Preview {
		return plugin.CreateResponse{Properties: k.preview(req.Properties, nil)}, nil
	}
	c, err := p.configured()
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	ctx, done := p.context(ctx)
	defer done()
	in := propsOf(req.Properties)
	id, err := k.create(ctx, c, in)
	if err != nil && id == "" {
		return plugin.CreateResponse{Status: resource.StatusUnknown}, fmt.Errorf("creating %s: %w", k.label, err)
	}
	if err != nil { // it is there, but not as it should be
		return plugin.CreateResponse{}, k.partial(id, req.Properties, fmt.Errorf("creating %s (%s): %w", k.label, id, err))
	}
	out, found, err := k.read(ctx, c, id, in)
	if err == nil && !found {
		err = errors.New("couldn't find resource")
	}
	if err != nil {
		return plugin.CreateResponse{}, k.partial(id, req.Properties, fmt.Errorf("reading %s (%s): %w", k.label, id, err))
	}
	return plugin.CreateResponse{ID: resource.ID(k.idOf(id, out)), Properties: k.state(in, out, nil), Status: resource.StatusOK}, nil
}

// partial tells the engine to keep a resource that is there and not finished.
func (k *kind) partial(id string, in resource.PropertyMap, err error) error {
	properties, e := plugin.MarshalProperties(in, plugin.MarshalOptions{})
	if e != nil {
		return errors.Join(err, e)
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, err.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: properties, Inputs: properties, Reasons: []string{err.Error()},
	})
}

func (p *Provider) Read(ctx context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	c, err := p.configured()
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	ctx, done := p.context(ctx)
	defer done()
	old, id := propsOf(req.State), string(req.ID)
	importing := len(old) == 0
	if importing && k.imported != nil {
		if id, old, err = k.imported(id); err != nil {
			return plugin.ReadResponse{}, err
		}
	}
	out, found, err := k.read(ctx, c, id, old)
	if err != nil {
		return plugin.ReadResponse{}, fmt.Errorf("reading %s (%s): %w", k.label, req.ID, err)
	}
	if !found {
		return plugin.ReadResponse{}, nil
	}
	oldInputs := req.Inputs
	if importing {
		oldInputs = nil
	}
	state := k.state(old, out, req.State)
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{ID: resource.ID(k.idOf(id, out)), Inputs: k.inputs(oldInputs, state), Outputs: state},
		Status:     resource.StatusOK,
	}, nil
}

func (p *Provider) Update(ctx context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	if req.Preview {
		return plugin.UpdateResponse{Properties: k.preview(req.NewInputs, req.OldOutputs)}, nil
	}
	c, err := p.configured()
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	ctx, done := p.context(ctx)
	defer done()
	old, in := propsOf(req.OldOutputs), propsOf(req.NewInputs)
	for name, f := range k.fields { // what is only spelled differently stays as it is
		if f.equivalent != nil && f.equivalent(old[name], in[name]) {
			in[name] = old[name]
		}
	}
	if k.update != nil {
		if err := k.update(ctx, c, string(req.ID), old, in); err != nil {
			return plugin.UpdateResponse{Status: resource.StatusUnknown}, fmt.Errorf("updating %s (%s): %w", k.label, req.ID, err)
		}
	}
	out, found, err := k.read(ctx, c, string(req.ID), in)
	if err == nil && !found {
		err = errors.New("couldn't find resource")
	}
	if err != nil {
		return plugin.UpdateResponse{Status: resource.StatusUnknown}, fmt.Errorf("reading %s (%s): %w", k.label, req.ID, err)
	}
	return plugin.UpdateResponse{Properties: k.state(in, out, req.OldOutputs), Status: resource.StatusOK}, nil
}

func (p *Provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	c, err := p.configured()
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	ctx, done := p.context(ctx)
	defer done()
	if k.delete == nil {
		return plugin.DeleteResponse{Status: resource.StatusOK}, nil
	}
	if err := k.delete(ctx, c, string(req.ID), propsOf(req.Outputs)); err != nil && !gone(err) {
		return plugin.DeleteResponse{Status: resource.StatusUnknown}, fmt.Errorf("deleting %s (%s): %w", k.label, req.ID, err)
	}
	return plugin.DeleteResponse{Status: resource.StatusOK}, nil
}
