package stackstest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/stacks/automation"
)

// BenchmarkOrganization deploys the organization and the policies of many
// accounts, from nothing and once more with one change.
//
//	go test ./stackstest -run '^$' -bench Organization -benchtime 1x
func BenchmarkOrganization(b *testing.B) {
	for _, n := range []int{100, 500, 2000} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			for b.Loop() {
				w := newWorld(b)
				w.many(n)
				for _, stack := range []string{"organization", "policies"} {
					for _, run := range []string{"first", "again"} {
						began := time.Now()
						r, err := automation.Up(b.Context(), w.plan, w.onlyStack(stack, run == "again"))
						if err != nil || !r.Clean() {
							b.Fatalf("%v\n%s", err, text(r))
						}
						b.ReportMetric(time.Since(began).Seconds(), stack+"-"+run+"-s")
						for key, id := range w.created {
							w.plan.IDs["account:"+key] = id
						}
					}
					file := filepath.Join(w.dir, ".orgrails", "state", ".pulumi", "stacks", "orgrails", stack+".json")
					if info, err := os.Stat(file); err == nil {
						b.ReportMetric(float64(info.Size())/1e6, stack+"-state-MB")
					}
				}
			}
		})
	}
}

func (w *world) onlyStack(stack string, all bool) automation.Options {
	o := w.options()
	o.Only, o.All = []string{stack}, all
	return o
}

// many gives the plan n accounts to create, one in ten with a policy.
func (w *world) many(n int) {
	w.plan.Accounts = w.plan.Accounts[:0]
	w.plan.Baselines, w.plan.Analyzers, w.plan.Organization.DelegatedAdministrators = nil, nil, nil
	for i := range w.plan.Policies {
		w.plan.Policies[i].Pending = nil
	}
	for i := range n {
		key := fmt.Sprintf("a%05d", i)
		w.plan.Accounts = append(w.plan.Accounts, guardrails.Account{Key: key, Name: key, Email: w.email(key + "@acme.example"), Parent: "Workloads/Prod"})
		if i%10 == 0 {
			name := "orgrails-scp-@" + key
			w.plan.Policies = append(w.plan.Policies, guardrails.Policy{Type: "SERVICE_CONTROL_POLICY", Name: name, Was: []string{}, Content: w.plan.Policies[2].Content})
			w.plan.Attachments = append(w.plan.Attachments, guardrails.Attachment{Target: "account:" + key, Type: "SERVICE_CONTROL_POLICY", Policy: name})
		}
	}
}
