package awstest

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// The environment can name tools that are installed elsewhere.
const (
	envPulumi     = "ORGRAILS_PULUMI"
	envMotoServer = "ORGRAILS_MOTO_SERVER"
	envProvider   = "ORGRAILS_PROVIDER"
)

// sources are what the keys of the cache are made from. They are in the
// program, so that it finds the tools that belong to it wherever it runs.
//
//go:embed go.mod requirements.txt provider/*.go cmd/pulumi-resource-aws/*.go
var sources embed.FS

// Tools are the programs that `make tools` puts into the cache. An empty path
// is a tool that is not there.
type Tools struct {
	Pulumi     string // the CLI
	Provider   string // pulumi-resource-aws; its folder belongs on PATH
	MotoServer string // moto_server, in its virtual environment
}

// A Tool is one row of the cache.
type Tool struct {
	Name string // pulumi, provider, moto
	Env  string // the variable that names another one
	Dir  string // in the cache; its name ends in the key
	Path string // of the program
	What string // for progress lines
}

// LDFlags are those that the Pulumi CLI is linked with: without the version
// the Automation API refuses it.
func LDFlags() string {
	return "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + PulumiVersion()
}

var pulumiModule = regexp.MustCompile(`(?m)^\s*(?:require )?github\.com/pulumi/pulumi/pkg/v3 (v\S+)`)

// PulumiVersion is the version of the engine and the CLI, as go.mod has it.
func PulumiVersion() string {
	m := pulumiModule.FindStringSubmatch(source("go.mod"))
	if m == nil {
		panic("go.mod does not require github.com/pulumi/pulumi/pkg/v3")
	}
	return m[1]
}

func source(name string) string {
	b, err := fs.ReadFile(sources, name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// CachedTools are the tools and where they are, or would be after `make
// tools`. The folder's name is a hash of all that the tool is made from, so
// that tools of another version are never taken for them.
func CachedTools() ([]Tool, error) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find the tools' cache: %w", err)
		}
		cache = filepath.Join(home, ".cache")
	}
	cache = filepath.Join(cache, "orgrails", "tools")
	platform := []string{runtime.Version(), runtime.GOOS, runtime.GOARCH}
	python := PythonVersion()
	row := func(name, env, program, what string, parts ...string) Tool {
		dir := filepath.Join(cache, name+"-"+key(append(parts, platform...)))
		return Tool{Name: name, Env: env, Dir: dir, Path: filepath.Join(dir, program), What: what}
	}
	return []Tool{
		row("moto", envMotoServer, "bin/moto_server", "the AWS API server, with "+python, source("requirements.txt"), python),
		row("provider", envProvider, "pulumi-resource-aws", "the test provider", append(providerSources(), providerModules()...)...),
		row("pulumi", envPulumi, "pulumi", "the Pulumi CLI "+PulumiVersion(), PulumiVersion(), LDFlags()),
	}, nil
}

func providerSources() []string {
	var out []string
	fs.WalkDir(sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			out = append(out, path, source(path))
		}
		return err
	})
	return out
}

// providerModules are the versions that matter to the provider: it need not
// be built again because a test has another requirement.
func providerModules() []string {
	var out []string
	for line := range strings.Lines(source("go.mod")) {
		for _, path := range []string{"github.com/pulumi/", "github.com/aws/", "google.golang.org/grpc"} {
			if strings.Contains(line, path) {
				out = append(out, strings.TrimSpace(line))
			}
		}
	}
	return out
}

func key(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// PythonVersion is that of python3 on PATH, "" if there is none.
func PythonVersion() string {
	out, err := exec.Command("python3", "-c", "import platform; print(platform.python_implementation(), platform.python_version())").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// FindTools finds the tools: in the environment, else in the cache.
func FindTools() (Tools, error) {
	rows, err := CachedTools()
	if err != nil {
		return Tools{}, err
	}
	var t Tools
	for name, path := range map[string]*string{"pulumi": &t.Pulumi, "provider": &t.Provider, "moto": &t.MotoServer} {
		row := rows[slices.IndexFunc(rows, func(r Tool) bool { return r.Name == name })]
		if *path, err = row.Find(); err != nil {
			return Tools{}, err
		}
	}
	return t, nil
}

// Find is the path of the tool, "" if it is not installed. What the
// environment names must be there.
func (t Tool) Find() (string, error) {
	if path := os.Getenv(t.Env); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s names a tool that is not there: %w", t.Env, err)
		}
		return path, nil
	}
	if _, err := os.Stat(t.Path); err != nil {
		return "", nil
	}
	return t.Path, nil
}
