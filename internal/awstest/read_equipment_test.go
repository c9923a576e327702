package awstest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

// Lists come in pages of twenty, also those that moto gives whole.
func TestWholeListsInPages(t *testing.T) {
	var names []string
	for i := range 23 {
		names = append(names, fmt.Sprintf("page-%s-%d", t.Name(), i))
	}
	cfg, o := newOrganization(t, names...)
	c := organizations.NewFromConfig(cfg)
	in := &organizations.ListTargetsForPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), MaxResults: aws.Int32(50)}
	var sizes []int
	seen := map[string]bool{}
	for {
		out, err := c.ListTargetsForPolicy(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(out.Targets))
		for _, target := range out.Targets {
			seen[*target.TargetId] = true
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if fmt.Sprint(sizes) != "[20 5]" || len(seen) != 25 || !seen[o.RootID] {
		t.Errorf("pages of %v, %d targets", sizes, len(seen))
	}
	in.NextToken = aws.String("mine")
	var invalid *types.InvalidInputException
	if _, err := c.ListTargetsForPolicy(t.Context(), in); !errors.As(err, &invalid) {
		t.Errorf("a token of one's own: %v", err)
	}
}

// Accounts and units say where they are, also after a move.
func TestPaths(t *testing.T) {
	cfg, o := newOrganization(t, "paths")
	c := organizations.NewFromConfig(cfg)
	unit := func(name, parent string) *types.OrganizationalUnit {
		out, err := c.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: &name, ParentId: &parent})
		if err != nil {
			t.Fatal(err)
		}
		return out.OrganizationalUnit
	}
	outer := unit("Outer", o.RootID)
	inner := unit("Inner", *outer.Id)
	top := o.ID + "/" + o.RootID + "/"
	if want := top + *outer.Id + "/" + *inner.Id + "/"; aws.ToString(inner.Path) != want {
		t.Errorf("the unit is at %v, want %s", inner.Path, want)
	}
	id := o.Accounts["paths"]
	at := func() string {
		out, err := c.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: &id})
		if err != nil || len(out.Account.Paths) != 1 {
			t.Fatalf("%+v %v", out, err)
		}
		return out.Account.Paths[0]
	}
	if want := top + id + "/"; at() != want {
		t.Errorf("the account is at %s, want %s", at(), want)
	}
	if _, err := c.MoveAccount(t.Context(), &organizations.MoveAccountInput{AccountId: &id, SourceParentId: &o.RootID, DestinationParentId: inner.Id}); err != nil {
		t.Fatal(err)
	}
	if want := top + *outer.Id + "/" + *inner.Id + "/" + id + "/"; at() != want {
		t.Errorf("the account is at %s, want %s", at(), want)
	}
}

// Each service says in its own words that it is called too often.
func TestThrottledReads(t *testing.T) {
	e, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.SetFaults(Faults{Seed: 1, Throttled: 1})
	cfg := e.Config("")
	_, org := organizations.NewFromConfig(cfg).ListRoots(t.Context(), &organizations.ListRootsInput{})
	_, users := iam.NewFromConfig(cfg).ListRoles(t.Context(), &iam.ListRolesInput{})
	_, analyzers := accessanalyzer.NewFromConfig(cfg).ListAnalyzers(t.Context(), &accessanalyzer.ListAnalyzersInput{})
	for code, err := range map[string]error{"TooManyRequestsException": org, "Throttling": users, "ThrottlingException": analyzers} {
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}
