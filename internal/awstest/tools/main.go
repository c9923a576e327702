// tools builds the programs that the end-to-end tests and the demo need into
// a cache per user, and says where they are:
//
//	go run ./tools build [NAME...]
//	go run ./tools path NAME
//
// Each tool is made in a folder beside its place and renamed into it, so that
// a build that was interrupted leaves nothing that looks finished, and two
// builds at the same time do not disturb each other.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/orgrails/orgrails/internal/awstest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tools:", err)
		os.Exit(3)
	}
}

func run(args []string) error {
	rows, err := awstest.CachedTools()
	if err != nil {
		return err
	}
	switch {
	case len(args) == 2 && args[0] == "path":
		for _, t := range rows {
			if t.Name == args[1] {
				path, err := t.Find()
				if err == nil && path == "" {
					err = fmt.Errorf("%s is not installed: run `make tools`", t.Name)
				}
				if err == nil {
					fmt.Println(path)
				}
				return err
			}
		}
		return fmt.Errorf("no tool named %s: there are moto, provider and pulumi", args[1])
	case len(args) >= 1 && args[0] == "build":
		for _, t := range rows {
			if len(args) > 1 && !slices.Contains(args[1:], t.Name) {
				continue
			}
			if err := install(t); err != nil {
				return fmt.Errorf("%s: %w", t.Name, err)
			}
		}
		return nil
	}
	return errors.New("usage: tools build [NAME...] | tools path NAME")
}

var recipes = map[string]func(t awstest.Tool, dir string) error{
	"moto":     buildMoto,
	"provider": buildProvider,
	"pulumi":   buildPulumi,
}

func install(t awstest.Tool) error {
	path, err := t.Find()
	if err != nil {
		return err
	}
	if path != "" {
		fmt.Printf("tools: %s is there\n", t.What)
		return nil
	}
	fmt.Printf("tools: %s: %s\n", t.What, map[string]string{
		"moto": "installing into a virtual environment", "provider": "building", "pulumi": "building; the first time takes about five minutes on two cores",
	}[t.Name])
	start := time.Now()
	if err := os.MkdirAll(filepath.Dir(t.Dir), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(t.Dir), ".making-"+t.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stop := progress(t, start)
	err = recipes[t.Name](t, dir)
	stop()
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, t.Dir); err != nil {
		if path, _ := t.Find(); path == "" {
			return err
		} // somebody else was faster
	}
	prune(t)
	fmt.Printf("tools: %s: done in %s\n", t.What, time.Since(start).Round(100*time.Millisecond))
	return nil
}

// progress says every half minute that it is still going on.
func progress(t awstest.Tool, start time.Time) (stop func()) {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(30 * time.Second):
				fmt.Printf("tools: %s: %s so far\n", t.What, time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() { close(done) }
}

// prune removes tools of other versions that nobody has made or used for a
// month.
func prune(t awstest.Tool) {
	others, _ := filepath.Glob(filepath.Join(filepath.Dir(t.Dir), t.Name+"-*"))
	for _, o := range others {
		if i, err := os.Stat(o); err == nil && o != t.Dir && time.Since(i.ModTime()) > 30*24*time.Hour {
			os.RemoveAll(o)
		}
	}
}

func buildPulumi(t awstest.Tool, dir string) error {
	return command("go", "build", "-o", filepath.Join(dir, "pulumi"), "-ldflags", awstest.LDFlags(), "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi")
}

func buildProvider(t awstest.Tool, dir string) error {
	return command("go", "build", "-o", filepath.Join(dir, "pulumi-resource-aws"), "-ldflags", "-s -w", "./cmd/pulumi-resource-aws")
}

func buildMoto(t awstest.Tool, dir string) error {
	if awstest.PythonVersion() == "" {
		return errors.New("there is no python3 on PATH: install Python 3.10 or newer")
	}
	if err := command("python3", "-m", "venv", dir); err != nil {
		return fmt.Errorf("%w: does the python3 on PATH have the venv module (python3-venv in some distributions)?", err)
	}
	python := filepath.Join(dir, "bin", "python3")
	if err := command(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", "requirements.txt"); err != nil {
		return err
	}
	// The scripts of the environment name its folder.
	scripts, err := os.ReadDir(filepath.Join(dir, "bin"))
	if err != nil {
		return err
	}
	for _, s := range scripts {
		path := filepath.Join(dir, "bin", s.Name())
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Type() == fs.ModeSymlink || info.IsDir() {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if moved := bytes.ReplaceAll(text, []byte(dir), []byte(t.Dir)); !bytes.Equal(moved, text) {
			if err := os.WriteFile(path, moved, info.Mode().Perm()); err != nil {
				return err
			}
		}
	}
	return nil
}

func command(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
