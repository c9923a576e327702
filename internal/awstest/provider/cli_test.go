package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/internal/awstest"
)

// The real CLI, the provider as a process of its own, and the stand-in of the
// language host: from nothing to full, unchanged, refreshed, and away.
func TestCLI(t *testing.T) {
	tools, err := awstest.FindTools()
	if err != nil {
		t.Fatal(err)
	}
	if tools.Pulumi == "" || tools.Provider == "" {
		t.Fatal("the Pulumi CLI or the test provider is not installed: run `make tools`")
	}
	e, err := awstest.Start(t.Context(), awstest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	cfg := e.Config("")
	o, err := e.CreateOrganization(t.Context(), cfg, awstest.Account{Name: "member"})
	if err != nil {
		t.Fatal(err)
	}
	org := organizations.NewFromConfig(cfg)
	if _, err := org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &o.RootID, PolicyType: types.PolicyTypeServiceControlPolicy}); err != nil {
		t.Fatal(err)
	}

	dir := t.TempDir()
	build := func(out, pkg string) string {
		t.Helper()
		path := filepath.Join(dir, out)
		if text, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", pkg, err, text)
		}
		return path
	}
	build("pulumi-language-go", "../cmd/pulumi-language-go-standin")
	program := build("program", "../internal/program")
	project := "name: test\nruntime: {name: go, options: {binary: " + program + "}}\n"
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(project), 0o644); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o755); err != nil {
		t.Fatal(err)
	}
	pulumi := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), tools.Pulumi, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(),
			"PATH="+dir+string(os.PathListSeparator)+filepath.Dir(tools.Provider)+string(os.PathListSeparator)+os.Getenv("PATH"),
			"PULUMI_HOME="+filepath.Join(dir, "home"), "PULUMI_BACKEND_URL=file://"+state, "PULUMI_CONFIG_PASSPHRASE=", "PULUMI_SKIP_UPDATE_CHECK=true",
			"AWS_ENDPOINT_URL="+e.URL(), "AWS_ACCESS_KEY_ID=AKIACLICLICLICLICLI0", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=eu-central-1",
			"AWS_PROFILE=", "AWS_CONFIG_FILE=/nowhere", "AWS_SHARED_CREDENTIALS_FILE=/nowhere",
		)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("pulumi %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	pulumi("stack", "init", "dev")
	pulumi("config", "set", "account", o.Accounts["member"])
	pulumi("up", "--yes", "--skip-preview")
	units, err := org.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &o.RootID})
	if err != nil || len(units.OrganizationalUnits) != 1 {
		t.Fatalf("units are %+v, %v", units, err)
	}
	if got := strings.TrimSpace(pulumi("stack", "output", "unit")); got != *units.OrganizationalUnits[0].Id {
		t.Errorf("output is %q", got)
	}
	e.ResetCalls()
	pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
	pulumi("preview", "--expect-no-changes", "--refresh")
	for _, c := range e.Calls() {
		if c.Write {
			t.Errorf("a write where nothing changed: %+v", c)
		}
	}
	pulumi("refresh", "--yes", "--expect-no-changes")
	pulumi("destroy", "--yes", "--skip-preview")
	if units, err := org.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &o.RootID}); err != nil || len(units.OrganizationalUnits) != 0 {
		t.Errorf("units are %+v, %v", units, err)
	}
}
