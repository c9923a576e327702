// Command schema writes the generated JSON Schemas into the folder schemas/,
// and the tables of keys into the manual's page of the organization file;
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
	if err := reference("../docs/organization-file.md"); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func reference(file string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if page, err = schema.Reference("..", page); err != nil {
		return err
	}
	return os.WriteFile(file, page, 0o644)
}
