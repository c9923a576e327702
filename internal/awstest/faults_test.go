package awstest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// quiet is the shared emulator, with faults and pauses that end with the
// test: no other test runs at the same time.
func quiet(t *testing.T) (*Emulator, *organizations.Client, aws.Config) {
	t.Helper()
	t.Cleanup(func() { shared.SetFaults(Faults{}); shared.Resume() })
	cfg, _ := management(t)
	return shared, organizations.NewFromConfig(cfg), cfg
}

func TestFaults(t *testing.T) {
	e, org, cfg := quiet(t)
	o, err := e.CreateOrganization(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	run := func() map[string]int {
		e.SetFaults(Faults{Seed: 1, OrganizationsThrottled: 0.2, OrganizationsConflicts: 0.2, Unavailable: 0.1, CallsLost: 0.05, AnswersLost: 0.05})
		defer e.SetFaults(Faults{})
		codes := map[string]int{}
		for i := range 150 {
			_, err := org.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: aws.String(fmt.Sprint(i, time.Now())), ParentId: &o.RootID})
			var api smithy.APIError
			switch {
			case errors.As(err, &api):
				codes[api.ErrorCode()]++
			case err != nil:
				codes["connection"]++
			default:
				codes["ok"]++
			}
		}
		return codes
	}
	first, second := run(), run()
	for code, least := range map[string]int{"TooManyRequestsException": 15, "ConcurrentModificationException": 15, "ServiceUnavailable": 5, "connection": 5, "ok": 40} {
		if first[code] < least {
			t.Errorf("%s: %d, want at least %d of %v", code, first[code], least, first)
		}
	}
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the same seed gave %v and %v", first, second)
	}
	// Reads are not throttled, and the standard retryer gets through 503s.
	e.SetFaults(Faults{Seed: 2, OrganizationsThrottled: 1, Unavailable: 0.3})
	cfg.Retryer = func() aws.Retryer {
		return retry.AddWithMaxBackoffDelay(retry.AddWithMaxAttempts(retry.NewStandard(), 10), 10*time.Millisecond)
	}
	for range 20 {
		if _, err := organizations.NewFromConfig(cfg).ListRoots(t.Context(), &organizations.ListRootsInput{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLostAnswersHappened(t *testing.T) {
	e, org, cfg := quiet(t)
	o, err := e.CreateOrganization(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		faults Faults
		want   int
	}{{Faults{CallsLost: 1}, 0}, {Faults{AnswersLost: 1}, 1}} {
		e.SetFaults(c.faults)
		if _, err := org.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("Lost"), ParentId: &o.RootID}); err == nil {
			t.Errorf("%+v: no error", c.faults)
		}
		e.SetFaults(Faults{})
		units, err := org.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &o.RootID})
		if err != nil || len(units.OrganizationalUnits) != c.want {
			t.Errorf("%+v: %d units, want %d (%v)", c.faults, len(units.OrganizationalUnits), c.want, err)
		}
	}
}

