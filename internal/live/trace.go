package live

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A Request is one request to AWS, for a trace. It holds nothing that is
// secret: no header, nothing of a request's or an answer's body.
type Request struct {
	At        time.Time
	Service   string // Organizations, IAM, STS, AccessAnalyzer, SSO
	Operation string
	Host      string // that was asked
	Region    string // that the request is signed for
	Account   string // that the credentials are of; "" before it is known
	Role      string // ARN of the role that was assumed there; "" for the credentials of the environment
	ID        string // that AWS gave the request; "" when there was no answer
	Try       int    // from 1
	Took      time.Duration
	Status    int    // of HTTP; 0 when there was no answer
	Code      string // AWS's code of an error; "" when it went well
}

// WithTrace is a context in which sessions are opened whose requests are told
// to a function, by several goroutines at once.
func WithTrace(ctx context.Context, tell func(Request)) context.Context {
	return context.WithValue(ctx, traceKey{}, tell)
}

type traceKey struct{}

// A tracer tells of each request of a configuration, those of its credentials
// among them.
type tracer struct {
	tell func(Request)

	mu      sync.Mutex
	account string // of the environment's credentials, once AWS has said
}

// A traced is one call, whose requests are told.
type traced struct {
	tries         int
	ours          bool   // it is a session's, and not one that credentials are found with
	account, role string // where it is made in a role that was assumed
}

type tracedKey struct{}

// option puts the tracer around each call and before each of its requests: the
// last thing before one is sent, so that waiting and signing take no part.
func (t *tracer) option(s *middleware.Stack) error {
	err := s.Initialize.Add(middleware.InitializeMiddlewareFunc("orgrails.TraceCall",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(context.WithValue(ctx, tracedKey{}, &traced{}), in)
		}), middleware.Before)
	if err != nil {
		return err
	}
	return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("orgrails.TraceRequest", t.request), middleware.After)
}

// request makes one request and tells of it.
func (t *tracer) request(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	c, ok := ctx.Value(tracedKey{}).(*traced)
	if !ok {
		c = &traced{}
	}
	c.tries++
	r := Request{
		At: time.Now(), Service: awsmiddleware.GetServiceID(ctx), Operation: awsmiddleware.GetOperationName(ctx),
		Region: awsmiddleware.GetRegion(ctx), Account: c.account, Role: c.role, Try: c.tries,
	}
	if q, ok := in.Request.(*smithyhttp.Request); ok {
		r.Host, r.Region = q.URL.Host, cmp.Or(signedFor(q.Header.Get("Authorization")), r.Region)
	}
	out, metadata, err := next.HandleFinalize(ctx, in)
	r.Took = time.Since(r.At)
	r.ID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	if answer, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok && answer != nil {
		r.Status = answer.StatusCode
	}
	if err != nil {
		r.Status, r.Code = statusOf(err), code(err)
	} else if r.Status == 0 {
		r.Status = http.StatusOK
	}
	t.mu.Lock()
	if who, ok := out.Result.(*sts.GetCallerIdentityOutput); ok && c.role == "" {
		t.account = aws.ToString(who.Account)
	}
	if c.ours && c.role == "" {
		r.Account = t.account
	}
	t.mu.Unlock()
	t.tell(r)
	return out, metadata, err
}

// signedFor is the Region in the scope of a signature; "" where there is none.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
func signedFor(authorization string) string {
	_, scope, _ := strings.Cut(authorization, "Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	if parts := strings.Split(scope, "/"); len(parts) == 5 { // key, day, Region, service, aws4_request
		return parts[2]
	}
	return ""
}

// ours marks the calls of a configuration as a session's.
func ours(cfg *aws.Config) { mark(cfg, "orgrails.TraceSession", func(c *traced) { c.ours = true }) }

// inRole marks the calls of a configuration as made in a role.
func inRole(cfg *aws.Config, role string) {
	account := ""
	if a, err := arn.Parse(role); err == nil {
		account = a.AccountID
	}
	mark(cfg, "orgrails.TraceRole", func(c *traced) { c.account, c.role = account, role })
}

func mark(cfg *aws.Config, id string, set func(*traced)) {
	cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc(id,
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				if c, ok := ctx.Value(tracedKey{}).(*traced); ok {
					set(c)
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
	})
}
