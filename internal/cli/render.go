package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) render() *cobra.Command {
	var at instant
	var dir string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "render -o folder [file]",
		Short: "Write each policy document to a folder, as it will be deployed",
		Long: `Writes every policy document of the plan into a folder, minified as it will be
deployed, beside an index.json that says for each its name, type, targets, size
in characters, guardrails, and the lines that asked for it. Neither AWS nor the
network is used.

Ids that the file or the lock file knows are filled in. Where AWS has yet to make
one up, the document holds {{id:…}} and the index lists it under "references".

A second run removes what the first wrote and touches nothing else in the folder.`,
		Example: `  orgrails render -o policies-rendered`,
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return &usageError{"render needs a folder to write to", `give one, as in "orgrails render -o policies-rendered"`}
			}
			r, err := c.mustCompile(args, c.at(at))
			if err != nil {
				return err
			}
			docs := render.Documents(r.plan)
			if err := render.Folder(docs, c.path(dir)); err != nil {
				return err
			}
			if asJSON {
				index, err := render.Index(docs)
				if err != nil {
					return err
				}
				_, err = c.Stdout.Write(index)
				return err
			}
			c.notef("wrote %s to %s", count(len(docs), "document"), dir)
			open := 0
			for _, d := range docs {
				if len(d.References) > 0 {
					open++
				}
			}
			if open > 0 {
				fmt.Fprintf(c.Stderr, "orgrails: %d of them wait for an id that AWS has yet to make up; index.json says which\n", open)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "", "`folder` to write to: new, empty, or written by orgrails before")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the index as JSON")
	asOfFlag(cmd, &at)
	return cmd
}
