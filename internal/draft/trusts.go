package draft

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A trust is who may assume a role, in the words of the file.
type trust struct {
	users, roles        []string // account/[path/]name
	account, externalID string
	services            []string
	provider, audience  string // of OpenID Connect
	subjects            []string
	saml                string
	narrow              narrowing
	narrowed            bool // something says narrow
	grants              []grant
}

// A narrowing holds for all who may assume the role.
type narrowing struct {
	mfa    bool
	maxAge int // seconds; 0 for any
	ips    string
}

// A grant lets a group assume the role.
type grant struct {
	source  string // iam, identity-center, saml
	account string // id of the identity account
	group   string // key of the group; with identity-center the permission set, with saml the hub role
	until   string // "" for always
}

// A conditioned is what is left to explain of the conditions of a statement.
type conditioned map[string]map[string]policy.Values

// take is the values of a condition, which are then explained.
func (c conditioned) take(op, key string) policy.Values {
	for o, keys := range c {
		for k, values := range keys {
			if strings.EqualFold(o, op) && strings.EqualFold(k, key) {
				delete(keys, k)
				if len(keys) == 0 {
					delete(c, o)
				}
				return slices.Sorted(slices.Values(values))
			}
		}
	}
	return nil
}

// takeKey is the one condition of an operator whose key begins so: the rest of
// the key, and its values.
func (c conditioned) takeKey(op, prefix string) (string, policy.Values) {
	for o, keys := range c {
		if !strings.EqualFold(o, op) {
			continue
		}
		for _, k := range sortedKeys(keys) {
			if len(k) > len(prefix) && strings.EqualFold(k[:len(prefix)], prefix) {
				return k[len(prefix):], c.take(op, k)
			}
		}
	}
	return "", nil
}

// reasons for which the file cannot say a trust
const (
	whyConditions = "its trust has conditions that the file cannot say"
	whyWhole      = "its trust lets in a whole account, or everybody, which orgrails refuses"
	whyMixed      = "its trust lets in several kinds of principals, or some that the file cannot name"
	whyActions    = "its trust allows other actions than the one by which its principals assume it"
	whyDenies     = "its trust denies something, which the file cannot say"
	whyUnreadable = "its trust cannot be read"
)

// readTrust reads the trust policy of a role in an account, or says why the
// file cannot say it. What it reads is compiled and compared later.
func (c *central) readTrust(account, text string) (trust, string) {
	var t trust
	doc, ds := policy.Parse("", []byte(text))
	if ds.HasErrors() {
		return t, whyUnreadable
	}
	for _, s := range doc.Statements {
		if why := c.readTrusting(&t, account, s); why != "" {
			return t, why
		}
	}
	kinds := 0
	for _, has := range []bool{len(t.users) > 0, len(t.roles) > 0, t.account != "", len(t.services) > 0, t.provider != "", t.saml != ""} {
		if has {
			kinds++
		}
	}
	if kinds > 1 {
		return t, whyMixed
	}
	slices.Sort(t.users)
	slices.Sort(t.roles)
	t.users, t.roles = slices.Compact(t.users), slices.Compact(t.roles)
	slices.SortFunc(t.grants, func(a, b grant) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.until, b.until)) })
	t.grants = slices.Compact(t.grants)
	return t, ""
}

func (c *central) readTrusting(t *trust, account string, s policy.Statement) string {
	p := s.Principal
	switch {
	case p == nil || s.NotPrincipal != nil:
		return whyMixed
	case s.NotAction != nil || len(s.Action) != 1:
		return whyActions
	}
	if s.Effect == policy.Deny {
		if len(p.Service) > 0 && len(p.AWS)+len(p.Federated) == 0 {
			return "" // beside services, orgrails writes such a statement itself
		}
		return whyDenies
	}
	left := conditioned{}
	for op, keys := range s.Condition {
		left[op] = maps.Clone(keys)
	}
	kinds := 0
	for _, list := range []policy.Values{p.AWS, p.Service, p.Federated, p.CanonicalUser} {
		if len(list) > 0 {
			kinds++
		}
	}
	var why string
	n := narrowing{ips: strings.Join(left.take("IpAddress", "aws:SourceIp"), " ")}
	switch {
	case p.Everyone:
		return whyWhole
	case kinds != 1 || len(p.CanonicalUser) > 0:
		return whyMixed
	case len(p.Service) > 0:
		t.services = append(t.services, slices.Sorted(slices.Values(p.Service))...)
	case len(p.Federated) > 0:
		why = c.readFederated(t, account, s, left)
	default:
		if m := left.take("Bool", "aws:MultiFactorAuthPresent"); m != nil {
			n.mfa = true
			if !slices.Equal(m, []string{"true"}) {
				return whyConditions
			}
		}
		if age := left.take("NumericLessThan", "aws:MultiFactorAuthAge"); age != nil {
			seconds, err := strconv.Atoi(age[0])
			if err != nil || len(age) != 1 || seconds < 1 || !n.mfa {
				return whyConditions
			}
			n.maxAge = seconds
		}
		why = c.readPrincipals(t, s, left)
	}
	switch {
	case why != "":
		return why
	case len(left) > 0:
		return whyConditions
	case t.narrowed && t.narrow != n:
		return "the statements of its trust differ in multi-factor authentication or addresses"
	}
	t.narrow, t.narrowed = n, true
	return ""
}

