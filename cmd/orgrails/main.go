// Command orgrails turns one file that describes an AWS organization into
// guardrails that are proved before they are deployed, and deploys them with
// Pulumi. See docs/cli.md.
package main

import (
	"os"
	"runtime/debug"

	"github.com/orgrails/orgrails/internal/cli"
)

// version is set by the release build; a build with "go install" has that of its module.
var version string

func main() {
	if info, ok := debug.ReadBuildInfo(); ok && version == "" {
		version = info.Main.Version
	}
	os.Exit(cli.New(version).Main(os.Args[1:]))
}
