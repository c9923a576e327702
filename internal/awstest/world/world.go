// Package world makes the organization that an organization file expects to
// find, in an emulator, and runs the orgrails command against it as a user
// would: a process of its own, with the environment of the AWS SDKs.
//
// The end-to-end tests and the demo use it.
package world

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/awstest"
)

// AccessKey and SecretKey are the demo's credentials. Nothing that orgrails
// writes may hold them; a test looks.
const (
	AccessKey = "AKIAORGRAILSDEMO0001"
	SecretKey = "demo/Secret+Key/ThatMustNeverBeWritten00"
)

// A World is one emulator with an organization in it, one folder with an
// organization file, and the orgrails command.
type World struct {
	Emulator *awstest.Emulator
	Dir      string // holds organization.yaml
	Orgrails string // path of the command
	Tools    awstest.Tools
	Config   aws.Config // the management account's
}

// New copies the example's folder to dir, starts an emulator for it and fills
// the emulator with the organization and every account of the file that has
// an id. The organization's own id is written into the copy.
func New(ctx context.Context, orgrails, example, dir string, options awstest.Options) (*World, error) {
	tools, err := awstest.FindTools()
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, os.DirFS(example)); err != nil {
		return nil, fmt.Errorf("copy the example: %w", err)
	}
	w := &World{Dir: dir, Orgrails: orgrails, Tools: tools}
	plan, err := w.Plan(ctx)
	if err != nil {
		return nil, err
	}
	options.ManagementAccountID = plan.IDs["account:management"]
	options.AccountIDs = map[string]string{}
	for _, a := range plan.Accounts {
		if id, ok := plan.IDs["account:"+a.Key]; ok {
			options.AccountIDs[a.Email] = id
		}
	}
	w.Emulator, err = awstest.Start(ctx, options)
	if err != nil {
		return nil, err
	}
	w.Config = aws.Config{
		Region:       plan.Organization.HomeRegion,
		Credentials:  credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
		BaseEndpoint: aws.String(w.Emulator.URL()),
	}
	if err := w.createOrganization(ctx, plan); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Close ends the emulator.
func (w *World) Close() error { return w.Emulator.Close() }

func (w *World) createOrganization(ctx context.Context, plan *guardrails.Plan) error {
	o := organizations.NewFromConfig(w.Config)
	made, err := o.CreateOrganization(ctx, &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
	if err != nil {
		return fmt.Errorf("create the organization: %w", err)
	}
	for _, a := range plan.Accounts {
		if _, ok := plan.IDs["account:"+a.Key]; !ok {
			continue
		}
		out, err := o.CreateAccount(ctx, &organizations.CreateAccountInput{AccountName: &a.Name, Email: &a.Email, RoleName: &plan.Organization.DeployRole})
		if err != nil {
			return fmt.Errorf("create account %s: %w", a.Key, err)
		}
		if out.CreateAccountStatus.State == types.CreateAccountStateFailed {
			return fmt.Errorf("create account %s: %s", a.Key, out.CreateAccountStatus.FailureReason)
		}
	}
	if err := w.createTrusted(ctx, plan); err != nil {
		return err
	}
	return w.Edit(`(?m)^(\s+id: )o-[a-z0-9]+`, "${1}"+*made.Organization.Id)
}

// File is the path of the organization file.
func (w *World) File() string { return filepath.Join(w.Dir, "organization.yaml") }

// Edit replaces what a regular expression matches in the organization file. A
// pattern that matches nothing is an error: the edit would test nothing.
func (w *World) Edit(pattern, replacement string) error {
	src, err := os.ReadFile(w.File())
	if err != nil {
		return err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	out := re.ReplaceAll(src, []byte(replacement))
	if bytes.Equal(src, out) {
		return fmt.Errorf("the edit %q changes nothing in %s", pattern, w.File())
	}
	return os.WriteFile(w.File(), out, 0o644)
}

// Env is the environment of the command: the caller's, less everything that
// speaks of AWS or Pulumi, plus the emulator and the demo's credentials.
func (w *World) Env() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "PULUMI_") || name == "PATH" {
			continue
		}
		env = append(env, kv)
	}
	env = append(env,
		"PATH="+filepath.Dir(w.Tools.Pulumi)+string(os.PathListSeparator)+filepath.Dir(w.Tools.Provider)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"PULUMI_HOME="+filepath.Join(w.Dir, ".pulumi-home"),
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK=",
		"AWS_REGION="+w.Config.Region,
		"AWS_ACCESS_KEY_ID="+AccessKey,
		"AWS_SECRET_ACCESS_KEY="+SecretKey,
		"AWS_EC2_METADATA_DISABLED=true",
	)
	if w.Emulator != nil {
		env = append(env, "AWS_ENDPOINT_URL="+w.Emulator.URL())
	}
	return env
}

// Command is orgrails with these arguments, not started, in the world's folder.
func (w *World) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.Orgrails, args...)
	cmd.Dir = w.Dir
	cmd.Env = w.Env()
	return cmd
}

// An Output is what a command left.
type Output struct {
	Stdout, Stderr string
	Code           int
}

// Run runs orgrails to its end. The error is about running it at all; a
// refusal is in the exit code.
func (w *World) Run(ctx context.Context, args ...string) (Output, error) {
	return w.RunTo(ctx, io.Discard, args...)
}

// RunTo is Run, with both outputs copied to a writer as they come.
func (w *World) RunTo(ctx context.Context, to io.Writer, args ...string) (Output, error) {
	var stdout, stderr bytes.Buffer
	cmd := w.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, to), io.MultiWriter(&stderr, to)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return Output{}, fmt.Errorf("run orgrails %s: %w", strings.Join(args, " "), err)
	}
	return Output{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, nil
}

// Plan is what `orgrails plan --json` says of the file as it is now.
func (w *World) Plan(ctx context.Context) (*guardrails.Plan, error) {
	out, err := w.Run(ctx, "plan", "--json")
	if err != nil {
		return nil, err
	}
	if out.Code != 0 {
		return nil, fmt.Errorf("orgrails plan --json: exit code %d:\n%s", out.Code, out.Stderr)
	}
	return guardrails.Decode([]byte(out.Stdout))
}
