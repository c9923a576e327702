package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// backend answers stack references from the other stacks of the engine.
func (e *Engine) backend() deploy.BackendClient { return backend{e} }

type backend struct{ engine *Engine }

// GetStackOutputs takes the names that the file backend takes:
// organization/<project>/<stack>, or <stack> in the same project.
func (b backend) GetStackOutputs(ctx context.Context, name string, _ func(error) error) (property.Map, error) {
	snap, err := b.find(ctx, name)
	if err != nil {
		return property.Map{}, err
	}
	return resource.FromResourcePropertyMap(stackOutputs(snap)), nil
}

func (b backend) GetStackResourceOutputs(ctx context.Context, name string) (property.Map, error) {
	snap, err := b.find(ctx, name)
	if err != nil {
		return property.Map{}, err
	}
	out := resource.PropertyMap{}
	for _, r := range snap.Resources {
		if !r.Delete {
			out[resource.PropertyKey(r.URN)] = resource.NewProperty(resource.PropertyMap{
				"type": resource.NewProperty(string(r.Type)), "outputs": resource.NewProperty(r.Outputs),
			})
		}
	}
	return resource.FromResourcePropertyMap(out), nil
}

func (b backend) find(ctx context.Context, name string) (*deploy.Snapshot, error) {
	short := name
	if parts := strings.Split(name, "/"); len(parts) == 3 {
		if parts[0] != "organization" {
			return nil, fmt.Errorf("organization name must be 'organization'")
		}
		if parts[1] != b.engine.Project {
			return nil, fmt.Errorf("%w %q", errNoStack, name)
		}
		short = parts[2]
	} else if len(parts) != 1 {
		return nil, fmt.Errorf("organization name must be 'organization'")
	}
	b.engine.mu.Lock()
	s := b.engine.stacks[short]
	b.engine.mu.Unlock()
	if s == nil {
		return nil, fmt.Errorf("%w %q", errNoStack, name)
	}
	if s.state.Load() == nil {
		return nil, fmt.Errorf("%w %q", errNoStack, name)
	}
	return s.snapshot(ctx)
}
