package engine

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	awsorg "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// An existing organization is imported, and an account with another e-mail
// than the program has stays as it is.
func TestImport(t *testing.T) {
	w := newWorld(t, "Payments")
	org := organizations.NewFromConfig(w.cfg)
	if _, err := org.EnableAWSServiceAccess(t.Context(), &organizations.EnableAWSServiceAccessInput{ServicePrincipal: ptr("sso.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	if _, err := org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &w.org.RootID, PolicyType: types.PolicyTypeTagPolicy}); err != nil {
		t.Fatal(err)
	}
	if _, err := org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &w.org.RootID, PolicyType: types.PolicyTypeServiceControlPolicy}); err != nil {
		t.Fatal(err)
	}
	unit, err := org.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: ptr("Prod"), ParentId: &w.org.RootID})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := org.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: ptr("deny-leave"), Description: ptr("d"), Content: ptr(denyLeave), Type: types.PolicyTypeServiceControlPolicy})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := org.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: policy.Policy.PolicySummary.Id, TargetId: unit.OrganizationalUnit.Id}); err != nil {
		t.Fatal(err)
	}
	principals := []string{"sso.amazonaws.com"}
	ignore := pulumi.IgnoreChanges([]string{"name", "email", "roleName", "iamUserAccessToBilling"})
	parent := w.org.RootID
	id := func(s *string) pulumi.ResourceOption { return pulumi.Import(pulumi.ID(*s)) }
	program := func(ctx *pulumi.Context) error {
		live, err := awsorg.LookupOrganization(ctx)
		if err != nil {
			return err
		}
		if _, err := awsorg.NewOrganization(ctx, "org", &awsorg.OrganizationArgs{
			AwsServiceAccessPrincipals: pulumi.ToStringArray(principals), EnabledPolicyTypes: pulumi.ToStringArray(live.EnabledPolicyTypes),
		}, id(&live.Id)); err != nil {
			return err
		}
		if _, err := awsorg.NewOrganizationalUnit(ctx, "prod", &awsorg.OrganizationalUnitArgs{Name: pulumi.String("Prod"), ParentId: pulumi.String(w.org.RootID)}, id(unit.OrganizationalUnit.Id)); err != nil {
			return err
		}
		if _, err := awsorg.NewPolicy(ctx, "deny-leave", &awsorg.PolicyArgs{Name: pulumi.String("deny-leave"), Description: pulumi.String("d"), Content: pulumi.String(denyLeave)}, id(policy.Policy.PolicySummary.Id)); err != nil {
			return err
		}
		attachment := *unit.OrganizationalUnit.Id + ":" + *policy.Policy.PolicySummary.Id
		if _, err := awsorg.NewPolicyAttachment(ctx, "attached", &awsorg.PolicyAttachmentArgs{PolicyId: pulumi.String(*policy.Policy.PolicySummary.Id), TargetId: pulumi.String(*unit.OrganizationalUnit.Id)}, id(&attachment)); err != nil {
			return err
		}
		account := w.org.Accounts["Payments"]
		_, err = awsorg.NewAccount(ctx, "payments", &awsorg.AccountArgs{
			Name: pulumi.String("Other Name"), Email: pulumi.String("other@example.com"), RoleName: pulumi.String("Role"),
			CloseOnDeletion: pulumi.Bool(false), ParentId: pulumi.String(parent),
		}, id(&account), ignore, pulumi.RetainOnDelete(true))
		return err
	}
	s := w.Stack("organization")
	r, err := s.Up(program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Count("import") != 5 || r.Count("update", "replace", "create") != 0 {
		t.Errorf("first up: %v %+v", r.Counts(), r.Steps)
	}
	for _, o := range []Options{{}, {Refresh: true}} {
		if r, err := s.Up(program, o); err != nil || r.Changes() != 0 {
			t.Errorf("second up %+v: %v, %v", o, r.Counts(), err)
		}
	}
	// Another parent is a move.
	parent = *unit.OrganizationalUnit.Id
	if r, err := s.Up(program, Options{}); err != nil || r.Count("update") != 1 || r.Changes() != 1 {
		t.Errorf("moved: %v, %v", r.Counts(), err)
	}
	if parents, err := org.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: ptr(w.org.Accounts["Payments"])}); err != nil || *parents.Parents[0].Id != parent {
		t.Errorf("parents are %+v, %v", parents, err)
	}
	// Without the principals nothing would be trusted any more.
	principals = nil
	p, err := s.Preview(program, Options{})
	if err != nil || len(p.URNs("update")) != 1 {
		t.Fatalf("preview without principals: %v, %v", p.Counts(), err)
	}
	// What is imported and still says so is never replaced.
	principals, ignore = []string{"sso.amazonaws.com"}, pulumi.IgnoreChanges([]string{"name", "roleName"})
	if _, err := s.Up(program, Options{}); err == nil || !strings.Contains(err.Error(), "may not be replaced") {
		t.Errorf("replacing an imported account: %v", err)
	}
	if list, err := org.ListAccounts(t.Context(), &organizations.ListAccountsInput{}); err != nil || len(list.Accounts) != 2 {
		t.Errorf("accounts are %+v, %v", list, err)
	}
}

