package stackstest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/internal/awstest"
	"github.com/orgrails/orgrails/internal/awstest/readback"
	"github.com/orgrails/orgrails/stacks/automation"
)

var (
	emulator *awstest.Emulator
	tools    awstest.Tools
)

func TestMain(m *testing.M) {
	if job := os.Getenv(jobVariable); job != "" {
		os.Exit(runJob(job))
	}
	var err error
	if tools, err = awstest.FindTools(); err == nil {
		emulator, err = awstest.Start(context.Background(), awstest.Options{})
	}
	if err == nil && (tools.Pulumi == "" || tools.Provider == "") {
		err = fmt.Errorf("the Pulumi CLI and the test provider are not installed: run `make tools`")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := emulator.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// A world is one organization in the emulator, with a plan for it.
type world struct {
	t       testing.TB
	dir     string
	plan    *guardrails.Plan
	key     string
	secret  string
	mgmt    string
	created map[string]string

	mu     sync.Mutex
	events []automation.Event
}

var lastAccount atomic.Int64

// newWorld creates an organization with two accounts, which the plan knows by
// id; the plan's third account is to be created.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), mgmt: fmt.Sprintf("6%011d", lastAccount.Add(1)), created: map[string]string{}}
	w.key, w.secret = emulator.AccessKey(w.mgmt)
	o := organizations.NewFromConfig(w.config())
	org, err := o.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{FeatureSet: types.OrganizationFeatureSetAll})
	if err != nil {
		t.Fatal(err)
	}
	w.plan = basePlan()
	w.plan.IDs["organization"] = *org.Organization.Id
	w.plan.IDs["account:management"] = w.mgmt
	for _, a := range w.plan.Accounts {
		if a.Key == "sandbox" {
			continue
		}
		w.plan.IDs["account:"+a.Key] = w.createAccount(a.Name, w.email(a.Email))
	}
	for i := range w.plan.Accounts {
		w.plan.Accounts[i].Email = w.email(w.plan.Accounts[i].Email)
	}
	return w
}

// email is one that no other world of the emulator has.
func (w *world) email(e string) string { return w.mgmt + "-" + e }

