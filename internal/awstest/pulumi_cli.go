//go:build tools

package awstest

// The Pulumi CLI is built from here by tools.mk: its version is the one in go.mod.
import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
