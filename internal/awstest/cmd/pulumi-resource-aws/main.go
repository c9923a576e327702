// pulumi-resource-aws is the test provider as a Pulumi plugin: put its folder
// on PATH and the engine uses it in place of the published one. It is test
// equipment; see internal/awstest/provider.
package main

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/orgrails/orgrails/internal/awstest/provider"
)

func main() {
	err := pulumiprovider.Main("aws", func(*pulumiprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return plugin.NewProviderServer(provider.New(provider.Options{})), nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
