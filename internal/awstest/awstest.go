// Package awstest is an AWS to test against, on loopback: moto answers, and a
// reverse proxy in front of it adds what moto lacks (IAM Access Analyzer,
// centralized root access, the organization's resource policy), makes the
// refusals that AWS documents and moto does not make, lets only one
// Organizations write happen at a time, records every call, and injects
// throttling, 5xx, latency and connection loss when asked.
//
// It never checks signatures and never evaluates identity policies: a caller
// may do anything in its account that AWS's rules allow anybody there to do.
// What moto itself answers is passed on as it is. Start is where to begin;
// the folders provider, engine and cmd hold the rest of the test equipment.
package awstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// ManagementAccountID is the account of callers whose access key was not
// given out by AssumeRole, unless Options say otherwise.
const ManagementAccountID = "123456789012"

// Options of an emulator. The zero value is what most tests want.
type Options struct {
	Addr                string            // listen address of the proxy; "" is a free loopback port
	ManagementAccountID string            // "" is ManagementAccountID
	AccountIDs          map[string]string // e-mail to the account id that CreateAccount will give it
	Quotas              Quotas
	AccountCreation     time.Duration // how long AWS takes to make an account
	OnCall              func(Call)    // called when a call has been answered, in the order of answers
}

// Emulator is one AWS: a moto process and the proxy before it.
type Emulator struct {
	options Options
	process *motoProcess
	client  *http.Client
	server  *http.Server
	url     string

	recorder recorder
	faults   faults
	ids      accountIDs
	keys     accessKeys
	orgs     organizationStore
	analyzer analyzerStore

	closeOnce sync.Once
	closeErr  error
}

// Start starts moto and the proxy. Close ends both; moto also ends when this
// process does.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	if o.ManagementAccountID == "" {
		o.ManagementAccountID = ManagementAccountID
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	o.Quotas = o.Quotas.orDefault()
	tools, err := FindTools()
	if err != nil {
		return nil, err
	}
	if tools.MotoServer == "" {
		return nil, errors.New("start the emulator: moto is not installed: run `make tools`")
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the emulator: %w", err)
	}
	m, err := startMoto(ctx, tools.MotoServer)
	if err != nil {
		l.Close()
		return nil, err
	}
	e := &Emulator{
		options: o,
		process: m,
		client:  newMotoClient(),
		url:     "http://" + l.Addr().String(),
	}
	for email, id := range o.AccountIDs {
		e.ids.want(email, id)
	}
	e.server = &http.Server{Handler: http.HandlerFunc(e.serve), ReadHeaderTimeout: time.Minute}
	go e.server.Serve(l)
	return e, nil
}

// URL is the endpoint for AWS_ENDPOINT_URL.
func (e *Emulator) URL() string { return e.url }

// MotoURL is moto without the proxy: what a test compares a refusal with.
func (e *Emulator) MotoURL() string { return e.process.url }

// MotoPID is the process id of moto.
func (e *Emulator) MotoPID() int { return e.process.cmd.Process.Pid }

// ManagementAccountID is the account of unknown access keys.
func (e *Emulator) ManagementAccountID() string { return e.options.ManagementAccountID }

// Close ends the proxy and moto. Calls that are held by a pause are let go.
func (e *Emulator) Close() error {
	e.closeOnce.Do(func() {
		e.faults.release()
		e.server.Close()
		e.client.CloseIdleConnections()
		e.closeErr = e.process.stop()
	})
	return e.closeErr
}

func newMotoClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 256,
		DisableCompression:  true,
	}}
}
