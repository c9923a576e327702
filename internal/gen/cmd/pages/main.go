// Command pages writes the manual's pages of the catalogue, docs/catalog;
// `go generate ./templates` runs it in the folder templates/.
package main

import (
	"fmt"
	"os"

	"github.com/orgrails/orgrails/internal/gen/pages"
)

func main() {
	files, err := pages.Builtin()
	if err == nil {
		err = pages.Write("../docs/catalog", files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}
