package live

import (
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// An Error is something about AWS or the credentials that stops a deployment.
// Its code has a section in docs/diagnostics/deploy.md.
type Error struct {
	Code    string
	Summary string // lower case, without a full stop
	Hint    string // the way out
	Err     error  // what AWS or the network said; may be nil
}

func (e *Error) Error() string {
	s := e.Summary
	if e.Err != nil {
		s += ": " + reason(e.Err)
	}
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s + " [" + e.Code + "]"
}

// Unwrap returns what AWS or the network said.
func (e *Error) Unwrap() error { return e.Err }

// Reason is what AWS or the network said, without the SDK's wrapping; "" when
// there is nothing.
func (e *Error) Reason() string {
	if e.Err == nil {
		return ""
	}
	return reason(e.Err)
}

func reason(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": ")
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Error()
	}
	return err.Error()
}

var (
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
	refusedCodes = []string{"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure", "InvalidAccessKeyId",
		"IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException"}
)

// credentialProblem names what is wrong with the endpoint or the credentials;
// nil when the error is about something else.
func (s *Session) credentialProblem(err error) *Error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch code := api.ErrorCode(); {
		case slices.Contains(expiredCodes, code):
			return &Error{Code: "GR402", Summary: "the AWS credentials have expired",
				Hint: "get new ones, for instance with `aws sso login` or `aws login`, and run the command again", Err: err}
		case slices.Contains(refusedCodes, code):
			return &Error{Code: "GR402", Summary: "AWS does not accept the credentials",
				Hint: "check AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN", Err: err}
		}
		return nil
	}
	var send *smithyhttp.RequestSendError
	var op *net.OpError
	var dns *net.DNSError
	if errors.As(err, &send) || errors.As(err, &op) || errors.As(err, &dns) {
		where, hint := "AWS", "check the network and the proxy settings"
		if s.endpoint != "" {
			where, hint = s.endpoint, "check AWS_ENDPOINT_URL, and that what it names is running"
		}
		return &Error{Code: "GR403", Summary: where + " cannot be reached", Hint: hint, Err: err}
	}
	return nil
}

// profile is what is wrong with a profile, and nil for what the SDK says when
// it looked everywhere, down to the metadata of an EC2 instance.
func profile(err error) error {
	var missing config.SharedConfigProfileNotExistError
	var assume config.SharedConfigAssumeRoleError
	if errors.As(err, &missing) || errors.As(err, &assume) {
		return err
	}
	return nil
}

// code is AWS's code of an error; "" for one that is not AWS's.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
