// Command schema writes the generated JSON Schemas into the folder schemas/;
// `go generate ./schemas` runs it there.
package main

import (
	"fmt"
	"os"

	"github.com/orgrails/orgrails/internal/gen/schema"
)

func main() {
	for _, f := range schema.Files() {
		data, err := f.Make("..")
		if err == nil {
			err = os.WriteFile(f.Name, data, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "schema:", err)
			os.Exit(1)
		}
	}
}
