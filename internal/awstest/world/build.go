package world

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Orgrails is the path of the command that [Main] has built.
var Orgrails string

// Main builds the orgrails command and runs the tests of a package that lies
// beside this one; it is what their TestMain exits with.
func Main(tests interface{ Run() int }) int {
	dir, err := os.MkdirTemp("", "orgrails-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	defer os.RemoveAll(dir)
	Orgrails = filepath.Join(dir, "orgrails")
	build := exec.Command("go", "build", "-o", Orgrails, "./cmd/orgrails")
	build.Dir = filepath.Join("..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build orgrails: %v\n%s", err, out)
		return 3
	}
	return tests.Run()
}