// component wraps what a program makes, as stacks do.
type component struct{ pulumi.ResourceState }

func TestHooksAliasesProtectAndReferences(t *testing.T) {
	w := newWorld(t)
	if _, err := organizations.NewFromConfig(w.cfg).EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: &w.org.RootID, PolicyType: types.PolicyTypeServiceControlPolicy}); err != nil {
		t.Fatal(err)
	}
	s := w.Stack("organization")
	name, with, refuse := "old", true, true
	var options []pulumi.ResourceOption
	program := func(ctx *pulumi.Context) error {
		hook, err := ctx.RegisterResourceHook("keep", func(*pulumi.ResourceHookArgs) error {
			if refuse {
				return errKeep
			}
			return nil
		}, &pulumi.ResourceHookOptions{OnDryRun: true})
		if err != nil {
			return err
		}
		// The component has the hook too, and is always there: the SDK
		// registers a hook in the background and waits for it only where a
		// resource uses it. A hook that nothing uses may come too late.
		bound := pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeDelete: []*pulumi.ResourceHook{hook}})
		c := &component{}
		if err := ctx.RegisterComponentResource("orgrails:test:Component", name, c, append(options, bound)...); err != nil {
			return err
		}
		if with {
			ou, err := awsorg.NewOrganizationalUnit(ctx, name+"-unit", &awsorg.OrganizationalUnitArgs{Name: pulumi.String("Unit"), ParentId: pulumi.String(w.org.RootID)},
				pulumi.Parent(c), bound)
			if err != nil {
				return err
			}
			ctx.Export("unit", ou.ID())
			ctx.Export("secret", pulumi.ToSecret(pulumi.String("hidden")))
		}
		return ctx.RegisterResourceOutputs(c, pulumi.Map{})
	}
	first, err := s.Up(program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	name, options = "new", []pulumi.ResourceOption{pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("old")}})}
	if r, err := s.Up(program, Options{}); err != nil || r.Count("create", "delete", "replace") != 0 {
		t.Errorf("renamed component: %v, %v", r.Counts(), err)
	}
	with = false
	for what, run := range map[string]func() (Result, error){
		"preview": func() (Result, error) { return s.Preview(program, Options{}) },
		"up":      func() (Result, error) { return s.Up(program, Options{}) },
		"destroy": func() (Result, error) { return s.Destroy(program, Options{Program: true}) },
	} {
		if _, err := run(); err == nil || !strings.Contains(err.Error(), errKeep.Error()) {
			t.Errorf("%s: %v, want the hook's refusal", what, err)
		}
	}

	// Another stack reads the outputs, as a resource and as a function.
	with = true
	reader := func(from string) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			ref, err := pulumi.NewStackReference(ctx, from, nil)
			if err != nil {
				return err
			}
			ctx.Export("unit", ref.GetOutput(pulumi.String("unit")))
			ctx.Export("secret", ref.GetOutput(pulumi.String("secret")))
			return nil
		}
	}
	for _, from := range []string{"organization/orgrails/organization", "organization"} {
		r, err := w.Stack("policies").Up(reader(from), Options{})
		if err != nil || r.Outputs["unit"] != first.Outputs["unit"] || r.Outputs["secret"] != "hidden" {
			t.Errorf("%s: outputs are %v, %v", from, r.Outputs, err)
		}
	}
	if state := string(w.Stack("policies").State()); strings.Contains(state, `"hidden"`) {
		t.Error("the secret is in the state in the clear")
	}
	if _, err := w.Stack("other").Up(reader("organization/orgrails/nothing"), Options{}); err == nil || !strings.Contains(err.Error(), "unknown stack") {
		t.Errorf("unknown stack: %v", err)
	}
	refuse = false
	if _, err := s.Destroy(program, Options{Program: true}); err != nil {
		t.Error(err)
	}

	protected := func(ctx *pulumi.Context) error {
		_, err := awsorg.NewPolicy(ctx, "p", &awsorg.PolicyArgs{Name: pulumi.String("p"), Content: pulumi.String(denyLeave)}, pulumi.Protect(true))
		return err
	}
	p := w.Stack("protected")
	if _, err := p.Up(protected, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Destroy(nil, Options{}); err == nil || !strings.Contains(err.Error(), "protect") {
		t.Errorf("destroying what is protected: %v", err)
	}
}

type keepError struct{}

func (keepError) Error() string { return "kept by the hook" }

var errKeep = keepError{}
