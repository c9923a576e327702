package proof

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails"
)

// A request of the file's own is asked where it says, with what it says.
func TestRequestsOfTheFile(t *testing.T) {
	own := `mustWork:
  nightly: {loses: the backup stops, as: role/backup/Nightly, in: [Workloads/Prod], action: "iam:GetRole", resource: "arn:aws:iam::{account}:role/backup/Nightly", source: INC-1}
  elsewhere: {loses: reports stop, as: role/Reports, in: [Workloads], action: "ec2:RunInstances", with: {"aws:RequestedRegion": us-east-1}, level: should}
  service: {loses: nothing, as: backup.amazonaws.com, in: [root], action: "sts:AssumeRole", resource: "arn:aws:iam::{account}:role/x"}
`
	text := fmt.Sprintf(file, sane, "require-imdsv2, {file: no-iam.json, type: SERVICE_CONTROL_POLICY}") + own
	o, p := planOf(t, text)
	r := prove(t, p, Options{Required: []Required{}})
	l := find(r.Lost, "nightly")
	if l == nil || l.Level != Must || !slices.Equal(l.Accounts, []string{"pay", "shop"}) || l.Answer.Question.Resource != "arn:aws:iam::555555555555:role/backup/Nightly" || !strings.HasPrefix(l.Origin, "organization.yaml:") {
		t.Fatalf("lost:\n%s", list(r.Lost))
	}
	if l := find(r.Lost, "elsewhere"); l == nil || l.Level != Should || !slices.Equal(l.Accounts, []string{"dev", "pay", "shop"}) {
		t.Errorf("lost:\n%s", list(r.Lost))
	}
	if l := find(r.Lost, "service"); l != nil {
		t.Errorf("a service is taken for a principal of the account:\n%s", list(r.Lost))
	}
	ds := Diagnostics(o, p, r)
	for _, want := range []string{
		"the backup stops: in pay, shop (us-east-1) role/backup/Nightly may not call iam:GetRole: it is denied by no-iam.json [GR390]",
		"reports stop: in dev, pay, shop (us-east-1) role/Reports may not call ec2:RunInstances: it is denied by restrict-regions [GR391]",
	} {
		if !strings.Contains(show(ds), want) {
			t.Errorf("no %q in\n%s", want, show(ds))
		}
	}
	if !r.Refuses() {
		t.Error("a plan that loses what must work is not refused")
	}
}

// What is accepted refuses no plan, and the plan says so; what is accepted for
// nothing is said.
func TestAcceptedLockouts(t *testing.T) {
	text := fmt.Sprintf(file, sane, "{file: no-iam.json, type: SERVICE_CONTROL_POLICY}")
	_, p := planOf(t, text)
	var ids []string
	for _, l := range prove(t, p, Options{}).Lost {
		if l.Level == Must {
			ids = append(ids, l.ID)
		}
	}
	o, p := planOf(t, text, append(ids, "nonsense")...)
	r := prove(t, p, Options{})
	if len(ids) < 10 || r.Refuses() {
		t.Errorf("%d ids are accepted, and lost is still\n%s", len(ids), list(r.Lost))
	}
	ds := Diagnostics(o, p, r)
	if ds.HasErrors() || !strings.Contains(show(ds), `the plan accepts that "nonsense" is lost, and it is not [GR393]`) {
		t.Errorf("%s", show(ds))
	}
	q, err := guardrails.Decode(guardrails.Encode(p))
	if err != nil || !slices.Contains(q.AcceptedLockouts, "nonsense") || !slices.IsSorted(q.AcceptedLockouts) {
		t.Errorf("not recorded: %v %v", q, err)
	}
}

// What is in force while the accounts are deployed is what was deployed before.
func TestPoliciesInForceBefore(t *testing.T) {
	before := plan(t, sane+", {file: no-iam.json, type: SERVICE_CONTROL_POLICY}", "require-imdsv2")
	o, after := planOf(t, fmt.Sprintf(file, sane, "require-imdsv2"))
	r := prove(t, after, Options{Before: before})
	l := find(r.Lost, "deploy-iam:CreateRole")
	if l == nil || l.When != Before || !r.Refuses() {
		t.Fatalf("lost:\n%s", list(r.Lost))
	}
	if find(r.Lost, "break-glass-lists-roles") != nil {
		t.Errorf("what the plan mends is held against it:\n%s", list(r.Lost))
	}
	if ds := show(Diagnostics(o, after, r)); !strings.Contains(ds, "with the policies in force now") {
		t.Error(ds)
	}
	if r := prove(t, after, Options{Before: after}); len(r.Lost) > 0 {
		t.Errorf("over itself it loses\n%s", list(r.Lost))
	}
	if r := prove(t, before, Options{Before: after}); !r.Refuses() || find(r.Lost, "deploy-iam:CreateRole").When != After {
		t.Error("what will be lost is not said to be lost after")
	}
}

