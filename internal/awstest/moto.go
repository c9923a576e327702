package awstest

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

//go:embed moto_launcher.py
var motoLauncher string

// motoStartTimeout is generous: a cold Python on a busy machine.
const motoStartTimeout = 90 * time.Second

type motoProcess struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr *tail
	url    string
	done   chan error
}

// startMoto runs the launcher with the Python that lives beside moto_server.
// The launcher ends when its standard input does, so moto cannot outlive the
// process that started it, however that one ends.
func startMoto(ctx context.Context, motoServer string) (*motoProcess, error) {
	python := filepath.Join(filepath.Dir(motoServer), "python3")
	if _, err := os.Stat(python); err != nil {
		return nil, fmt.Errorf("start moto: no python3 beside %s: run `make tools`, or set %s to the moto_server of a virtual environment", motoServer, envMotoServer)
	}
	m := &motoProcess{stderr: &tail{max: 16 << 10}, done: make(chan error, 1)}
	// Not CommandContext: the emulator outlives the call that starts it.
	m.cmd = exec.Command(python, "-c", motoLauncher, "127.0.0.1", "0")
	m.cmd.Env = motoEnv(os.Environ())
	m.cmd.Stderr = m.stderr
	detach(m.cmd)
	var err error
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	stdout, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	if err := m.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	type started struct {
		Port int `json:"port"`
	}
	line := make(chan started, 1)
	go func() {
		var s started
		r := bufio.NewReader(stdout)
		if text, err := r.ReadBytes('\n'); err == nil {
			_ = json.Unmarshal(text, &s)
		}
		line <- s
		io.Copy(io.Discard, r)
		m.done <- m.cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, motoStartTimeout)
	defer cancel()
	select {
	case s := <-line:
		if s.Port == 0 {
			m.stop()
			return nil, fmt.Errorf("start moto: it ended at once: %s", m.stderr)
		}
		m.url = fmt.Sprintf("http://127.0.0.1:%d", s.Port)
		return m, nil
	case <-ctx.Done():
		m.stop()
		return nil, fmt.Errorf("start moto: %w: %s", ctx.Err(), m.stderr)
	}
}

func (m *motoProcess) stop() error {
	m.stdin.Close()
	select {
	case <-m.done:
	case <-time.After(5 * time.Second):
		m.cmd.Process.Kill()
		select {
		case <-m.done:
		case <-time.After(5 * time.Second):
			return errors.New("stop moto: it does not end")
		}
	}
	return nil
}

// motoEnv leaves out what would change moto's answers: MOTO_ACCOUNT_ID
// switches the isolation of accounts off, and a proxy setting or an endpoint
// would send moto's own calls to itself elsewhere.
func motoEnv(env []string) []string {
	out := make([]string, 0, len(env))
	for _, kv := range env {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "MOTO_ACCOUNT_ID", "MOTO_PORT", "AWS_ENDPOINT_URL", "INITIAL_NO_AUTH_ACTION_COUNT":
		default:
			out = append(out, kv)
		}
	}
	return out
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	max int
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.max; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
