package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	aws "github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks/automation"
)

// waiting is the tool with an AWS that never answers: it says what it is told,
// and goes on.
func waiting() *Command {
	c := New("0.0.0-test")
	c.Drive.Moves = nil
	c.Drive.Up = func(ctx context.Context, _ *guardrails.Plan, o automation.Options) (*automation.Report, error) {
		fmt.Println("began")
		<-ctx.Done()
		fmt.Println("ending")
		<-o.Kill
		fmt.Println("killed")
		time.Sleep(time.Minute)
		return nil, errors.New("nobody ended it")
	}
	c.Read = func(ctx context.Context, _ string, _ aws.ReadOptions) (*aws.Snapshot, string, error) {
		fmt.Println("began")
		<-ctx.Done()
		fmt.Println("ending")
		time.Sleep(time.Minute)
		return nil, "", errors.New("nobody ended it")
	}
	return c
}
