package eval

import (
	"fmt"
	"strings"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Truth is an answer of three-valued logic.
type Truth uint8

// The truths, in an order in which "and" is the least and "or" the greatest.
const (
	No Truth = iota
	Unknown
	Yes
)

// String is "no", "unknown" or "yes".
func (t Truth) String() string { return [...]string{"no", "unknown", "yes"}[t] }

// An Explanation is a Result with its reasons: SCPs and RCPs from the root to
// the account, then the endpoint's policy, the resource's, the identity's, the
// boundary and the session's.
type Explanation struct {
	Result
	Reasons []Reason
}

// A Reason is one statement that took part in a decision, because its action,
// its resource and its principal are those of the request; or a place where a
// statement had to allow the request and none does; or a layer that does not
// reach the request.
type Reason struct {
	Layer     Layer
	Level     string        // id of the root, unit or account, for SCPs and RCPs
	Document  string        // name of the document
	Statement int           // index in its document; -1 where no statement is meant
	Sid       string        // of the statement, "" where it has none
	Effect    policy.Effect // of the statement; "" where no statement is meant
	Origin    string        // where the statement was asked for, "" where not known
	Matched   Truth         // whether the statement matches the request
	Decisive  bool          // the decision rests on it, or on one of several like it
	// Conditions are those of the statement, in the order of their operators
	// and keys.
	Conditions []Condition
	Text       string // the reason as a sentence, without a full stop
}

// A Condition is one operator and key of a statement, compared with a request.
type Condition struct {
	Operator string   // as the statement spells it
	Key      string   // as the statement spells it
	Policy   []string // values in the statement, variables as they stand
	Request  []string // values in the request; empty where the key is missing or unknown
	Held     Truth
}

// Explain decides a request and says why. The result is that of [Set.Authorize].
func (s *Set) Explain(r *Request) Explanation {
	e := s.start(r)
	for _, st := range s.statements {
		if st.layer != rcpLayer || st.deny {
			e.visit(st)
		}
	}
	var x Explanation
	e.result(&x.Result)
	if x.Decision == Depends {
		x.DependsOn = e.dependsOn()
	}
	lacks := e.lacks()
	for layer := range layerCount {
		if s.present&(1<<layer) != 0 && e.applies&(1<<layer) == 0 {
			x.Reasons = append(x.Reasons, e.exempt(layer))
		}
	}
	next := 0
	for i, sc := range s.scopes {
		for ; next < len(s.statements) && s.statements[next].scope == int32(i); next++ {
			if reason, ok := e.reason(s.statements[next], x.Decision, lacks); ok {
				x.Reasons = append(x.Reasons, reason)
			}
		}
		if reason, ok := e.lacking(int32(i), sc, x.Decision, lacks); ok {
			x.Reasons = append(x.Reasons, reason)
		}
	}
	for _, layer := range []layerID{resourceLayer, identityLayer} {
		if s.present&(1<<layer) == 0 {
			if reason, ok := e.lacking(-1, scope{layer: layer}, x.Decision, lacks); ok {
				x.Reasons = append(x.Reasons, reason)
			}
		}
	}
	pool.Put(e)
	return x
}

// reason is what a statement has to do with the decision, if it has.
func (e *evaluation) reason(st *statement, d Decision, lacks [layerCount]Truth) (Reason, bool) {
	if e.applies&(1<<st.layer) == 0 || !e.matchActions(st.actions) || e.names(st) == 0 || e.matchResources(st) == No {
		return Reason{}, false
	}
	r := Reason{
		Layer: layers[st.layer], Level: e.s.scopes[st.scope].level, Document: st.doc.Name,
		Statement: st.index, Sid: st.source.Sid, Effect: st.source.Effect,
	}
	if st.index < len(st.doc.Origins) {
		r.Origin = st.doc.Origins[st.index]
	}
	r.Matched, _ = e.match(st)
	for _, c := range st.conditions {
		_, values := e.key(c.key)
		r.Conditions = append(r.Conditions, Condition{Operator: c.operator, Key: c.keyText, Policy: c.texts, Request: values, Held: e.holds(c)})
	}
	switch d {
	case ExplicitlyDenied:
		r.Decisive = st.deny && r.Matched == Yes
	case Allowed:
		r.Decisive = !st.deny && r.Matched == Yes && e.counts(st)
	case Depends:
		r.Decisive = r.Matched == Unknown && (st.deny || e.matters(st, lacks))
	}
	r.Text = e.sentence(st, &r)
	return r, true
}

// counts reports whether what a statement allows is of use to the caller. A
// resource's policy that names the caller and an identity policy are two ways
// to the same end; where both lead there, each is a reason.
func (e *evaluation) counts(st *statement) bool {
	own := e.caller.account != ""
	named := !e.foreign && max(e.direct, e.asRole) == Yes
	// The way through the caller's own policies is open, or the only one.
	through := e.foreign || e.direct != Yes || e.allowed(identityLayer) == Yes || e.asRole == Yes
	switch st.layer {
	case scpLayer, vpceLayer:
		return true
	case rcpLayer:
		return false
	case resourceLayer:
		return e.foreign || e.special || named && (e.caller.kind != rootUser || e.applies&(1<<sessionLayer) != 0)
	case identityLayer:
		return own && e.caller.kind != rootUser
	case boundaryLayer:
		return own && e.caller.kind != rootUser && !e.linked && through
	}
	return own && through
}

func (e *evaluation) sentence(st *statement, r *Reason) string {
	verb := map[bool]string{true: "denies", false: "allows"}[st.deny]
	var b strings.Builder
	fmt.Fprintf(&b, "%s ", name(st, r))
	switch r.Matched {
	case Yes:
		fmt.Fprintf(&b, "%s %s", verb, e.r.Action)
	case Unknown:
		fmt.Fprintf(&b, "%s %s if what is unknown agrees", verb, e.r.Action)
	case No:
		fmt.Fprintf(&b, "does not match")
		for _, c := range r.Conditions {
			if c.Held == No {
				fmt.Fprintf(&b, ": %s %s %s, and the request has %s", c.Operator, c.Key, list(c.Policy), list(c.Request))
				break
			}
		}
	}
	return b.String()
}

func name(st *statement, r *Reason) string {
	what := fmt.Sprintf("statement %d", st.index+1)
	if r.Sid != "" {
		what = "statement " + r.Sid
	}
	if r.Document != "" {
		what += " of " + r.Document
	}
	if r.Level != "" {
		what += " at " + r.Level
	}
	return what
}

func list(values []string) string {
	switch len(values) {
	case 0:
		return "nothing"
	case 1:
		return fmt.Sprintf("%q", values[0])
	}
	const most = 3
	shown := make([]string, 0, most)
	for _, v := range values[:min(len(values), most)] {
		shown = append(shown, fmt.Sprintf("%q", v))
	}
	text := strings.Join(shown, ", ")
	if more := len(values) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "[" + text + "]"
}

// lacking is the reason that a scope allows nothing, where it had to.
func (e *evaluation) lacking(at int32, sc scope, d Decision, lacks [layerCount]Truth) (Reason, bool) {
	t := lacks[sc.layer]
	if at >= 0 && (sc.layer == scpLayer || sc.layer == vpceLayer) {
		t = min(t, Yes-e.allow[at])
	}
	if t == No || e.s.present&(1<<sc.layer) != 0 && e.applies&(1<<sc.layer) == 0 {
		return Reason{}, false
	}
	r := Reason{Layer: layers[sc.layer], Level: sc.level, Statement: -1, Matched: t, Decisive: t == Yes && d == ImplicitlyDenied}
	who := map[layerID]string{
		scpLayer: "no SCP at " + sc.level, vpceLayer: "no policy of the VPC endpoint", resourceLayer: "no statement of the resource's policy",
		identityLayer: "no identity policy", boundaryLayer: "the permissions boundary does not", sessionLayer: "the session policy does not",
	}[sc.layer]
	verb := " allows "
	if strings.HasSuffix(who, "not") {
		verb = " allow "
	}
	if t == Unknown {
		who = "it is unknown: perhaps " + who
	}
	r.Text = who + verb + e.r.Action
	return r, true
}

// exempt says why a layer does not reach the request.
func (e *evaluation) exempt(layer layerID) Reason {
	r := Reason{Layer: layers[layer], Statement: -1}
	account := e.caller.account
	if layer == rcpLayer {
		account = e.resourceAccount()
	}
	switch {
	case e.linked:
		r.Text = "service-linked roles are exempt"
	case layer == scpLayer && e.caller.account == "":
		r.Text = "SCPs reach principals of member accounts alone"
	case account != "" && account == e.s.org.ManagementAccount:
		r.Text = "the management account " + account + " is exempt"
	case !e.s.governs(account):
		r.Text = fmt.Sprintf("the account %s is not in the organization", account)
	default:
		r.Text = "RCPs do not reach " + e.r.Action
	}
	return r
}