// A policy that is written anew while it is still at a node that it will leave.
func TestPoliciesBetween(t *testing.T) {
	at := func(node, document string) string {
		text := fmt.Sprintf(file, sane, "require-imdsv2")
		use := "{file: " + document + ", type: SERVICE_CONTROL_POLICY, policy: Moving}"
		if node == "Security" {
			return strings.Replace(text, "Security: {", "Security: {guardrails: ["+use+"], ", 1)
		}
		return strings.Replace(text, "guardrails: [require-imdsv2]", "guardrails: [require-imdsv2, "+use+"]", 1)
	}
	_, before := planOf(t, at("Workloads", "allow.json"))
	_, after := planOf(t, at("Security", "part.json")) // denies in accounts of the other unit
	if r := prove(t, after, Options{}); len(r.Lost) > 0 {
		t.Fatalf("lost after:\n%s", list(r.Lost))
	}
	r := prove(t, after, Options{Before: before})
	l := find(r.Lost, "deploy-iam:CreateRole")
	if l == nil || l.When != Between || !slices.Equal(l.Accounts, []string{"shop"}) {
		t.Fatalf("lost:\n%s", list(r.Lost))
	}
}

// A boundary that is required must be one with which roles can be made.
func TestARequiredBoundaryCanBeUsed(t *testing.T) {
	no := `{"Version": "2012-10-17", "Statement": [{"Sid": "NoRoles", "Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/OrganizationAccountAccessRole", "arn:aws:iam::*:role/BreakGlass"]}}}]}`
	documents["no-roles.json"] = no
	defer delete(documents, "no-roles.json")
	r := prove(t, plan(t, sane, "{file: no-roles.json, type: SERVICE_CONTROL_POLICY}"), Options{})
	l := find(r.Lost, "role-with-boundary")
	if l == nil || l.Level != Should || !slices.Equal(l.Accounts, []string{"dev", "pay", "shop"}) {
		t.Errorf("lost:\n%s", list(r.Lost))
	}
}

// What an allow list of several levels lacks is said of all of them.
func TestMendsOfAllowLists(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(file, sane, "require-imdsv2"), "  units:\n", "  allowList: [iam, sts, ec2]\n  units:\n", 1)
	text = strings.Replace(text, "    Workloads:\n", "    Workloads:\n      allowList: [iam, sts, s3]\n", 1)
	text += `mustWork: {queue: {loses: work stops, as: role/Worker, in: [Workloads], action: "sqs:SendMessage"}}` + "\n"
	o, p := planOf(t, text)
	r := prove(t, p, Options{Required: []Required{}})
	if l := find(r.Lost, "queue"); l == nil || !strings.Contains(l.Mend.Text, "to the allowList of root and of Workloads") {
		t.Errorf("%s\n%s", list(r.Lost), show(Diagnostics(o, p, r)))
	}
}

// With lists at several levels a request is said once, whichever of them stand
// above an account.
func TestARequestIsOnNoListOnce(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(file, sane, "require-imdsv2"), "  units:\n", "  allowList: [iam, sts, ec2, access-analyzer, organizations, s3]\n  units:\n", 1)
	text = strings.Replace(text, "    Workloads:\n", "    Workloads:\n      allowList: [iam, sts, s3]\n", 1)
	text = strings.Replace(text, "        Prod: {", "        Prod: {allowList: [iam, sts, ec2], ", 1)
	text = strings.Replace(text, "    Security: {", "    Security: {allowList: [iam, sts], ", 1)
	text += `mustWork: {queue: {loses: work stops, as: role/Worker, in: [root], action: "sqs:SendMessage"}}` + "\n"
	o, p := planOf(t, text)
	r := prove(t, p, Options{})
	ds := Diagnostics(o, p, r)
	seen := map[string]int{}
	for _, d := range ds {
		what, _, _ := strings.Cut(d.Summary, ":")
		_, action, _ := strings.Cut(d.Summary, "may not call ")
		action, _, _ = strings.Cut(action, ":")
		key := d.Code + " " + what + " " + action
		if seen[key]++; seen[key] > 1 {
			t.Errorf("%s is said again", key)
		}
	}
	want := "work stops: in dev, pay, security and 1 more role/Worker may not call sqs:SendMessage: it is not on the allow lists of root, Security, Workloads and Workloads/Prod [GR390]"
	if !strings.Contains(show(ds), want) || len(seen) < 5 {
		t.Errorf("no %q in\n%s", want, show(ds))
	}
	for _, d := range ds {
		if strings.HasPrefix(d.Summary, "work stops") && !strings.Contains(d.Hint, "to the allowList of root and of Security and of Workloads and of Workloads/Prod") {
			t.Errorf("%q", d.Hint)
		}
	}
}