var provider = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}):(oidc|saml)-provider/(.+)$`)

// readFederated reads a trust in an identity provider of the account itself.
func (c *central) readFederated(t *trust, account string, s policy.Statement, left conditioned) string {
	m := provider.FindStringSubmatch(s.Principal.Federated[0])
	switch {
	case len(s.Principal.Federated) != 1 || m == nil || m[1] != account || t.provider != "" || t.saml != "":
		return whyMixed
	case m[2] == "saml" && strings.EqualFold(s.Action[0], "sts:AssumeRoleWithSAML"):
		t.saml = m[3]
		if left.take("StringEquals", "SAML:aud") == nil {
			return whyConditions
		}
	case m[2] == "oidc" && strings.EqualFold(s.Action[0], "sts:AssumeRoleWithWebIdentity"):
		t.provider = m[3]
		audience := left.take("StringEquals", m[3]+":aud")
		t.subjects = left.take("StringEquals", m[3]+":sub")
		if t.subjects == nil {
			t.subjects = left.take("StringLike", m[3]+":sub")
		}
		if len(audience) != 1 || len(t.subjects) == 0 {
			return whyConditions
		}
		t.audience = audience[0]
	default:
		return whyActions
	}
	return ""
}

var (
	wholeAccount = regexp.MustCompile(`^(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?$`)
	onePrincipal = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}):(user|role)/([A-Za-z0-9_+=,.@/-]+)$`)
	centerRole   = regexp.MustCompile(`:role/aws-reserved/sso\.amazonaws\.com/AWSReservedSSO_([A-Za-z0-9_+=,.@-]+)_\?{16}$`)
)

// groupTag begins the tag of a user who is in a group.
const groupTag = "aws:PrincipalTag/orgrails:group/"

// readPrincipals reads a trust in users, roles or accounts.
func (c *central) readPrincipals(t *trust, s policy.Statement, left conditioned) string {
	if !strings.EqualFold(s.Action[0], "sts:AssumeRole") {
		return whyActions
	}
	list := s.Principal.AWS
	if m := wholeAccount.FindStringSubmatch(list[0]); m != nil && len(list) == 1 {
		return c.readAccount(t, m[1], left)
	}
	for _, p := range list {
		m := onePrincipal.FindStringSubmatch(p)
		if m == nil {
			return whyMixed
		}
		key := c.d.keyOfAccount(m[1])
		switch {
		case key == "":
			return "its trust lets in principals of another organization, whom orgrails takes by account and external id alone"
		case m[2] == "user":
			t.users = append(t.users, key+"/"+m[3])
		default:
			t.roles = append(t.roles, key+"/"+m[3])
		}
	}
	return ""
}

// readAccount reads a trust in an account that is narrowed to somebody.
func (c *central) readAccount(t *trust, id string, left conditioned) string {
	key := c.d.keyOfAccount(id)
	if key == "" {
		external := left.take("StringEquals", "sts:ExternalId")
		if len(external) != 1 {
			return "its trust lets in an account outside the organization without one external id, which orgrails refuses"
		}
		if t.account != "" {
			return whyMixed
		}
		t.account, t.externalID = id, external[0]
		return ""
	}
	g := grant{account: id, until: strings.Join(left.take("DateLessThan", "aws:CurrentTime"), " ")}
	if g.until != "" {
		end, err := time.Parse(time.RFC3339, g.until)
		switch {
		case err != nil:
			return whyConditions
		case !end.After(c.d.s.Taken):
			return "it was granted to a group until a time that is over, and orgrails takes such a grant away"
		}
	}
	if group, member := left.takeKey("StringEquals", groupTag); group != "" {
		users := left.take("ArnLike", "aws:PrincipalArn")
		if !slices.Equal(member, []string{"member"}) || !slices.Equal(users, []string{fmt.Sprintf("arn:%s:iam::%s:user/*", c.partition, id)}) {
			return whyConditions
		}
		g.source, g.group = "iam", group
		t.grants = append(t.grants, g)
		return ""
	}
	if patterns := left.take("ArnLike", "aws:PrincipalArn"); patterns != nil {
		for _, p := range patterns {
			if m := centerRole.FindStringSubmatch(p); m != nil {
				g.source, g.group = "identity-center", m[1]
				t.grants = append(t.grants, g)
				return ""
			}
		}
		return whyConditions
	}
	arns := left.take("ArnEquals", "aws:PrincipalArn")
	if len(arns) == 1 && c.hubs[arns[0]] != nil {
		g.source, g.group = "saml", c.hubs[arns[0]].name
		t.grants = append(t.grants, g)
		return ""
	}
	for _, arn := range arns {
		m := onePrincipal.FindStringSubmatch(arn)
		if m == nil || m[1] != id || m[2] != "role" || g.until != "" {
			return whyConditions
		}
		t.roles = append(t.roles, key+"/"+m[3])
	}
	if len(arns) == 0 {
		return whyWhole
	}
	return ""
}
