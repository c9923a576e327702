package live

import (
	"context"
	"fmt"
)

// A room is an account that is entered when the first question is about it,
// and not before: what was kept from another run needs no role.
type room struct {
	entered chan struct{} // closed when session is set, or never will be
	session *Session
}

// enter returns a session in an account. When the role cannot be assumed it
// notes so once, and the error is errNoted.
func (r *reader) enter(account string) (*Session, error) {
	if account == r.caller.Account {
		return r.s, nil
	}
	r.mu.Lock()
	e, known := r.rooms[account]
	if !known {
		e = &room{entered: make(chan struct{})}
		r.rooms[account] = e
	}
	r.mu.Unlock()
	if known {
		<-e.entered
	} else {
		e.session = r.assume(account)
		close(e.entered)
	}
	if e.session == nil {
		return nil, errNoted
	}
	return e.session, nil
}

// assume returns nil when the role cannot be assumed.
func (r *reader) assume(account string) *Session {
	role := fmt.Sprintf("arn:%s:iam::%s:role/%s", r.org.Partition, account, r.opts.Role)
	// The call counts for the account that makes it.
	s, err := r.s.Assume(withCall(r.ctx, r.caller.Account), Member{Key: account, ID: account, RoleARN: role, Session: r.opts.SessionName})
	if err != nil {
		r.failed(question{what: "everything in the account: the role " + role + " cannot be assumed", api: "sts:AssumeRole", account: account}, cause(err))
		return nil
	}
	return s
}

// cause is what AWS said, without the advice of an [*Error].
func cause(err error) error {
	if e, ok := err.(*Error); ok && e.Err != nil {
		return e.Err
	}
	return err
}

// in reads something in an account.
func in[T any](r *reader, q question, read func(context.Context, *Session) (T, error)) Answer[T] {
	return ask(r, q, func(ctx context.Context) (T, error) {
		s, err := r.enter(q.account)
		if err != nil {
			var none T
			return none, err
		}
		if q.region != "" {
			s = s.In(q.region)
		}
		return read(ctx, s)
	})
}
