package trial

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A Question is a request in the words of the file.
type Question struct {
	As        string // "role/[path/]name", "user/[path/]name" or "root"; or an ARN, a service, or "" for anybody
	AsArn     string // aws:PrincipalArn, where As is a session's ARN; "" where that is not known
	Account   string // key of the account that asks; of the resource's where nobody of the organization asks
	Action    string
	Resource  string // ARN; "*" for no particular one
	Owner     string // id of the resource's account; "" for the one in its ARN, or that of who asks
	Context   map[string][]string
	Unknown   []string // keys of which it is not known whether they are there
	UnknownIf bool     // every key that a policy names and nobody gave is unknown, rather than missing
	Carried   bool     // with UnknownIf: a key that requests of the action never carry is missing all the same
}

// An Answer is a decision with its reasons in the words of the file.
type Answer struct {
	Question  Question
	Principal string // ARN, service or ""
	Role      *guardrails.Role
	Request   eval.Request
	eval.Explanation
	world    *World
	own      map[string]document // of the principal, by layer and name
	owner    string              // key of the resource's account; "" outside of the organization
	from     string              // key of who asks' account; "" outside of the organization
	boundary bool
}

// A Decider is a statement on which a decision rests.
type Decider struct {
	eval.Reason
	Guardrail  string   // template, or path of the user's own document; "" for none
	Exceptions []string // keys of the exceptions that narrowed it
}

// Outside reports whether who asks is of no account of the organization.
func (a *Answer) Outside() bool { return a.from == "" }

// Deciders are the statements on which the decision rests.
func (a *Answer) Deciders() []Decider {
	var out []Decider
	for i := range a.Reasons {
		if r := &a.Reasons[i]; r.Decisive {
			out = append(out, a.Asked(r)...)
		}
	}
	return out
}

// Asked is what the plan says of a reason: one for each statement that was
// asked for and has a say in the request, where several are in one.
func (a *Answer) Asked(r *eval.Reason) []Decider {
	d := Decider{Reason: *r}
	documents := a.world.at(r.Layer, r.Level)
	if own, ok := a.own[string(r.Layer)+" "+r.Document]; ok {
		documents = []document{own}
	}
	if r.Effect != policy.Deny && r.Layer == eval.SCP && d.Origin == "" {
		d.Origin = listed(documents)
	}
	for _, doc := range documents {
		if doc.Name != r.Document || r.Statement < 0 || r.Statement >= len(doc.statements) {
			continue
		}
		s := doc.statements[r.Statement]
		d.Guardrail, d.Exceptions = s.Guardrail, s.Exceptions
		if s.Packed != nil && len(s.Packed.Merged) > 0 {
			if all := a.merged(d, s.Packed.Merged); len(all) > 0 {
				return all
			}
		}
	}
	return []Decider{d}
}

// listed is the line of the allow list among the documents of a node; "" where
// there is none.
func listed(documents []document) string {
	for _, doc := range documents {
		for _, s := range doc.statements {
			if s.Guardrail == guardrails.AllowList {
				return s.Origin
			}
		}
	}
	return ""
}

// DeniesEverything reports whether a reason is a statement that denies all
// actions on all resources, to whomever it does.
func (a *Answer) DeniesEverything(r *eval.Reason) bool {
	for _, doc := range a.world.at(r.Layer, r.Level) {
		if doc.Name == r.Document && r.Statement >= 0 && r.Statement < len(doc.Policy.Statements) {
			s := doc.Policy.Statements[r.Statement]
			return s.Effect == policy.Deny && slices.Contains(s.Action, "*") && slices.Contains(s.Resource, "*")
		}
	}
	return false
}

// merged are those of several statements in one that have a say in the request.
func (a *Answer) merged(d Decider, list []guardrails.Merged) []Decider {
	var out []Decider
	for _, m := range list {
		part, err := a.world.document(d.Document, `{"Version":"`+policy.Version2012+`","Statement":[`+m.Statement+`]}`, nil)
		if err != nil || !a.concerns(d.Layer, part.Document) {
			continue
		}
		x := d
		x.Guardrail, x.Exceptions, x.Sid, x.Origin = m.Guardrail, m.Exceptions, m.Sid, m.Origin
		x.Text = strings.Replace(x.Text, d.Sid, m.Sid, 1)
		out = append(out, x)
	}
	return out
}

