// emulator runs an AWS on loopback in the foreground, for hand and for the
// demo: it prints one line of JSON with its URL and process ids, and ends on
// an interrupt, or when its standard input does if -stdin is given.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/orgrails/orgrails/internal/awstest"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	management := flag.String("management-account", awstest.ManagementAccountID, "account of callers with unknown access keys")
	stdin := flag.Bool("stdin", false, "end when standard input ends")
	flag.Parse()
	if err := run(*addr, *management, *stdin); err != nil {
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(3)
	}
}

func run(addr, management string, stdin bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e, err := awstest.Start(ctx, awstest.Options{Addr: addr, ManagementAccountID: management})
	if err != nil {
		return err
	}
	defer e.Close()
	line := struct {
		awstest.Info
		PID int `json:"pid"`
	}{e.Info(), os.Getpid()}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	if stdin {
		go func() { io.Copy(io.Discard, os.Stdin); stop() }()
	}
	<-ctx.Done()
	return nil
}
