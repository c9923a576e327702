package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/schemas"
)

// schemaNames are the schemas that there are.
var schemaNames = []string{"organization", "template"}

func (c *Command) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema organization|template",
		Short: "Print the JSON Schema of a file",
		Long: `Prints the JSON Schema of the organization file or of a guardrail template, for
completion and checks in editors. A file names its schema in its first line:

  # yaml-language-server: $schema=./organization.schema.json`,
		Example:   `  orgrails schema organization > organization.schema.json`,
		ValidArgs: schemaNames,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return &usageError{"schema needs one argument: which schema", "expected " + strings.Join(schemaNames, " or ")}
			case !slices.Contains(schemaNames, args[0]):
				return &usageError{fmt.Sprintf("no schema is named %q", args[0]), suggest(args[0], schemaNames, "expected "+strings.Join(schemaNames, " or "))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := schemas.Files.ReadFile(args[0] + ".schema.json")
			if err != nil {
				return err
			}
			_, err = c.Stdout.Write(data)
			return err
		},
	}
}