// A request of the file's own is none of those that deploying takes, and has no
// key of one that is always asked.
func TestKeysOfRequests(t *testing.T) {
	text := fmt.Sprintf(file, sane, "require-imdsv2") + `mustWork:
  deploy-tag: {loses: work stops, as: role/Worker, in: [Workloads], action: "iam:CreateUser", resource: "arn:aws:iam::{account}:user/x"}
  ` + RequiredRequests()[0].ID + `: {loses: work stops, as: role/Worker, in: [Workloads], action: "sqs:SendMessage"}
`
	_, before := planOf(t, text)
	o, p := planOf(t, strings.Replace(text, "deny-iam-users, ", "", 1))
	r := prove(t, p, Options{Before: before})
	if l := find(r.Lost, "deploy-tag"); l != nil {
		t.Errorf("a plan that mends a loss is refused for it:\n%s", list(r.Lost))
	}
	said := show(Diagnostics(o, p, r))
	for _, key := range []string{"deploy-tag", RequiredRequests()[0].ID} {
		if want := fmt.Sprintf("the key %q is of a request that is always asked [GR070]", key); !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

// A new account is deployed where new accounts wait: what holds there must let
// the deploy role work, although nothing of it holds in the account's own unit.
func TestWhereNewAccountsWait(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(file, sane, "require-imdsv2"), "root:\n", "  newAccounts: {unit: Quarantine}\nroot:\n", 1)
	quarantine := func(guardrail string) string {
		return strings.Replace(text, "    Security:", "    Quarantine: {guardrails: ["+guardrail+"]}\n    Security:", 1)
	}
	o, p := planOf(t, quarantine("{file: no-iam.json, type: SERVICE_CONTROL_POLICY}"))
	r := prove(t, p, Options{})
	l := find(r.Lost, "deploy-iam:CreateRole")
	if l == nil || l.When != Waiting || !slices.Equal(l.Accounts, []string{"dev"}) || !r.Refuses() {
		t.Fatalf("lost:\n%s", list(r.Lost))
	}
	ds := Diagnostics(o, p, r)
	if len(ds) == 0 || !strings.Contains(ds[0].Summary, " where new accounts wait: ") || !strings.Contains(ds[0].Hint, "organization.newAccounts names the unit") {
		t.Errorf("said:\n%s", show(ds))
	}
	if r := prove(t, planAlone(t, quarantine("{file: assume.json, type: RESOURCE_CONTROL_POLICY}")), Options{}); find(r.Lost, "enter-as-deploy-role") == nil {
		t.Errorf("nobody can enter the account, and lost is\n%s", list(r.Lost))
	}
	if r := prove(t, planAlone(t, quarantine("deny-all")), Options{}); len(r.Lost) > 0 {
		t.Errorf("a unit in which only the deploy role works loses\n%s", list(r.Lost))
	}
	if r := prove(t, planAlone(t, strings.Replace(quarantine("{file: no-iam.json, type: SERVICE_CONTROL_POLICY}"), "dev: {", `dev: {id: "666666666666", `, 1)), Options{}); len(r.Lost) > 0 {
		t.Errorf("nobody is new, and lost is\n%s", list(r.Lost))
	}
	before := planAlone(t, quarantine("{file: no-iam.json, type: SERVICE_CONTROL_POLICY}"))
	after := planAlone(t, quarantine("deny-all"))
	if l := find(prove(t, after, Options{Before: before}).Lost, "deploy-iam:CreateRole"); l == nil || l.When != Before || !slices.Equal(l.Accounts, []string{"dev"}) {
		t.Errorf("what is in force where new accounts wait is not asked: %v", l)
	}
}

func planAlone(t *testing.T, text string) *guardrails.Plan {
	t.Helper()
	_, p := planOf(t, text)
	return p
}
