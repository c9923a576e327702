//go:build unix

package awstest

import (
	"os/exec"
	"syscall"
)

// detach puts a process in a group of its own: a test that kills the process
// group of the deployment under test, or a Ctrl-C at the terminal, must not
// take the emulator with it.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
