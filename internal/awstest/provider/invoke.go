package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

// functions are the invokes that orgrails uses.
var functions = map[string]func(ctx context.Context, c *clients) (props, error){
	// https://www.pulumi.com/registry/packages/aws/api-docs/organizations/getorganization/
	"aws:organizations/getOrganization:getOrganization": func(ctx context.Context, c *clients) (props, error) {
		out, found, err := readOrganization(ctx, c, "", nil)
		if err == nil && !found {
			err = errors.New("couldn't find resource")
		}
		if err != nil {
			return nil, fmt.Errorf("reading Organizations Organization: %w", err)
		}
		return out, nil
	},
	// https://www.pulumi.com/registry/packages/aws/api-docs/getcalleridentity/
	"aws:index/getCallerIdentity:getCallerIdentity": func(_ context.Context, c *clients) (props, error) {
		return props{"accountId": c.account, "arn": c.arn, "userId": c.userID, "id": c.account}, nil
	},
}

func (p *Provider) Invoke(ctx context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	f := functions[string(req.Tok)]
	if f == nil {
		return plugin.InvokeResponse{}, fmt.Errorf("the test provider does not know the function %s: add it to internal/awstest/provider/invoke.go", req.Tok)
	}
	c, err := p.configured()
	if err != nil {
		return plugin.InvokeResponse{}, err
	}
	ctx, done := p.context(ctx)
	defer done()
	out, err := f(ctx, c)
	if err != nil {
		return plugin.InvokeResponse{}, fmt.Errorf("invoking %s: %w", req.Tok, err)
	}
	return plugin.InvokeResponse{Properties: out.propertyMap()}, nil
}