// concerns reports whether a document of one statement that denies may deny the
// request.
func (a *Answer) concerns(layer eval.Layer, doc eval.Document) bool {
	p := eval.Policies{Identity: []eval.Document{allowAll(IdentityNotKnown)}}
	level := eval.Level{ID: "statement", Policies: []eval.Document{allowAll(fullAWSAccess), doc}}
	if layer == eval.RCP {
		level.Policies = level.Policies[1:]
		p.RCP = []eval.Level{level}
	} else {
		p.SCP = []eval.Level{level}
	}
	anyone := allowAll(ResourceNotKnown)
	anyone.Policy.Statements[0].Principal = &policy.Principal{Everyone: true}
	p.Resource = &anyone
	set, err := eval.Compile(a.world.organization(a.world.ids["account:"+a.from], a.world.ids["account:"+a.owner]), p)
	return err == nil && set.Authorize(&a.Request).Decision != eval.Allowed
}

// Guardrails are those of the deciders, each once, in the order of the chain.
func (a *Answer) Guardrails() []string {
	var out []string
	for _, d := range a.Deciders() {
		name := d.Guardrail
		if d.onNoList() {
			name = guardrails.AllowList
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// onNoList reports whether the decider is a node whose allow list lacks what is
// asked for.
func (d Decider) onNoList() bool {
	return d.Effect != policy.Deny && d.Layer == eval.SCP && d.Guardrail == "" && d.Statement < 0 && d.Origin != ""
}

// Ask decides a question, with reasons.
func (w *World) Ask(q Question) (*Answer, error) {
	set, a, err := w.prepare(q)
	if err != nil {
		return nil, err
	}
	a.Explanation = set.Explain(&a.Request)
	return a, nil
}

// Decide decides a question, without reasons.
func (w *World) Decide(q Question) (eval.Result, error) {
	set, a, err := w.prepare(q)
	if err != nil {
		return eval.Result{}, err
	}
	return set.Authorize(&a.Request), nil
}

// prepare makes the request of a question, and the policies that reach it.
func (w *World) prepare(q Question) (*eval.Set, *Answer, error) {
	if q.Account != org.ManagementSelector && w.parents[q.Account] == "" {
		return nil, nil, fmt.Errorf("no account has the key %q", q.Account)
	}
	p, err := w.principal(q)
	if err != nil {
		return nil, nil, err
	}
	owner := w.owner(q)
	a := &Answer{Question: q, Principal: p.arn, Role: p.role, world: w, own: p.documents, from: p.account, Request: eval.Request{
		Principal: p.arn, Action: q.Action, Resource: q.Resource, ResourceAccount: owner, Unknown: q.Unknown,
	}}
	a.Request.Context = w.context(q, p, owner)
	set, err := w.set(p, w.keys[owner])
	if err != nil {
		return nil, nil, err
	}
	if q.UnknownIf {
		keys := w.notSaid(w.policies(p, w.keys[owner]), a.Request.Context, q.Unknown)
		if q.Carried {
			keys = carriable(q.Action, keys)
		}
		a.Request.Unknown = slices.Concat(q.Unknown, keys)
	}
	a.owner = w.keys[owner]
	a.boundary = len(p.boundary) > 0
	return set, a, nil
}

// owner is the id of the account that owns the resource: the one in its ARN,
// or else the account of the question.
func (w *World) owner(q Question) string {
	if q.Owner != "" {
		return q.Owner
	}
	if parts := policy.SplitARN(q.Resource); len(parts) == 6 {
		if id, err := org.ParseAccountID(parts[4]); err == nil {
			return string(id)
		}
	}
	return w.ids["account:"+q.Account]
}

// set is the compiled policies of a question; equal ones are compiled once.
func (w *World) set(p principal, owner string) (*eval.Set, error) {
	key := strings.Join([]string{p.account, p.policies, owner}, "\x00")
	if s := w.sets[key]; s != nil {
		return s, nil
	}
	s, err := eval.Compile(w.organization(w.ids["account:"+p.account], w.ids["account:"+owner]), w.policies(p, owner))
	if err != nil {
		return nil, err
	}
	w.sets[key] = s
	return s, nil
}

// The names of policies that are not known.
const (
	IdentityNotKnown = "identity policies, which are not known and taken to allow"
	ResourceNotKnown = "the resource's own policy, which is not known and taken to allow"
)

func (w *World) policies(p principal, owner string) eval.Policies {
	out := eval.Policies{Identity: p.identity, Boundary: p.boundary}
	if p.account != "" {
		out.SCP = w.levels(p.account, string(policy.ServiceControlPolicy))
	}
	if owner != "" {
		out.RCP = w.levels(owner, string(policy.ResourceControlPolicy))
	}
	// The account of who asks, so that identity policies have their say too.
	doc := allowAll(ResourceNotKnown)
	doc.Policy.Statements[0].Principal = &policy.Principal{Everyone: true}
	if !p.outside {
		doc.Policy.Statements[0].Principal = &policy.Principal{AWS: policy.Values{w.ids["account:"+p.account]}}
	}
	out.Resource = &doc
	return out
}

// context is what a question gives, and what follows from who asks, where, and
// for what.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (w *World) context(q Question, p principal, owner string) map[string][]string {
	c := map[string][]string{}
	for key, values := range q.Context {
		c[strings.ToLower(key)] = values
	}
	add := func(key string, values ...string) {
		if _, given := c[strings.ToLower(key)]; !given && !slices.ContainsFunc(q.Unknown, func(u string) bool { return strings.EqualFold(u, key) }) {
			c[strings.ToLower(key)] = values
		}
	}
	add("aws:CurrentTime", w.asOf.UTC().Format(time.RFC3339))
	add("aws:EpochTime", strconv.FormatInt(w.asOf.Unix(), 10))
	add("aws:SecureTransport", "true")
	add("aws:RequestedRegion", w.plan.Organization.HomeRegion)
	if p.arn != "" {
		add("aws:PrincipalIsAWSService", strconv.FormatBool(p.service))
	}
	if !p.service {
		add("aws:ViaAWSService", "false")
	}
	for key, value := range p.keys {
		add(key, value)
	}
	if p.account != "" {
		add("aws:PrincipalOrgID", w.org.ID)
		add("aws:PrincipalOrgPaths", w.orgPath(p.account))
		add("aws:PrincipalOrgMasterAccountId", w.org.ManagementAccount)
	}
	add("aws:ResourceAccount", owner)
	if key := w.keys[owner]; key != "" {
		add("aws:ResourceOrgID", w.org.ID)
		add("aws:ResourceOrgPaths", w.orgPath(key))
	}
	return c
}

// notSaid lists, sorted, the condition keys that the policies name and the
// context does not have.
func (w *World) notSaid(p eval.Policies, context map[string][]string, said []string) []string {
	names := map[string]bool{}
	collect := func(docs ...eval.Document) {
		for _, d := range docs {
			for _, s := range d.Policy.Statements {
				for _, keys := range s.Condition {
					for key := range keys {
						names[key] = true
					}
				}
				for _, v := range slices.Concat(s.Resource, s.NotResource) {
					for _, key := range variables(v) {
						names[key] = true
					}
				}
			}
		}
	}
	for _, l := range slices.Concat(p.SCP, p.RCP) {
		collect(l.Policies...)
	}
	collect(slices.Concat(p.Identity, p.Boundary)...)
	seen := map[string]bool{}
	for _, key := range said {
		seen[strings.ToLower(key)] = true
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(names)) {
		low := strings.ToLower(key)
		if _, has := context[low]; !has && !seen[low] {
			seen[low] = true
			out = append(out, key)
		}
	}
	return out
}

// variables are the condition keys of the policy variables in a string.
func variables(s string) []string {
	var keys []string
	for {
		_, rest, ok := strings.Cut(s, "${")
		if !ok {
			return keys
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return keys
		}
		if name, _, _ = strings.Cut(name, ","); strings.Contains(name, ":") {
			keys = append(keys, strings.TrimSpace(name))
		}
		s = rest
	}
}
