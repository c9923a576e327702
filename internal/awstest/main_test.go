package awstest

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// One emulator serves all tests of this package: each has a management
// account of its own, and so an organization of its own.
var shared *Emulator

func TestMain(m *testing.M) {
	e, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = e
	code := m.Run()
	if err := e.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var lastAccount atomic.Int64

// management is a configuration for a management account nobody has used.
func management(t *testing.T) (aws.Config, string) {
	t.Helper()
	account := fmt.Sprintf("5%011d", lastAccount.Add(1))
	return shared.Config(account), account
}

// organization is a new organization with the named accounts.
func newOrganization(t *testing.T, names ...string) (aws.Config, *Organization) {
	t.Helper()
	cfg, _ := management(t)
	var accounts []Account
	for _, n := range names {
		accounts = append(accounts, Account{Name: n})
	}
	o, err := shared.CreateOrganization(t.Context(), cfg, accounts...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, o
}
