package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) validate() *cobra.Command {
	var at instant
	var strict, asJSON bool
	var accept *[]string
	format := &choice{"text", []string{"text", "json", "sarif"}}
	cmd := &cobra.Command{
		Use:   "validate [file]",
		Short: "Say every mistake in the file, each with its line and the way out",
		Long: `Reads the organization file and all that it names, makes the plan, runs the file's
tests, proves that the plan locks nobody out, and says every mistake in one run,
each with its line and the way out. Neither AWS nor the network is used. Exits 1 when there is a mistake.`,
		Example: `  orgrails validate
  orgrails validate --strict --format sarif > orgrails.sarif`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON {
				format.value = "json"
			}
			if err := exclusive(cmd, "json", "format"); err != nil {
				return err
			}
			r, err := c.compileProved(args, c.at(at), *accept...)
			if err != nil {
				return err
			}
			if err := c.report(r, format.value); err != nil {
				return err
			}
			if r.ds.HasErrors() || strict && len(r.ds) > 0 {
				return errFindings
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "exit 1 for warnings too, such as an expired exception")
	cmd.Flags().Var(format, "format", "how mistakes are written")
	cmd.Flags().BoolVar(&asJSON, "json", false, "short for --format json")
	asOfFlag(cmd, &at)
	accept = acceptFlag(cmd)
	return cmd
}

// formats are the forms in which validate writes mistakes.
var formats = map[string]func(*Command, *compiled) ([]byte, error){
	"json":  func(_ *Command, r *compiled) ([]byte, error) { return render.DiagnosticsJSON(r.ds) },
	"sarif": func(c *Command, r *compiled) ([]byte, error) { return render.SARIF(r.ds, c.Version) },
}

// report writes the result of validate.
func (c *Command) report(r *compiled, format string) error {
	if write, ok := formats[format]; ok {
		out, err := write(c, r)
		if err != nil {
			return err
		}
		_, err = c.Stdout.Write(out)
		return err
	}
	if err := c.diagnose(c.Stdout, r); err != nil || r.plan == nil {
		return err
	}
	if !r.ds.HasErrors() && len(r.ds) == 0 {
		_, err := fmt.Fprintf(c.Stdout, "%s: no mistakes: %s\n", render.Escape(r.path), render.Counts(r.plan))
		return err
	}
	return nil
}
