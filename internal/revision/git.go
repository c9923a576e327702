package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/internal/config"
)

// git is the git command in a folder.
type git struct {
	ctx context.Context
	dir string
}

// A repository is found from the folder of the file alone: what a hook's
// environment says of another one, and of an index, does not count.
// https://git-scm.com/docs/git#_environment_variables
var located = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"}

func (g git) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(g.ctx, "git", append([]string{"-C", g.dir, "--no-pager"}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(located, name)
	})
	// Messages in one language, no write for convenience's sake, no question,
	// and nothing over the network where a clone has only a part.
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=")
	return cmd
}

// run is what git prints; the error is the first line of what it complains of.
func (g git) run(args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := g.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", complaint(errs.Bytes(), err)
	}
	return out.String(), nil
}

// complaint is the first line of what git says is wrong.
func complaint(said []byte, err error) error {
	line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	line = strings.TrimPrefix(strings.TrimPrefix(line, "fatal: "), "error: ")
	if line == "" {
		return err
	}
	return errors.New(line)
}

// object is the name of the one object that a revision names. It does not
// begin with a hyphen, and what follows "--" would be a file.
func (g git) object(rev string) (string, error) {
	out, err := g.run("rev-parse", rev, "--")
	if err != nil {
		return "", err
	}
	name, ok := strings.CutSuffix(out, "\n--\n")
	if !ok || strings.Trim(name, "0123456789abcdef") != "" {
		return "", errors.New("it names no one commit")
	}
	return name, nil
}

// unknown is the way out where a revision is not known.
func (g git) unknown() string {
	if out, err := g.run("rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(out) == "true" {
		return `the clone is shallow: fetch the revision first, as in "git fetch --depth 1 origin main" for git:FETCH_HEAD`
	}
	return `"git log --oneline" and "git branch --all" list revisions; one of elsewhere must be fetched first`
}

// names lists the files of a commit, or as many as fit.
func (g git) names(commit string) []string {
	cmd := g.command("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
	out, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	data, _ := io.ReadAll(io.LimitReader(out, 4*config.MaxFileSize))
	_ = cmd.Process.Kill() // it has ended, or has more than is wanted
	_ = cmd.Wait()
	return strings.FieldsFunc(string(data), func(r rune) bool { return r == 0 })
}

// objects is a git that is asked for one object after another.
// https://git-scm.com/docs/git-cat-file#_batch_output
type objects struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	errs bytes.Buffer
}

func (g git) objects() (*objects, error) {
	o := &objects{cmd: g.command("cat-file", "--batch", "--follow-symlinks")}
	var err error
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out, o.cmd.Stderr = bufio.NewReader(out), &o.errs
	return o, o.cmd.Start()
}

// get is the type and the content of an object; no content where it is larger
// than what is read of any file.
func (o *objects) get(spec string) (kind string, data []byte, size int64, err error) {
	if strings.ContainsAny(spec, "\n\x00") {
		return "missing", nil, 0, nil // it would be two questions
	}
	if _, err := io.WriteString(o.in, spec+"\n"); err != nil {
		return "", nil, 0, o.broken(err)
	}
	line, err := o.out.ReadString('\n')
	if err != nil {
		return "", nil, 0, o.broken(err)
	}
	line = strings.TrimSuffix(line, "\n")
	if line == spec+" missing" || line == spec+" ambiguous" {
		return "missing", nil, 0, nil
	}
	words := strings.Split(line, " ")
	switch {
	case len(words) == 3: // name, type, size
		kind = words[1]
	case len(words) == 2 && slices.Contains([]string{"symlink", "dangling", "loop", "notdir"}, words[0]):
		kind = words[0]
	default:
		return "", nil, 0, fmt.Errorf("git answered %q", line)
	}
	if size, err = strconv.ParseInt(words[len(words)-1], 10, 64); err != nil || size < 0 {
		return "", nil, 0, fmt.Errorf("git answered %q", line)
	}
	if size <= config.MaxFileSize {
		data = make([]byte, size)
		_, err = io.ReadFull(o.out, data)
	} else {
		_, err = io.CopyN(io.Discard, o.out, size)
	}
	if err == nil {
		_, err = o.out.Discard(1) // the end of the line
	}
	if err != nil {
		return "", nil, 0, o.broken(err)
	}
	return kind, data, size, nil
}

// broken is why git went away.
func (o *objects) broken(err error) error {
	_ = o.in.Close()
	_ = o.cmd.Wait() // it has ended: its standard error is whole
	return complaint(o.errs.Bytes(), err)
}

func (o *objects) close() {
	_ = o.in.Close()
	_, _ = io.Copy(io.Discard, o.out)
	_ = o.cmd.Wait()
}
