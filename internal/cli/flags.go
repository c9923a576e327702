package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// An instant is the value of --as-of: a day or a moment, in UTC. The zero
// value stands for the present.
type instant struct{ t time.Time }

func (i *instant) String() string {
	if i.t.IsZero() {
		return ""
	}
	return i.t.Format(time.RFC3339)
}

func (i *instant) Set(s string) error {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			i.t = t.UTC()
			return nil
		}
	}
	return &valueError{`expected a day such as 2026-12-31 (its first instant, UTC) or a moment such as 2026-12-31T18:00:00Z`}
}

func (i *instant) Type() string { return "time" }

// asOfFlag adds --as-of to a command.
func asOfFlag(cmd *cobra.Command, at *instant) {
	cmd.Flags().Var(at, "as-of", "day or moment (UTC) that decides which exceptions and grants hold (default now)")
}

// acceptFlag adds --accept-lockout to a command.
func acceptFlag(cmd *cobra.Command) *[]string {
	var accepted ids
	cmd.Flags().Var(&accepted, "accept-lockout", "accept that the request that must work of this `id` is lost; the plan records it; may be given several times")
	return (*[]string)(&accepted)
}

// ids are the values of a flag that may be given several times: none is empty.
type ids []string

func (l *ids) String() string { return strings.Join(*l, " ") }

func (l *ids) Set(s string) error {
	if strings.TrimSpace(s) == "" {
		return &valueError{"expected the id of a request that must work, as the hint beside [GR390] gives it; leave the flag out to accept nothing"}
	}
	*l = append(*l, s)
	return nil
}

func (l *ids) Type() string { return "id" }

// at is the instant that was asked for, or the present.
func (c *Command) at(i instant) time.Time {
	if i.t.IsZero() {
		return c.Now().UTC()
	}
	return i.t
}

// A howMany is the value of a flag that takes a whole number from 1 up. The zero
// value stands for the default.
type howMany int

func (n *howMany) String() string {
	if *n == 0 {
		return ""
	}
	return strconv.Itoa(int(*n))
}

func (n *howMany) Set(s string) error {
	i, err := strconv.Atoi(s)
	if err != nil || i < 1 || i > maxParallel {
		return &valueError{fmt.Sprintf("expected a whole number from 1 to %d", maxParallel)}
	}
	*n = howMany(i)
	return nil
}

func (n *howMany) Type() string { return "number" }

// maxParallel is the most stacks that may run at once: each takes some 300 MB.
const maxParallel = 100

// A choice is a flag with few values.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return &valueError{"expected " + strings.Join(c.allowed[:len(c.allowed)-1], ", ") + " or " + c.allowed[len(c.allowed)-1]}
	}
	c.value = s
	return nil
}

func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

// exclusive refuses two flags that contradict each other.
func exclusive(cmd *cobra.Command, flags ...string) error {
	var given []string
	for _, name := range flags {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) > 1 {
		return &usageError{fmt.Sprintf("%s and %s contradict each other", given[0], given[1]), "give one of them"}
	}
	return nil
}
