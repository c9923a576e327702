package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/access"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/render"
)

func (c *Command) catalogSummarize() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "summarize file",
		Short: "Say what a policy document allows and denies, by service and access level",
		Long: `Reads a policy document of any kind and says, for each service, how many of its
actions the document allows and denies: those that list, read, write, manage
permissions and tag, as AWS classifies them. Neither AWS nor the network is used.

What is denied is not taken from what is allowed: the two stand beside each other.
Narrowed are actions that every statement limits to some resources, some principals
or some conditions.`,
		Example: `  orgrails catalog summarize policies/our-own.json
  orgrails catalog summarize --json policies/our-own.json | jq '.allow[].service'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"summarize needs one argument: the file of a policy document", ""}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			src, err := os.ReadFile(c.path(args[0]))
			if err != nil {
				return fmt.Errorf("read the policy document: %w", err)
			}
			d, ds := policy.Parse(args[0], src)
			if ds.HasErrors() {
				if err := render.Diagnostics(c.Stderr, ds, map[string][]byte{args[0]: src}, c.look(c.Stderr)); err != nil {
					return err
				}
				return errFindings
			}
			s := access.Summarize(d)
			if asJSON {
				return c.writeJSON(struct {
					File string `json:"file"`
					Read string `json:"read"` // the day on which the actions were read
					access.Summary
				}{args[0], awsdata.ServiceAuthorization().Read, s})
			}
			return c.summary(args[0], s)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON, with the name of every action")
	return cmd
}

// summary writes a summary for a person.
func (c *Command) summary(file string, s access.Summary) error {
	t := render.NewText(c.Stdout, c.look(c.Stdout))
	narrowed := false
	for _, side := range []struct {
		verb     string
		services []access.Service
	}{{"allows", s.Allow}, {"denies", s.Deny}} {
		if len(side.services) == 0 {
			t.Title(file + " " + side.verb + " nothing")
			continue
		}
		t.Title(file + " " + side.verb)
		var fields [][2]string
		for _, whole := range []string{"everything", "everything (narrowed)"} {
			var names []string
			for _, service := range side.services {
				if told(service) == whole {
					names = append(names, service.Service)
				}
			}
			if len(names) <= manyServices {
				continue
			}
			name := count(len(names), "service")
			if len(names) == len(awsdata.ServicePrefixes()) {
				name = "every service"
			}
			fields = append(fields, [2]string{name, whole})
			narrowed = narrowed || strings.HasSuffix(whole, "(narrowed)")
			side.services = without(side.services, whole)
		}
		for _, service := range side.services {
			text := told(service)
			fields = append(fields, [2]string{service.Service, text})
			narrowed = narrowed || strings.Contains(text, "narrowed")
		}
		t.Fields(fields)
	}
	if len(s.Unknown) > 0 {
		t.Title("No action of AWS matches")
		for _, a := range s.Unknown {
			t.Paragraph(a)
		}
	}
	t.Title("Actions as of " + awsdata.ServiceAuthorization().Read)
	if narrowed {
		t.Paragraph("narrowed: on some resources, for some principals or under conditions only")
	}
	return t.Flush()
}

// manyServices are so many that their names say less than their number.
const manyServices = 12

// told is a service's part of a summary in words.
func told(s access.Service) string {
	all, narrow := 0, 0
	for _, l := range s.Levels {
		all, narrow = all+len(l.Actions), narrow+len(l.Narrowed)
	}
	if s.Full && narrow == 0 {
		return "everything"
	}
	if s.Full && narrow == all {
		return "everything (narrowed)"
	}
	var parts []string
	for _, l := range s.Levels {
		text := fmt.Sprintf("%s %d of %d", l.Level, len(l.Actions), l.Of)
		if l.Full() {
			text = fmt.Sprintf("%s all %d", l.Level, l.Of)
		}
		switch {
		case narrow == all: // said once
		case l.Narrow():
			text += " (narrowed)"
		case len(l.Narrowed) > 0:
			text += fmt.Sprintf(" (%d narrowed)", len(l.Narrowed))
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, ", ")
	if narrow == all {
		text += " (narrowed)"
	}
	return text
}

// without leaves out the services of which a text is told.
func without(services []access.Service, text string) []access.Service {
	var out []access.Service
	for _, s := range services {
		if told(s) != text {
			out = append(out, s)
		}
	}
	return out
}
