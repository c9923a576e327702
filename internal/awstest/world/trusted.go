package world

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/orgrails/orgrails/guardrails"
)

var (
	trustedUser = regexp.MustCompile(`:iam::\{\{id:account:([a-z0-9-]+)\}\}:user/([\w+=,.@-]+)"`)
	trustedOIDC = regexp.MustCompile(`:iam::\{\{id:account:([a-z0-9-]+)\}\}:oidc-provider/([^"]+)"`)
)

// createTrusted makes what the roles of the plan trust and orgrails never
// makes: users and OpenID Connect providers. AWS refuses a trust policy that
// names one that does not exist.
func (w *World) createTrusted(ctx context.Context, plan *guardrails.Plan) error {
	done := map[string]bool{}
	for _, b := range plan.Baselines {
		for _, r := range b.Roles {
			for _, m := range trustedUser.FindAllStringSubmatch(string(r.Trust), -1) {
				if done[m[0]] {
					continue
				}
				done[m[0]] = true
				if _, err := w.iam(plan, m[1]).CreateUser(ctx, &iam.CreateUserInput{UserName: &m[2]}); err != nil {
					return fmt.Errorf("create user %s in %s: %w", m[2], m[1], err)
				}
			}
			for _, m := range trustedOIDC.FindAllStringSubmatch(string(r.Trust), -1) {
				if done[m[0]] {
					continue
				}
				done[m[0]] = true
				_, err := w.iam(plan, m[1]).CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
					Url: aws.String("https://" + m[2]), ClientIDList: []string{"sts.amazonaws.com"},
				})
				if err != nil {
					return fmt.Errorf("create OpenID Connect provider %s in %s: %w", m[2], m[1], err)
				}
			}
		}
	}
	return nil
}

func (w *World) iam(plan *guardrails.Plan, account string) *iam.Client {
	cfg := w.Config.Copy()
	if account != "management" {
		arn := fmt.Sprintf("arn:%s:iam::%s:role/%s", plan.Organization.Partition, plan.IDs["account:"+account], plan.Organization.DeployRole)
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(w.Config), arn))
	}
	return iam.NewFromConfig(cfg)
}
