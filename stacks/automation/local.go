package automation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/orgrails/orgrails/stacks"
)

// A local backend is a folder whose files we can read ourselves: a process of
// the CLI for each stack would take a third of a second. We only ever read.
// What is not laid out as we know it is left to the CLI.
type local struct {
	folder string // of the project's stacks
}

var layout = regexp.MustCompile(`(?m)^version: 1\s*$`)

// openLocal returns nil where state must be read by the CLI.
func openLocal(opts Options) *local {
	if !opts.isLocal() {
		return nil
	}
	folder := filepath.Join(opts.stateFolder(), ".pulumi")
	meta, err := os.ReadFile(filepath.Join(folder, "meta.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return &local{filepath.Join(folder, "stacks", opts.Project)} // nothing was ever deployed
		}
		return nil
	}
	if err != nil || !layout.Match(meta) {
		return nil
	}
	return &local{filepath.Join(folder, "stacks", opts.Project)}
}

// names are the stacks of the project; ok is false when there is a file of a
// kind that we do not read, such as a compressed one.
func (l *local) names() (names []string, ok bool) {
	files, err := os.ReadDir(l.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	if err != nil {
		return nil, false
	}
	for _, f := range files {
		name, isJSON := strings.CutSuffix(f.Name(), ".json")
		switch {
		case isJSON:
			names = append(names, name)
		case strings.HasSuffix(f.Name(), ".gz"), strings.HasSuffix(f.Name(), ".zst"):
			return nil, false
		}
	}
	return names, true
}

// read reads the state of a stack; ok is false when it is not laid out as we know it.
func (l *local) read(stack string) (dep deployment, ok bool) {
	src, err := os.ReadFile(filepath.Join(l.folder, stack+".json"))
	if err != nil {
		return dep, false
	}
	var file apitype.VersionedCheckpoint
	if json.Unmarshal(src, &file) != nil || file.Version < apitype.DeploymentSchemaVersionCurrent || file.Version > apitype.DeploymentSchemaVersionLatest {
		return dep, false
	}
	var c struct {
		Latest *deployment `json:"latest"`
	}
	if json.Unmarshal(file.Checkpoint, &c) != nil {
		return dep, false
	}
	if c.Latest != nil {
		dep = *c.Latest
	}
	return dep, true
}

// deployment is what we need to know of a stack's state.
type deployment struct {
	Resources []apitype.ResourceV3  `json:"resources"`
	Pending   []apitype.OperationV2 `json:"pending_operations"`
}

// outputs are those of the stack, and the digest that its component
// registered; see [readStack].
func (dep deployment) outputs() (o stacks.Outputs, digest string) {
	o = stacks.Outputs{}
	for _, r := range dep.Resources {
		switch {
		case r.Type == "pulumi:pulumi:Stack":
			o = r.Outputs
		case strings.HasPrefix(string(r.Type), componentPrefix):
			digest = stacks.Outputs(r.Outputs).String(stacks.DigestOutput)
		}
	}
	return o, digest
}

// component is the URN of the stack's component, and the reference to its
// provider; "" where the state has none.
func (dep deployment) component() (parent resource.URN, provider string) {
	for _, r := range dep.Resources {
		switch {
		case strings.HasPrefix(string(r.Type), componentPrefix):
			parent = r.URN
		case r.Type == "pulumi:providers:aws" && !r.Delete:
			provider = string(r.URN) + "::" + string(r.ID)
		}
	}
	return parent, provider
}

// parseDeployment reads what `pulumi stack export` gives.
func parseDeployment(raw apitype.UntypedDeployment) (dep deployment, err error) {
	if len(raw.Deployment) == 0 {
		return dep, nil
	}
	if err := json.Unmarshal(raw.Deployment, &dep); err != nil {
		return dep, fmt.Errorf("read the state: %w", err)
	}
	return dep, nil
}
