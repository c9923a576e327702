package cli

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what scripts and examples print into their files")

// TestMain lets scripts run the tool as the program "orgrails", and others with
// what deploys and reads AWS replaced by what waits.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"orgrails":         func() { os.Exit(New("0.0.0-test").Main(os.Args[1:])) },
		"orgrails-waiting": func() { os.Exit(waiting().Main(os.Args[1:])) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, params(t, filepath.Join("testdata", "script"), *update))
}

// params are how scripts in a folder are run.
func params(t *testing.T, dir string, update bool) testscript.Params {
	t.Helper()
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir:           dir,
		UpdateScripts: update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", testdata)
			// Whatever a command without AWS would reach for is not there.
			env.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
			env.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_CONFIG_FILE", os.DevNull)
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
			for name, value := range gitWorld {
				env.Setenv(name, value)
			}
			return nil
		},
	}
}

// gitWorld is the environment of git in tests: nobody's configuration, and one
// author at one time.
var gitWorld = map[string]string{
	"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.DevNull,
	"GIT_AUTHOR_NAME": "Acme", "GIT_AUTHOR_EMAIL": "acme@acme.example", "GIT_AUTHOR_DATE": "2026-11-22T12:00:00Z",
	"GIT_COMMITTER_NAME": "Acme", "GIT_COMMITTER_EMAIL": "acme@acme.example", "GIT_COMMITTER_DATE": "2026-11-22T12:00:00Z",
}

// exits runs a program that must end with a given exit code:
//
//	exits 2 orgrails validat
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