func (w *world) createAccount(name, email string) string {
	w.t.Helper()
	o := organizations.NewFromConfig(w.config())
	out, err := o.CreateAccount(w.t.Context(), &organizations.CreateAccountInput{
		AccountName: &name, Email: &email, RoleName: aws.String("OrganizationAccountAccessRole"),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for out.CreateAccountStatus.State == types.CreateAccountStateInProgress {
		st, err := o.DescribeCreateAccountStatus(w.t.Context(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: out.CreateAccountStatus.Id})
		if err != nil {
			w.t.Fatal(err)
		}
		out.CreateAccountStatus = st.CreateAccountStatus
	}
	if st := out.CreateAccountStatus; st.AccountId == nil {
		w.t.Fatalf("create account %s: %s %s", email, st.State, st.FailureReason)
	}
	return *out.CreateAccountStatus.AccountId
}

func (w *world) config() aws.Config {
	return aws.Config{
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider(w.key, w.secret, ""),
		BaseEndpoint: aws.String(emulator.URL()),
	}
}

func (w *world) options() automation.Options {
	return automation.Options{
		Dir: w.dir,
		Env: map[string]string{
			"PATH":                      filepath.Dir(tools.Pulumi) + string(os.PathListSeparator) + filepath.Dir(tools.Provider) + string(os.PathListSeparator) + os.Getenv("PATH"),
			"PULUMI_HOME":               filepath.Join(w.dir, ".pulumi-home"),
			"PULUMI_BACKEND_URL":        "",
			"AWS_ENDPOINT_URL":          emulator.URL(),
			"AWS_ACCESS_KEY_ID":         w.key,
			"AWS_SECRET_ACCESS_KEY":     w.secret,
			"AWS_EC2_METADATA_DISABLED": "true",
		},
		Events: func(e automation.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
			if os.Getenv("STACKSTEST_VERBOSE") != "" {
				fmt.Fprintf(os.Stderr, "%s %-10s %-22s %s %v %v\n", e.Time.Format("05.000"), e.Kind, e.Stack, e.Message, e.Counts, opText(e))
			}
		},
		Created: func(ids map[string]string) error { maps.Copy(w.created, ids); return nil },
	}
}

func opText(e automation.Event) string {
	if e.Resource == nil {
		return ""
	}
	return e.Resource.State + " " + e.Resource.Op + " " + e.Resource.Name
}

// up deploys, and fails the test unless all went well.
func (w *world) up(change ...func(*automation.Options)) *automation.Report {
	w.t.Helper()
	r, err := w.tryUp(change...)
	if err != nil {
		w.t.Fatalf("up: %v", err)
	}
	if !r.Clean() {
		w.t.Fatalf("up did not end well:\n%s", text(r))
	}
	return r
}

func (w *world) tryUp(change ...func(*automation.Options)) (*automation.Report, error) {
	w.t.Helper()
	o := w.options()
	for _, c := range change {
		c(&o)
	}
	r, err := automation.Up(w.t.Context(), w.plan, o)
	for key, id := range w.created {
		w.plan.IDs["account:"+key] = id // what the lock file does
	}
	return r, err
}

// inPlace reads everything back from AWS.
func (w *world) inPlace() {
	w.t.Helper()
	got, err := readback.Check(w.t.Context(), w.plan, w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	if !got.OK() || got.Total == 0 {
		w.t.Fatalf("%s:\n%s", got, strings.Join(got.Problems, "\n"))
	}
}

// text is a report, a line for each stack.
func text(r *automation.Report) string {
	var b strings.Builder
	for _, s := range r.Stacks {
		fmt.Fprintf(&b, "%s %s", s.Stack.Name, s.Result)
		for _, op := range slices.Sorted(maps.Keys(s.Counts)) {
			if op != "same" && s.Counts[op] > 0 {
				fmt.Fprintf(&b, " %s=%d", op, s.Counts[op])
			}
		}
		if s.Problem != nil {
			fmt.Fprintf(&b, " %v", s.Problem)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func results(r *automation.Report) string {
	var out []string
	for _, s := range r.Stacks {
		out = append(out, s.Stack.Name+" "+string(s.Result))
	}
	return strings.Join(out, ", ")
}

// unitID is the id of the unit with these names from the root; "" when it is not there.
func (w *world) unitID(path string) string {
	w.t.Helper()
	o := organizations.NewFromConfig(w.config())
	roots, err := o.ListRoots(w.t.Context(), &organizations.ListRootsInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	id := *roots.Roots[0].Id
next:
	for _, name := range strings.Split(path, "/") {
		out, err := o.ListOrganizationalUnitsForParent(w.t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &id})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, u := range out.OrganizationalUnits {
			if *u.Name == name {
				id = *u.Id
				continue next
			}
		}
		return ""
	}
	return id
}

// attached are the ids of the SCPs attached to a target.
func (w *world) attached(target string) []string {
	w.t.Helper()
	out, err := organizations.NewFromConfig(w.config()).ListPoliciesForTarget(w.t.Context(), &organizations.ListPoliciesForTargetInput{
		TargetId: &target, Filter: types.PolicyTypeServiceControlPolicy,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, p := range out.Policies {
		ids = append(ids, *p.Id)
	}
	return ids
}

// role is the ARN of a role in a member account; "" when it is not there.
func (w *world) role(account, name string) string {
	w.t.Helper()
	c := iam.NewFromConfig(emulator.Config(account))
	out, err := c.GetRole(w.t.Context(), &iam.GetRoleInput{RoleName: &name})
	if err != nil {
		return ""
	}
	return *out.Role.Arn
}

// noWrites fails the test if a writing call came since the record was emptied.
func (w *world) noWrites() {
	w.t.Helper()
	calls := emulator.Calls()
	if len(calls) == 0 {
		w.t.Error("no call was recorded at all")
	}
	for _, c := range calls {
		if c.Write {
			w.t.Errorf("writing call %s %s %s", c.Service, c.Operation, c.Target)
		}
	}
}

// policyNames are the names of all SCPs.
func (w *world) policyNames() []string {
	w.t.Helper()
	out, err := organizations.NewFromConfig(w.config()).ListPolicies(w.t.Context(), &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, p := range out.Policies {
		names = append(names, *p.Name)
	}
	return names
}
