package automation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// open makes sure that a stack exists, and returns it with a program.
func (d *driver) open(ctx context.Context, name string, program pulumi.RunFunc) (auto.Stack, error) {
	return d.openWith(ctx, name, d.env, program)
}

func (d *driver) openWith(ctx context.Context, name string, env map[string]string, program pulumi.RunFunc) (auto.Stack, error) {
	ws, err := d.workspace(ctx, d.work, env, program)
	if err != nil {
		return auto.Stack{}, err
	}
	if d.has(name) {
		return auto.SelectStack(ctx, name, ws)
	}
	if err := shareKey(d.work, name); err != nil {
		return auto.Stack{}, err
	}
	s, err := auto.NewStack(ctx, name, ws)
	if err != nil {
		return s, fmt.Errorf("create stack %s: %w", name, firstError(err))
	}
	d.mu.Lock()
	d.exists[name] = true
	d.mu.Unlock()
	return s, nil
}

// sharedSettings are the settings of a stack that the others are given before
// they are created: one key for all of them, which takes a process a quarter
// of a second to derive, and which every stack read by another needs.
const sharedSettings = "Pulumi.organization.yaml"

var keys sync.Mutex

func shareKey(dir, stack string) error {
	keys.Lock()
	defer keys.Unlock()
	file := filepath.Join(dir, "Pulumi."+stack+".yaml")
	if _, err := os.Stat(file); err == nil || filepath.Base(file) == sharedSettings {
		return nil
	}
	src, err := os.ReadFile(filepath.Join(dir, sharedSettings))
	if errors.Is(err, os.ErrNotExist) {
		return nil // a key of its own is as good
	}
	if err == nil {
		err = os.WriteFile(file, src, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the settings of stack %s: %w", stack, err)
	}
	return nil
}

// runUp runs `up` once and collects what happens.
func (d *driver) runUp(ctx context.Context, name string, env map[string]string, program pulumi.RunFunc, more ...optup.Option) (*collector, error) {
	stack, err := d.openWith(ctx, name, env, program)
	if err != nil {
		return newCollector(d, name, false), err
	}
	c := newCollector(d, name, false)
	ch, wait := c.follow()
	more = append(more, optup.EventStreams(ch), optup.SuppressProgress(), optup.SuppressOutputs())
	_, err = stack.Up(ctx, more...)
	wait()
	return c, c.failure(err)
}

// runPreview runs `preview` once. A stack that does not exist is previewed in
// a folder of its own, so that a preview makes no stack.
func (d *driver) runPreview(ctx context.Context, name string, program pulumi.RunFunc, more ...optpreview.Option) (*collector, error) {
	c := newCollector(d, name, true)
	dir, env, exists := d.work, d.env, d.has(name)
	if !exists {
		tmp, err := os.MkdirTemp("", "orgrails-preview-")
		if err != nil {
			return c, fmt.Errorf("make a folder for the preview: %w", err)
		}
		defer os.RemoveAll(tmp)
		dir = filepath.Join(tmp, "work")
		if err := os.MkdirAll(filepath.Join(tmp, "state"), 0o755); err != nil {
			return c, fmt.Errorf("make a folder for the preview: %w", err)
		}
		if env, err = d.previewFolder(tmp, dir); err != nil {
			return c, err
		}
	}
	ws, err := d.workspace(ctx, dir, env, program)
	if err != nil {
		return c, err
	}
	open := auto.SelectStack
	if !exists {
		open = auto.NewStack
	}
	stack, err := open(ctx, name, ws)
	if err != nil {
		return c, firstError(err)
	}
	ch, wait := c.follow()
	_, err = stack.Preview(ctx, append(more, optpreview.EventStreams(ch), optpreview.SuppressProgress(), optpreview.SuppressOutputs())...)
	wait()
	return c, c.failure(err)
}

func (d *driver) previewFolder(tmp, dir string) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder for the preview: %w", err)
	}
	settings := fmt.Sprintf("name: %s\nruntime: go\n", d.opts.Project)
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(settings), 0o644); err != nil {
		return nil, fmt.Errorf("make a folder for the preview: %w", err)
	}
	env := map[string]string{}
	for k, v := range d.env {
		env[k] = v
	}
	env["PULUMI_BACKEND_URL"] = "file://" + filepath.ToSlash(filepath.Join(tmp, "state"))
	env["PULUMI_CONFIG_PASSPHRASE"] = ""
	return env, nil
}
