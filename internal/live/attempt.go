package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A kind is what became of a request.
type kind int

const (
	fine      kind = iota
	refused        // AWS said no, and will say it again
	throttled      // too many requests
	passing        // trouble that passes: 5xx, a lost connection, a concurrent change
	nonsense       // an answer that is not AWS's, such as a page of HTML
	stopped        // the caller does not want to know any more
)

// tries are how often a request is made before its trouble is believed.
var tries = map[kind]int{throttled: 20, passing: 8, nonsense: 3}

func kindOf(err error) kind {
	var api smithy.APIError
	var again interface{ RetryableError() bool }
	var send *smithyhttp.RequestSendError
	known := errors.As(err, &api) && api.ErrorCode() != "" && api.ErrorCode() != "UnknownError"
	status := statusOf(err)
	switch {
	case err == nil:
		return fine
	case errors.Is(err, context.Canceled):
		return stopped
	case status == http.StatusTooManyRequests:
		return throttled
	case known && isThrottleCode(api.ErrorCode()):
		return throttled
	case known && (status >= 500 || api.ErrorCode() == "ConcurrentModificationException"):
		return passing
	case errors.As(err, &again) && again.RetryableError(), errors.As(err, &send):
		return passing
	case known:
		return refused
	}
	return nonsense
}

func isThrottleCode(code string) bool {
	_, ok := retry.DefaultThrottleErrorCodes[code]
	return ok
}

// statusOf is the HTTP status of an error; 0 when there was no answer.
func statusOf(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// A call is what one question keeps in mind about its requests.
type call struct {
	account string // that is asked
	failed  map[kind]int
	pause   time.Duration // before the next request
}

type callKey struct{}

// withCall prepares a context for the requests of one question.
func withCall(ctx context.Context, account string) context.Context {
	return context.WithValue(ctx, callKey{}, &call{account: account, failed: map[kind]int{}})
}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{failed: map[kind]int{}}
}

// errGivenUp ends a call that was tried often enough.
var errGivenUp = errors.New("tried often enough")

// retries is an SDK retryer that never waits: waiting is done by the limiter,
// on its clock.
type retries struct{}

func (retries) IsErrorRetryable(err error) bool              { return tries[kindOf(err)] > 0 }
func (retries) MaxAttempts() int                             { return 0 }
func (retries) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (retries) GetInitialToken() func(error) error           { return func(error) error { return nil } }
func (retries) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	c, k := callOf(ctx), kindOf(err)
	if c.failed[k]++; c.failed[k] >= tries[k] {
		return nil, errGivenUp
	}
	if k != throttled { // the bucket pauses for all its calls
		c.pause = min(5*time.Second, 200*time.Millisecond<<c.failed[k])
	}
	return func(error) error { return nil }, nil
}

// gate stands before each request of the SDK, retries among them: it waits for
// the rate. Nothing may hold a request up after that: a token that is used late
// is one too many for those after it.
type gate struct {
	clock  Clock
	limits *limiter
}

// ID is the middleware's.
func (g *gate) ID() string { return "orgrails.Gate" }

// attach makes every request of a configuration pass the gate.
func (g *gate) attach(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.Retryer, cfg.RetryMaxAttempts = func() aws.Retryer { return retries{} }, 0
	cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(s *middleware.Stack) error {
		return s.Finalize.Insert(g, "Retry", middleware.After)
	})
	return cfg
}

// HandleFinalize makes one request.
func (g *gate) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	c := callOf(ctx)
	if c.pause > 0 {
		if err := g.clock.Sleep(ctx, c.pause); err != nil {
			return out, metadata, &aws.RequestCanceledError{Err: err}
		}
		c.pause = 0
	}
	b := g.limits.of(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), c.account, awsmiddleware.GetRegion(ctx))
	if err := b.take(ctx); err != nil {
		return out, metadata, &aws.RequestCanceledError{Err: err}
	}
	out, metadata, err = next.HandleFinalize(ctx, in)
	k := kindOf(err)
	if k == fine || k == throttled || k == refused {
		b.heard(k == throttled)
	}
	if k == fine {
		c.failed = map[kind]int{}
	}
	return out, metadata, err
}

// why is what AWS said, in a line.
func why(err error) string {
	switch kindOf(err) {
	case nonsense:
		if s := statusOf(err); s != 0 {
			return fmt.Sprintf("the answer is not one of AWS's (HTTP %d), %d times", s, tries[nonsense])
		}
	case passing:
		return fmt.Sprintf("%s, %d times", reason(err), tries[passing])
	}
	return reason(err)
}
