package awstest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestAccountsAreIsolated(t *testing.T) {
	cfg, o := newOrganization(t, "one", "two")
	for name, id := range o.Accounts {
		member := AssumeRole(cfg, id, DefaultRole)
		who, err := sts.NewFromConfig(member).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(who.Account) != id {
			t.Errorf("%s: caller is in %s, want %s", name, aws.ToString(who.Account), id)
		}
		roles, err := iam.NewFromConfig(member).ListRoles(t.Context(), &iam.ListRolesInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(roles.Roles) != 1 || aws.ToString(roles.Roles[0].Arn) != "arn:aws:iam::"+id+":role/"+DefaultRole {
			t.Errorf("%s: roles are %v", name, roles.Roles)
		}
	}
}

func TestChosenAccountIDs(t *testing.T) {
	cfg, account := management(t)
	o, err := shared.CreateOrganization(t.Context(), cfg, Account{Name: "Log Archive", ID: "022222222222"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Accounts["Log Archive"] != "022222222222" || o.ManagementAccount != account {
		t.Errorf("organization is %+v", o)
	}
	list, err := organizations.NewFromConfig(cfg).ListAccounts(t.Context(), &organizations.ListAccountsInput{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range list.Accounts {
		ids = append(ids, aws.ToString(a.Id))
	}
	if len(ids) != 2 || ids[0] != account || ids[1] != "022222222222" {
		t.Errorf("accounts are %v", ids)
	}
	who, err := sts.NewFromConfig(AssumeRole(cfg, "022222222222", DefaultRole)).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Account) != "022222222222" {
		t.Errorf("caller is %v, %v", who, err)
	}
}
