// Command pages writes the manual's pages of the catalogue, docs/catalog;
// `go generate ./templates` runs it in the folder templates/. What else is in
// docs/catalog is taken away.
package main

import (
	"fmt"
	"os"

	"github.com/orgrails/orgrails/internal/gen/pages"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func write() error {
	if _, err := os.Stat("../docs/cli.md"); err != nil {
		return fmt.Errorf("this is not a folder at the top of the repository: %w", err)
	}
	files, err := pages.Builtin()
	if err != nil {
		return err
	}
	return pages.Write("../docs/catalog", files)
}
