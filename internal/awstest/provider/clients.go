package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

// clients are those of one configured provider.
type clients struct {
	account, arn, userID string
	region               string
	organizations        *organizations.Client
	iam                  *iam.Client
	analyzer             *accessanalyzer.Client
}

// CheckConfig takes the configuration as it is.
func (p *Provider) CheckConfig(_ context.Context, req plugin.CheckConfigRequest) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{Properties: req.News}, nil
}

// DiffConfig: a provider that is configured differently is the same provider;
// nothing it has made is replaced.
func (p *Provider) DiffConfig(_ context.Context, req plugin.DiffConfigRequest) (plugin.DiffConfigResponse, error) {
	out := plugin.DiffConfigResponse{Changes: plugin.DiffNone}
	if d := req.OldInputs.Diff(req.NewInputs); d != nil {
		out.Changes, out.ChangedKeys = plugin.DiffSome, d.ChangedKeys()
	}
	return out, nil
}

// Configure makes the clients, and asks who they speak for: the published
// provider does both, and refuses an account that is not allowed.
// https://www.pulumi.com/registry/packages/aws/installation-configuration/
func (p *Provider) Configure(ctx context.Context, req plugin.ConfigureRequest) (plugin.ConfigureResponse, error) {
	ctx, done := p.context(ctx)
	defer done()
	c, err := p.connect(ctx, propsOf(req.Inputs))
	if err != nil {
		return plugin.ConfigureResponse{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients = c
	return plugin.ConfigureResponse{}, nil
}

func (p *Provider) configured() (*clients, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == nil {
		return nil, errors.New("the aws provider is not configured: its configuration was not known yet")
	}
	return p.clients, nil
}

func (p *Provider) connect(ctx context.Context, in props) (*clients, error) {
	retries := 25
	if n, err := strconv.Atoi(fmt.Sprint(nested(in["maxRetries"]))); err == nil {
		retries = n
	}
	load := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer { return retryer(retries) }),
		config.WithEC2IMDSClientEnableState(2), // disabled: skipMetadataApiCheck
		// Not a plain http.Client: AWS_CA_BUNDLE has to be able to change it.
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 100, 100
		})),
	}
	region := in.string("region")
	if region == "" {
		region = p.options.Region
	}
	if region != "" {
		load = append(load, config.WithRegion(region))
	}
	if p.options.Endpoint != "" {
		load = append(load, config.WithBaseEndpoint(p.options.Endpoint))
	}
	if key := in.string("accessKey"); key != "" {
		load = append(load, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(key, in.string("secretKey"), in.string("token"))))
	} else if p.options.AccessKeyID != "" {
		load = append(load, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(p.options.AccessKeyID, p.options.SecretAccessKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("configure the aws provider: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("configure the aws provider: Missing region configuration: set aws:region or AWS_REGION")
	}
	if role := props(asObject(in["assumeRole"])); role.string("roleArn") != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role.string("roleArn"), func(o *stscreds.AssumeRoleOptions) {
			if name := role.string("sessionName"); name != "" {
				o.RoleSessionName = name
			}
			if id := role.string("externalId"); id != "" {
				o.ExternalID = &id
			}
		}))
		if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
			return nil, fmt.Errorf("configure the aws provider: Cannot assume IAM Role (%s): %w", role.string("roleArn"), err)
		}
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("configure the aws provider: Retrieving AWS account details: validating provider credentials: %w", err)
	}
	account := aws.ToString(who.Account)
	if allowed := stringsOf(nested(in["allowedAccountIds"])); len(allowed) > 0 && !slices.Contains(allowed, account) {
		return nil, fmt.Errorf("configure the aws provider: AWS account ID not allowed: %s", account)
	}
	if slices.Contains(stringsOf(nested(in["forbiddenAccountIds"])), account) {
		return nil, fmt.Errorf("configure the aws provider: AWS account ID not allowed: %s", account)
	}
	return &clients{
		account: account, arn: aws.ToString(who.Arn), userID: aws.ToString(who.UserId), region: cfg.Region,
		organizations: organizations.NewFromConfig(cfg),
		iam:           iam.NewFromConfig(cfg),
		analyzer:      accessanalyzer.NewFromConfig(cfg),
	}, nil
}

// nested values of a provider's configuration arrive as JSON text.
func nested(v any) any {
	if s, ok := v.(string); ok {
		var out any
		if json.Unmarshal([]byte(s), &out) == nil {
			return out
		}
	}
	return v
}

// asObject also takes the list of one that newer versions of the SDK send.
func asObject(v any) map[string]any {
	switch v := nested(v).(type) {
	case map[string]any:
		return v
	case []any:
		if len(v) == 1 {
			return asObject(v[0])
		}
	}
	return nil
}

// retryer tries as often as the published provider: throttling and 5xx as
// the SDK does, without its token bucket, and Organizations' concurrent
// modifications. It waits less: no throttle of the emulator needs more.
func retryer(attempts int) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = max(attempts, 1)
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			most := min(25*time.Millisecond<<min(attempt, 10), 2*time.Second)
			return time.Duration(float64(most) * (0.5 + rand.Float64()/2)), nil
		})
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			// service/organizations/service_package.go, withExtraOptions
			if e := (*orgtypes.ConcurrentModificationException)(nil); errors.As(err, &e) && strings.Contains(e.ErrorMessage(), "Try again later") {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
	})
}

// gone says that what was asked about is not there.
func gone(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	switch e.ErrorCode() {
	case "NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException",
		"AWSOrganizationsNotInUseException", "AccountNotFoundException", "OrganizationalUnitNotFoundException",
		"PolicyNotFoundException", "TargetNotFoundException", "PolicyNotAttachedException", "AccountNotRegisteredException",
		"OrganizationNotFoundException":
		return true
	}
	return false
}
