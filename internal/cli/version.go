package cli

import (
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails"
)

func (c *Command) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which orgrails this is",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			if !asJSON {
				_, err := fmt.Fprintf(c.Stdout, "orgrails %s (%s, %s/%s)\n", c.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			}
			return json.NewEncoder(c.Stdout).Encode(struct {
				Version     string `json:"version"`
				PlanVersion int    `json:"planVersion"`
				Go          string `json:"go"`
				Platform    string `json:"platform"`
			}{c.Version, guardrails.Version, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}
