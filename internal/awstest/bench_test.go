package awstest

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Pages of a long list lose nothing and show nothing twice.
func TestPages(t *testing.T) {
	var names []string
	for i := range 120 {
		names = append(names, fmt.Sprintf("a%d", i))
	}
	cfg, _ := newOrganization(t, names...)
	seen := map[string]bool{}
	for p := organizations.NewListAccountsPaginator(organizations.NewFromConfig(cfg), &organizations.ListAccountsInput{}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Accounts {
			if seen[*a.Id] {
				t.Errorf("%s is there twice", *a.Id)
			}
			seen[*a.Id] = true
		}
	}
	if len(seen) != len(names)+1 {
		t.Errorf("%d accounts, want %d", len(seen), len(names)+1)
	}
}

func BenchmarkCreateAccount(b *testing.B) {
	cfg := shared.Config(fmt.Sprintf("7%011d", lastAccount.Add(1)))
	if _, err := createOrganization(b.Context(), cfg, nil); err != nil {
		b.Fatal(err)
	}
	org := organizations.NewFromConfig(cfg)
	for i := range b.N {
		if _, err := CreateAccount(b.Context(), org, "a", fmt.Sprintf("a%d-%d@example.com", i, b.N)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAttachAndDetach(b *testing.B) {
	cfg := shared.Config(fmt.Sprintf("7%011d", lastAccount.Add(1)))
	o, err := createOrganization(b.Context(), cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	org := organizations.NewFromConfig(cfg)
	org.EnablePolicyType(b.Context(), &organizations.EnablePolicyTypeInput{RootId: &o.RootID, PolicyType: types.PolicyTypeServiceControlPolicy})
	p, err := org.CreatePolicy(b.Context(), &organizations.CreatePolicyInput{Name: aws.String("p"), Description: aws.String(""), Content: aws.String(scp), Type: types.PolicyTypeServiceControlPolicy})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := org.AttachPolicy(b.Context(), &organizations.AttachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: &o.RootID}); err != nil {
			b.Fatal(err)
		}
		if _, err := org.DetachPolicy(b.Context(), &organizations.DetachPolicyInput{PolicyId: p.Policy.PolicySummary.Id, TargetId: &o.RootID}); err != nil {
			b.Fatal(err)
		}
	}
}
