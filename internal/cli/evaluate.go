package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/evaluate"
)

func (c *Command) evaluate() *cobra.Command {
	var o evaluate.Options
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Decide requests in bulk: JSON Lines in, JSON Lines out",
		Long: `Reads cases from standard input, one JSON object on each line: an organization, a
request and the policies that reach it. Writes a decision for each to standard
output, in the same order. No organization file is read, and neither AWS nor the
network is used. All cores work on it, in constant memory, however many cases
there are.

A case that cannot be understood is answered with an error, and the next one is
read; the exit code is then 1. docs/cli.md says what cases and answers look like.`,
		Example: `  orgrails evaluate < cases.jsonl > answers.jsonl
  orgrails evaluate --explain < case.json | jq .reasons`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.Getenv("GOGC") == "" {
				defer debug.SetGCPercent(debug.SetGCPercent(evaluate.GCPercent))
			}
			counts, err := evaluate.Run(cmd.Context(), c.Stdin, c.Stdout, o)
			if err != nil {
				return err
			}
			if counts.Failed > 0 {
				c.notef("%d of %d cases could not be decided", counts.Failed, counts.Failed+counts.Decided)
				return errFindings
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&o.Explain, "explain", false, "add to each answer the statements that took part in it")
	return cmd
}
