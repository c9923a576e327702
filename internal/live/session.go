// Package live reads AWS: who the credentials are of, whether a plan may be
// deployed with them, whether something that a deployment was about to make
// exists, and with [Read] the whole organization as it is. It writes nothing,
// but for [Session.CloseAccount] and [Session.Invite]; sts:AssumeRole is the only
// other call that is not a read.
//
// Credentials, region and endpoint are found as every AWS tool finds them
// (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, …). What goes wrong is an
// [*Error], which has a code and names the way out.
package live

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// Options of a session.
type Options struct {
	Region string // home region of the organization
	// Env overrides AWS_ENDPOINT_URL, AWS_PROFILE, AWS_ACCESS_KEY_ID,
	// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the process.
	Env map[string]string
}

// A Session reads with the credentials of the environment. It is safe for
// concurrent use.
type Session struct {
	cfg      aws.Config
	endpoint string

	mu      sync.Mutex
	members map[string]*Session // by role ARN and region
	skew    time.Duration       // AWS's clock less this machine's
}

// Open finds credentials and endpoint; it makes no AWS call. The session's
// requests are told as [WithTrace] says of its context.
func Open(ctx context.Context, opts Options) (*Session, error) {
	load := []func(*config.LoadOptions) error{
		config.WithRegion(opts.Region),
		config.WithLogger(logging.Nop{}), // what is wrong is said by us, once
		config.WithRetryer(func() aws.Retryer { return retryer(8, 5*time.Second) }),
	}
	if tell, ok := ctx.Value(traceKey{}).(func(Request)); ok {
		load = append(load, config.WithAPIOptions([]func(*middleware.Stack) error{(&tracer{tell: tell}).option}))
	}
	if endpoint := opts.Env["AWS_ENDPOINT_URL"]; endpoint != "" { // those of the process the SDK finds, by service first
		load = append(load, config.WithBaseEndpoint(endpoint))
	}
	if key := opts.Env["AWS_ACCESS_KEY_ID"]; key != "" {
		load = append(load, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(key, opts.Env["AWS_SECRET_ACCESS_KEY"], opts.Env["AWS_SESSION_TOKEN"])))
	} else if profile := opts.Env["AWS_PROFILE"]; profile != "" {
		load = append(load, config.WithSharedConfigProfile(profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, &Error{Code: "GR401", Summary: "the AWS configuration cannot be read", Hint: "check AWS_PROFILE and ~/.aws/config", Err: err}
	}
	ours(&cfg)
	return &Session{cfg: cfg, endpoint: aws.ToString(cfg.BaseEndpoint), members: map[string]*Session{}}, nil
}

// retryer tries again what passes by itself; Organizations' refusal of
// concurrent writes among it.
func retryer(attempts int, most time.Duration) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = attempts, most
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if e := (*orgtypes.ConcurrentModificationException)(nil); errors.As(err, &e) {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
	})
}

func (s *Session) organizations() *organizations.Client {
	return organizations.NewFromConfig(s.cfg, func(o *organizations.Options) { o.Region = s.signed(o.BaseEndpoint, "organizations:", o.Region) })
}

func (s *Session) iam() *iam.Client {
	return iam.NewFromConfig(s.cfg, func(o *iam.Options) { o.Region = s.signed(o.BaseEndpoint, "iam:", o.Region) })
}

func (s *Session) sts() *sts.Client                  { return sts.NewFromConfig(s.cfg) }
func (s *Session) analyzers() *accessanalyzer.Client { return accessanalyzer.NewFromConfig(s.cfg) }

// signed is the Region that requests to a service are signed for. AWS's own
// endpoints come with theirs; at one that was configured, such as a VPC
// endpoint, a service that answers in one Region of the partition wants that.
func (s *Session) signed(endpoint *string, service, region string) string {
	if p, ok := awsdata.PartitionOf(region); ok && endpoint != nil {
		return awsdata.RegionOf(p.Name, region, service)
	}
	return region
}

// In returns a session in a region, with the same credentials.
func (s *Session) In(region string) *Session {
	cfg := s.cfg.Copy()
	cfg.Region = cmp.Or(region, cfg.Region)
	return &Session{cfg: cfg, endpoint: s.endpoint, members: map[string]*Session{}, skew: s.clock()}
}

// clock is how far AWS's clock is ahead of this machine's, as Preflight saw it.
func (s *Session) clock() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.skew
}

// A Member is the account that a session is wanted in.
type Member struct {
	Key     string // logical name, for messages
	ID      string
	RoleARN string // the deploy role
	Session string // role session name
	Region  string
	// Patience is how long to wait for a role that does not exist yet: AWS
	// makes the role of a new account some time after the account.
	Patience time.Duration
}

// Assume returns a session in a member account. It fails with an [*Error]
// that names the account and the role when the role cannot be assumed.
func (s *Session) Assume(ctx context.Context, m Member) (*Session, error) {
	key := m.RoleARN + " " + m.Region
	s.mu.Lock()
	member := s.members[key]
	s.mu.Unlock()
	if member != nil {
		return member, nil
	}
	until := time.Now().Add(m.Patience)
	for {
		out, err := s.sts().AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &m.RoleARN, RoleSessionName: &m.Session})
		if err == nil {
			c := out.Credentials
			cfg := s.cfg.Copy()
			cfg.Region = cmp.Or(m.Region, cfg.Region)
			cfg.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken))
			inRole(&cfg, m.RoleARN)
			member = &Session{cfg: cfg, endpoint: s.endpoint, skew: s.clock()}
			s.mu.Lock()
			s.members[key] = member
			s.mu.Unlock()
			return member, nil
		}
		if problem := s.credentialProblem(err); problem != nil && problem.Code == "GR403" {
			return nil, problem
		}
		if !time.Now().Before(until) || !pause(ctx, 2*time.Second) {
			return nil, &Error{
				Code:    "GR407",
				Summary: "account " + m.Key + " (" + m.ID + "): the role " + m.RoleARN + " cannot be assumed",
				Hint: "create it there, trusting the management account, let these credentials call sts:AssumeRole on it, " +
					"or name another role in organization.deployRole",
				Err: err,
			}
		}
	}
}

func pause(ctx context.Context, t time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(t):
		return true
	}
}

// Region is the Region that the session is in: the one it was opened with, or
// else that of the environment; "" where neither says one.
func (s *Session) Region() string { return s.cfg.Region }