// Organizations takes one write at a time; the reads go on.
func TestConcurrentWrites(t *testing.T) {
	e, org, cfg := quiet(t)
	o, err := e.CreateOrganization(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	e.SetFaults(Faults{Latency: 300 * time.Millisecond})
	var wg sync.WaitGroup
	results := make(chan error, 2)
	for i := range 2 {
		wg.Go(func() {
			_, err := org.CreateOrganizationalUnit(t.Context(), &organizations.CreateOrganizationalUnitInput{Name: aws.String(fmt.Sprint("Unit", i)), ParentId: &o.RootID})
			results <- err
		})
	}
	wg.Wait()
	var conflict *types.ConcurrentModificationException
	a, b := <-results, <-results
	if a != nil {
		a, b = b, a
	}
	if a != nil || !errors.As(b, &conflict) {
		t.Errorf("results are %v and %v, want one success and one ConcurrentModificationException", a, b)
	}
}

// A caller that dies while its call is held: before, it never happened;
// after, it did.
func TestPause(t *testing.T) {
	e, org, cfg := quiet(t)
	o, err := e.CreateOrganization(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, phase := range []Phase{Before, After} {
		ctx, die := context.WithCancel(t.Context())
		held := e.PauseAt(Pause{At: 2, Writes: true, Service: "organizations", Phase: phase})
		done := make(chan error, 1)
		go func() {
			for _, name := range []string{"First", "Second"} {
				if _, err := org.CreateOrganizationalUnit(ctx, &organizations.CreateOrganizationalUnitInput{Name: aws.String(name + string(phase)), ParentId: &o.RootID}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		call := <-held.Reached
		if call.Operation != "CreateOrganizationalUnit" || !strings.Contains(call.Target, "Second") {
			t.Errorf("%s: held %+v", phase, call)
		}
		die()
		if err := <-done; err == nil {
			t.Errorf("%s: the caller got an answer", phase)
		}
		time.Sleep(20 * time.Millisecond)
		held.Resume()
		want := map[Phase]bool{Before: false, After: true}[phase]
		var names []string
		for range 50 {
			units, err := org.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &o.RootID})
			if err != nil {
				t.Fatal(err)
			}
			names = nil
			for _, u := range units.OrganizationalUnits {
				names = append(names, *u.Name)
			}
			time.Sleep(2 * time.Millisecond)
		}
		if got := strings.Contains(strings.Join(names, " "), "Second"+string(phase)); got != want {
			t.Errorf("%s: units are %v", phase, names)
		}
	}
}

func TestCredentials(t *testing.T) {
	e, _, cfg := quiet(t)
	o, err := e.CreateOrganization(t.Context(), cfg, Account{Name: "member"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code := func(err error) string {
		var api smithy.APIError
		errors.As(err, &api)
		if api == nil {
			return fmt.Sprint(err)
		}
		return api.ErrorCode()
	}
	e.SetFaults(Faults{ExpiredKeys: []string{key.AccessKeyID}})
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if code(err) != "ExpiredToken" {
		t.Error(err)
	}
	_, err = organizations.NewFromConfig(cfg).ListRoots(t.Context(), &organizations.ListRootsInput{})
	if code(err) != "ExpiredTokenException" {
		t.Error(err)
	}
	e.SetFaults(Faults{KnownKeys: []string{"AKIAKNOWNKNOWNKNOWN0"}})
	member := AssumeRole(Config(e.URL(), "AKIAKNOWNKNOWNKNOWN0", "x"), o.Accounts["member"], DefaultRole)
	if _, err := iam.NewFromConfig(member).ListRoles(t.Context(), &iam.ListRolesInput{}); err != nil {
		t.Error(err)
	}
	_, err = sts.NewFromConfig(Config(e.URL(), "AKIASTRANGERSTRANGER", "x")).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if code(err) != "InvalidClientTokenId" {
		t.Error(err)
	}
}

func TestRecordAndControl(t *testing.T) {
	e, err := Start(t.Context(), Options{ManagementAccountID: "111111111111"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	cfg := e.Config("")
	o, err := e.CreateOrganization(t.Context(), cfg, Account{Name: "member", ID: "222222222222"})
	if err != nil {
		t.Fatal(err)
	}
	e.ResetCalls()
	member := iam.NewFromConfig(AssumeRole(cfg, o.Accounts["member"], DefaultRole))
	member.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(DefaultRole)})
	member.CreateGroup(t.Context(), &iam.CreateGroupInput{GroupName: aws.String("g")})
	member.DeleteGroup(t.Context(), &iam.DeleteGroupInput{GroupName: aws.String("nobody")})

	resp, err := http.Get(e.URL() + "/_awstest/calls")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got []string
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		var c Call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Started.IsZero() || c.Ended.Before(c.Started) || c.Region != Region {
			t.Errorf("call is %+v", c)
		}
		got = append(got, fmt.Sprint(c.Service, " ", c.Operation, " ", c.Account, " ", c.Write, " ", c.Status, " ", c.ErrorCode, " ", c.Target))
	}
	want := []string{
		"sts AssumeRole 111111111111 false 200  RoleArn=arn:aws:iam::222222222222:role/OrganizationAccountAccessRole",
		"iam GetRole 222222222222 false 200  RoleName=OrganizationAccountAccessRole",
		"iam CreateGroup 222222222222 true 200  GroupName=g",
		"iam DeleteGroup 222222222222 true 404 NoSuchEntity GroupName=nobody",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("record is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	do := func(method, path, body string) *http.Response {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), method, e.URL()+path, strings.NewReader(body))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	if r := do("PUT", "/_awstest/faults", `{"unavailable":1}`); r.StatusCode != http.StatusNoContent {
		t.Error(r.Status)
	}
	if _, err := member.ListRoles(t.Context(), &iam.ListRolesInput{}); err == nil {
		t.Error("no fault")
	}
	if r := do("PUT", "/_awstest/faults", `{"nonsense":1}`); r.StatusCode != http.StatusBadRequest {
		t.Error(r.Status)
	}
	do("DELETE", "/_awstest/faults", "")
	do("POST", "/_awstest/reset", "")
	if n := len(e.Calls()); n != 0 {
		t.Errorf("%d calls after a reset", n)
	}
	r := do("POST", "/_awstest/pause?timeout=10s", `{"operation":"ListGroups"}`)
	done := make(chan error, 1)
	go func() { _, err := member.ListGroups(t.Context(), &iam.ListGroupsInput{}); done <- err }()
	var held Call
	if err := json.NewDecoder(r.Body).Decode(&held); err != nil || held.Operation != "ListGroups" {
		t.Errorf("held %+v, %v", held, err)
	}
	do("POST", "/_awstest/resume", "")
	if err := <-done; err != nil {
		t.Error(err)
	}
	var info Info
	json.NewDecoder(do("GET", "/_awstest/info", "").Body).Decode(&info)
	if info.URL != e.URL() || info.ManagementAccountID != "111111111111" || info.MotoPID == 0 {
		t.Errorf("info is %+v", info)
	}
}
