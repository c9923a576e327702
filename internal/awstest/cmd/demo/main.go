// Command demo deploys the example organization to a local emulator of AWS
// with the real Pulumi engine, reads back what is there, and shows what a user
// would want to see before trusting the tool. Every number it prints is
// counted by this run; it exits with 1 when what is read back is not what the
// plan says.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/readback"
	"github.com/orgrails/orgrails/internal/awstest/world"
)

func main() {
	orgrails := flag.String("orgrails", "bin/orgrails", "the orgrails command")
	example := flag.String("example", "examples/acme", "folder of the example organization")
	state := flag.String("dir", filepath.Join("..", "..", ".orgrails", "demo"), "folder to work in; what an earlier demo left there is removed")
	keep := flag.Bool("keep", false, "leave the emulator running until interrupted, to look further")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d := &demo{ctx: ctx, start: time.Now()}
	err := d.run(*orgrails, *example, *state, *keep)
	if d.world != nil {
		d.world.Close()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		os.Exit(1)
	}
}

type demo struct {
	ctx   context.Context
	start time.Time
	world *world.World
	step  int
}

func (d *demo) title(format string, args ...any) {
	d.step++
	fmt.Printf("\n\033[1m%d  %s\033[0m\n\n", d.step, fmt.Sprintf(format, args...))
}

// orgrails runs the command, shows what it says, and wants an exit code.
func (d *demo) orgrails(code int, args ...string) (world.Output, error) {
	fmt.Printf("$ orgrails %s\n", strings.Join(args, " "))
	out, err := d.world.RunTo(d.ctx, os.Stdout, args...)
	if err != nil {
		return out, err
	}
	if out.Code != code {
		return out, fmt.Errorf("orgrails %s: exit code %d, want %d", strings.Join(args, " "), out.Code, code)
	}
	return out, nil
}

func (d *demo) run(orgrails, example, state string, keep bool) error {
	orgrails, err := filepath.Abs(orgrails)
	if err != nil {
		return err
	}
	if state, err = filepath.Abs(state); err != nil {
		return err
	}
	if err := os.RemoveAll(state); err != nil {
		return fmt.Errorf("remove what an earlier demo left: %w", err)
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return err
	}
	d.title("An AWS on this machine")
	d.world, err = world.New(d.ctx, orgrails, example, filepath.Join(state, "acme"), awstest.Options{})
	if err != nil {
		return err
	}
	accounts := 0
	for _, c := range d.world.Emulator.Calls() {
		if c.Operation == "CreateAccount" && c.ErrorCode == "" {
			accounts++
		}
	}
	fmt.Printf("emulator at %s: an organization with a management account and %d member accounts, made through the API\n", d.world.Emulator.URL(), accounts)
	d.world.Emulator.ResetCalls()

	d.title("What the file says is checked")
	if _, err := d.orgrails(0, "validate"); err != nil {
		return err
	}
	d.title("The plan")
	if _, err := d.orgrails(0, "plan"); err != nil {
		return err
	}
	d.title("What would change")
	if _, err := d.orgrails(0, "preview"); err != nil {
		return err
	}
	before, wrote := d.count()
	fmt.Printf("\nAWS calls until now: %d, of which writing: %d\n", before, wrote)
	if wrote > 0 {
		return fmt.Errorf("%d calls wrote before the deployment", wrote)
	}
	d.title("Deployed, by the real Pulumi engine, a stack for each account")
	if _, err := d.orgrails(0, "up", "--yes"); err != nil {
		return err
	}
	d.title("Read back from AWS with the SDK, not from Pulumi")
	res, err := d.readBack()
	if err != nil {
		return err
	}
	d.title("Deployed again")
	calls, writes := d.count()
	again := time.Now()
	if _, err := d.orgrails(0, "up", "--yes"); err != nil {
		return err
	}
	after, wrote := d.count()
	fmt.Printf("\n%d changes, %d AWS calls, %.1f s\n", wrote-writes, after-calls, time.Since(again).Seconds())
	if wrote != writes {
		return fmt.Errorf("the second deployment made %d writing calls", wrote-writes)
	}
	d.title("A typo")
	if err := d.typo(); err != nil {
		return err
	}
	d.title("In all")
	calls, writes = d.count()
	fmt.Printf("%s, %d AWS calls (%d writing), %.0f s\n", res, calls, writes, time.Since(d.start).Seconds())
	return d.further(keep)
}

// count is the number of AWS calls since the organization was made, and of
// those that wrote.
func (d *demo) count() (calls, writes int) {
	for _, c := range d.world.Emulator.Calls() {
		if strings.Contains(c.UserAgent, "orgrails-readback") {
			continue
		}
		calls++
		if c.Write {
			writes++
		}
	}
	return calls, writes
}

func (d *demo) readBack() (*readback.Result, error) {
	plan, err := d.world.Plan(d.ctx)
	if err != nil {
		return nil, err
	}
	cfg := d.world.Config.Copy()
	cfg.AppID = "orgrails-readback"
	res, err := readback.Check(d.ctx, plan, cfg)
	if err != nil {
		return nil, err
	}
	fmt.Println(res)
	for _, p := range res.Problems {
		fmt.Println("  " + p)
	}
	if !res.OK() || res.Total == 0 {
		return nil, errors.New("what is in AWS is not what the plan says")
	}
	return res, nil
}

// typo breaks the name of a guardrail in a copy of the file and shows what
// the tool says of it.
func (d *demo) typo() error {
	src, err := os.ReadFile(d.world.File())
	if err != nil {
		return err
	}
	broken := bytes.Replace(src, []byte("protect-cloudtrail"), []byte("protect-cloudtrial"), 1)
	if bytes.Equal(src, broken) {
		return errors.New("the example has no protect-cloudtrail to misspell")
	}
	name := filepath.Join(d.world.Dir, "typo.yaml")
	if err := os.WriteFile(name, broken, 0o644); err != nil {
		return err
	}
	_, err = d.orgrails(1, "validate", "typo.yaml")
	return err
}

// further prints commands to look around with. With keep, the emulator stays
// until the user has seen enough.
func (d *demo) further(keep bool) error {
	root, err := d.root()
	if err != nil {
		return err
	}
	fmt.Printf("\nTo look further with the AWS CLI:\n\n")
	fmt.Printf("  export AWS_ENDPOINT_URL=%s AWS_REGION=%s AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo\n", d.world.Emulator.URL(), d.world.Config.Region)
	fmt.Printf("  aws organizations list-policies --filter SERVICE_CONTROL_POLICY\n")
	fmt.Printf("  aws organizations list-policies-for-target --target-id %s --filter SERVICE_CONTROL_POLICY\n", root)
	fmt.Printf("  aws organizations list-organizational-units-for-parent --parent-id %s\n", root)
	fmt.Printf("  aws accessanalyzer list-analyzers\n")
	if !keep {
		fmt.Printf("\nThe emulator ends with the demo; `make demo KEEP=1` leaves it running until Ctrl-C.\n")
		return nil
	}
	fmt.Printf("\nThe emulator runs until you press Ctrl-C.\n")
	<-d.ctx.Done()
	return nil
}

func (d *demo) root() (string, error) {
	out, err := organizations.NewFromConfig(d.world.Config).ListRoots(d.ctx, &organizations.ListRootsInput{})
	if err != nil {
		return "", fmt.Errorf("list the roots: %w", err)
	}
	return *out.Roots[0].Id, nil
}
