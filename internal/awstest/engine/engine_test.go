package engine

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	awsorg "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

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

// One up of a policies stack: thirty policies with an attachment each, and
// one more in which nothing changes.
func BenchmarkPolicies(b *testing.B) {
	account := fmt.Sprintf("6%011d", lastAccount.Add(1))
	cfg := emulator.Config(account)
	o, err := emulator.CreateOrganization(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := organizations.NewFromConfig(cfg).EnablePolicyType(b.Context(), &organizations.EnablePolicyTypeInput{RootId: &o.RootID, PolicyType: types.PolicyTypeServiceControlPolicy}); err != nil {
		b.Fatal(err)
	}
	e := New(b, emulator.URL())
	e.Provider.AccessKeyID, e.Provider.SecretAccessKey = emulator.AccessKey(account)
	program := func(ctx *pulumi.Context) error {
		var after []pulumi.Resource
		for i := range 30 {
			name := fmt.Sprintf("p%d", i)
			p, err := awsorg.NewPolicy(ctx, name, &awsorg.PolicyArgs{Name: pulumi.String(name), Content: pulumi.String(denyLeave)}, pulumi.DependsOn(after))
			if err != nil {
				return err
			}
			u, err := awsorg.NewOrganizationalUnit(ctx, name, &awsorg.OrganizationalUnitArgs{Name: pulumi.String(name), ParentId: pulumi.String(o.RootID)}, pulumi.DependsOn([]pulumi.Resource{p}))
			if err != nil {
				return err
			}
			a, err := awsorg.NewPolicyAttachment(ctx, name, &awsorg.PolicyAttachmentArgs{PolicyId: p.ID(), TargetId: u.ID()}, pulumi.DependsOn([]pulumi.Resource{u}))
			if err != nil {
				return err
			}
			after = []pulumi.Resource{a}
		}
		return nil
	}
	for b.Loop() {
		s := e.Stack("policies")
		r, err := s.Up(program, Options{})
		if err != nil || r.Count("create") != 90 {
			b.Fatal(r.Counts(), err)
		}
		if r, err := s.Up(program, Options{}); err != nil || r.Changes() != 0 {
			b.Fatal(r.Counts(), err)
		}
		if _, err := s.Destroy(nil, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
