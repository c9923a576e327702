package engine

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/orgrails/orgrails/internal/awstest"
)

// One emulator serves all tests of this package; each has an organization of
// its own, through a management account of its own.
var emulator *awstest.Emulator

func TestMain(m *testing.M) {
	e, err := awstest.Start(context.Background(), awstest.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	emulator = e
	code := m.Run()
	e.Close()
	os.Exit(code)
}

var lastAccount atomic.Int64

// world is an engine with an organization and its accounts.
type world struct {
	*Engine
	cfg aws.Config
	org *awstest.Organization
}

// newEngine is an engine in a management account that nobody has used.
func newEngine(t *testing.T) (*Engine, aws.Config, string) {
	t.Helper()
	account := fmt.Sprintf("6%011d", lastAccount.Add(1))
	e := New(t, emulator.URL())
	e.Provider.AccessKeyID, e.Provider.SecretAccessKey = emulator.AccessKey(account)
	return e, emulator.Config(account), account
}

func newWorld(t *testing.T, accounts ...string) *world {
	t.Helper()
	e, cfg, _ := newEngine(t)
	var list []awstest.Account
	for _, a := range accounts {
		list = append(list, awstest.Account{Name: a})
	}
	o, err := emulator.CreateOrganization(t.Context(), cfg, list...)
	if err != nil {
		t.Fatal(err)
	}
	return &world{e, cfg, o}
}
