package render

import (
	"bytes"
	"fmt"
	"hash/maphash"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// A thing is what one or more accounts get alike, or alike but for their own
// ids: a boundary, a password policy, a role or a group.
type thing struct {
	kind, name string
	accounts   []string
	write      func(*page, awsdata.Quotas)
}

// things are the things of all baselines. Each is found by the print of its
// text, and by that of its text with the account's own id left out. Once a
// second account has been found alike one way, the other way is closed: a role
// that trusts the account it is in is not one that trusts that account from elsewhere.
type things struct {
	seed    maphash.Seed
	text    []byte // of the thing at hand
	byPrint map[uint64]*thing
	whole   map[*thing]uint64
	byOwn   map[*thing]uint64
	all     []*thing
}

func newThings() *things {
	return &things{seed: maphash.MakeSeed(), byPrint: map[uint64]*thing{}, whole: map[*thing]uint64{}, byOwn: map[*thing]uint64{}}
}

// add notes that an account gets the thing whose text has been put together,
// and returns the thing.
func (ts *things) add(account, kind, name string, write func(*page, awsdata.Quotas)) *thing {
	data := ts.text
	own := []byte(guardrails.Ref("account:" + account))
	whole := maphash.Bytes(ts.seed, data)
	if t := ts.byPrint[whole]; t != nil {
		delete(ts.byPrint, ts.byOwn[t])
		delete(ts.byOwn, t)
		t.accounts = append(t.accounts, account)
		return t
	}
	t := &thing{kind: kind, name: name, write: write}
	if bytes.Contains(data, own) {
		owned := maphash.Bytes(ts.seed, bytes.ReplaceAll(data, own, []byte("\x00own\x00")))
		if like := ts.byPrint[owned]; like != nil {
			delete(ts.byPrint, ts.whole[like])
			delete(ts.whole, like)
			like.accounts = append(like.accounts, account)
			return like
		}
		ts.byPrint[owned], ts.byOwn[t] = t, owned
	}
	ts.byPrint[whole], ts.whole[t] = t, whole
	t.accounts = []string{account}
	ts.all = append(ts.all, t)
	return t
}

// of notes the things of one baseline, and returns them.
func (ts *things) of(b guardrails.Baseline) []*thing {
	var got []*thing
	for _, m := range b.Boundaries {
		ts.begin("boundary")
		ts.managed(m)
		got = append(got, ts.add(b.Account, "boundary", m.Name, func(p *page, q awsdata.Quotas) { p.boundary(m, q) }))
	}
	if pw := b.PasswordPolicy; pw != nil {
		ts.begin("passwords")
		ts.text = fmt.Appendf(ts.text, "%+v", *pw)
		got = append(got, ts.add(b.Account, "passwords", pw.Origin, func(p *page, _ awsdata.Quotas) { p.passwords(pw) }))
	}
	for _, r := range b.Roles {
		ts.begin("role", r.Name, r.Path, r.Description, string(r.Trust), string(r.Boundary), fmt.Sprint(r.MaxSessionDuration, r.BreakGlass), r.Origin)
		for _, arn := range r.ManagedPolicies {
			ts.say(string(arn))
		}
		for _, m := range r.Policies {
			ts.managed(m)
		}
		got = append(got, ts.add(b.Account, "role", r.Name, func(p *page, q awsdata.Quotas) { p.role(r, q) }))
	}
	for _, g := range b.Groups {
		ts.begin("group", g.Name, g.Path, g.Origin)
		ts.managed(g.Policy)
		got = append(got, ts.add(b.Account, "group", g.Name, func(p *page, q awsdata.Quotas) { p.group(g, q) }))
	}
	return got
}

// begin, say and managed put together the text that a thing is known by.
func (ts *things) begin(parts ...string) {
	ts.text = ts.text[:0]
	for _, s := range parts {
		ts.say(s)
	}
}

func (ts *things) say(s string) { ts.text = append(append(ts.text, s...), 0) }

func (ts *things) managed(m guardrails.ManagedPolicy) {
	ts.say("managed policy")
	for _, s := range []string{m.Name, m.Path, m.Description, m.Origin, string(m.Document)} {
		ts.say(s)
	}
}
