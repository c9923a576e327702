package compile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// A policyType is what this package must know of an Organizations policy type.
type policyType struct {
	typ       catalog.Type
	short     string // in names
	size      int    // characters of a document
	perTarget int    // policies at a node
	inAll     int    // policies in the organization
	always    string // the policy of AWS's own that every node has, and that counts; "" for none
}

func (k *compiler) policyTypes() []policyType {
	return []policyType{
		{catalog.AIServicesOptOutPolicy, "ai", k.quotas.AIPolicySize, k.quotas.AIPolicyPerTarget, k.quotas.AIPolicies, ""},
		{catalog.BackupPolicy, "backup", k.quotas.BackupPolicySize, k.quotas.BackupPolicyPerTarget, k.quotas.BackupPolicies, ""},
		{catalog.DeclarativePolicyEC2, "ec2", k.quotas.EC2PolicySize, k.quotas.EC2PolicyPerTarget, k.quotas.EC2Policies, ""},
		{catalog.TagPolicy, "tag", k.quotas.TagPolicySize, k.quotas.TagPolicyPerTarget, k.quotas.TagPolicies, ""},
		{catalog.ResourceControlPolicy, "rcp", k.quotas.RCPSize, k.quotas.RCPPerTarget, k.quotas.RCPs, "RCPFullAWSAccess"},
		{catalog.ServiceControlPolicy, "scp", k.quotas.SCPSize, k.quotas.SCPPerTarget, k.quotas.SCPs, "FullAWSAccess"},
	}
}

// documents makes one policy of each type for each node that asks for any.
func (k *compiler) documents() {
	for _, t := range k.policyTypes() {
		count := 0
		above := map[*node]*policy.Declarative{}
		for _, n := range k.all {
			var pieces []*piece
			for _, p := range n.pieces {
				if p.typ == t.typ && (len(p.statements) > 0 || p.declared != nil) {
					pieces = append(pieces, p)
				}
			}
			if len(pieces) == 0 {
				continue
			}
			count++
			if t.typ.IsDeclarative() {
				k.plan.Policies = append(k.plan.Policies, k.declarative(n, t, pieces, above))
			} else {
				k.plan.Policies = append(k.plan.Policies, k.policy(n, t, pieces))
			}
			last := &k.plan.Policies[len(k.plan.Policies)-1]
			k.plan.Attachments = append(k.plan.Attachments, guardrails.Attachment{Target: n.target().Ref(), Type: last.Type, Policy: last.Name})
			if t.always != "" && t.perTarget < 2 {
				k.ds.Errorf(n.at(), "GR307", "%s takes %s of the type %s, and %s is the first", n.selector(), policies(t.perTarget), spoken(t.typ), t.always).Hint =
					"raise the quota, if AWS has raised yours"
			}
		}
		if count > t.inAll {
			k.ds.Errorf(k.o.Root.Range, "GR307", "%d policies of the type %s, and an organization takes %d", count, spoken(t.typ), t.inAll).Hint =
				"ask for guardrails at units rather than at accounts"
		}
	}
	slices.SortFunc(k.plan.Policies, func(a, b guardrails.Policy) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(k.plan.Attachments, func(a, b guardrails.Attachment) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Policy, b.Policy))
	})
}

// policy puts the pieces of a node into one document.
func (k *compiler) policy(n *node, t policyType, pieces []*piece) guardrails.Policy {
	doc := policy.Document{Version: policy.Version2012}
	p := guardrails.Policy{Type: string(t.typ), Name: k.policyName(t.short, n.selector(), n.account != nil)}
	used := map[string]bool{}
	var without policy.Document // without what waits for a boundary
	without.Version = policy.Version2012
	var needs []guardrails.BoundaryNeed
	for _, piece := range pieces {
		origin := guardrails.OriginIn(k.origin(piece.origin), piece.set)
		for _, s := range piece.statements {
			s.Sid = uniqueSid(used, s.Sid)
			doc.Statements = append(doc.Statements, s.Statement)
			if piece.needs == nil {
				without.Statements = append(without.Statements, s.Statement)
			}
			p.Statements = append(p.Statements, guardrails.Statement{Sid: s.Sid, Guardrail: piece.guardrail, Origin: origin, Exceptions: sortedUnique(s.exceptions)})
		}
		needs = append(needs, piece.needs...)
		for _, x := range piece.narrowed {
			x.policies[p.Name] = true
		}
	}
	p.Content = guardrails.Text(doc.JSON())
	p.Size = p.Content.Size(k.plan.IDLengths)
	p.Description = k.description(n, t, pieces)
	p.Was = k.formerNames(n, t)
	if len(needs) > 0 {
		slices.SortFunc(needs, func(a, b guardrails.BoundaryNeed) int {
			return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Policy, b.Policy))
		})
		p.Pending = &guardrails.Pending{Needs: slices.Compact(needs)}
		if len(without.Statements) > 0 {
			p.Pending.Content = guardrails.Text(without.JSON())
		}
	}
	if p.Size > t.size {
		k.tooLarge(n, t, pieces, p.Size)
	}
	return p
}

// formerNames are the names that the policy of a unit had under former keys.
func (k *compiler) formerNames(n *node, t policyType) []string {
	was := []string{}
	if n.unit != nil && n.unit.Parent != nil {
		i, _ := slices.BinarySearchFunc(k.plan.Units, n.unit.Path, func(u guardrails.Unit, path string) int { return cmp.Compare(u.Path, path) })
		for _, path := range k.plan.Units[i].Was {
			was = append(was, k.policyName(t.short, path, false))
		}
	}
	return sortedUnique(was)
}

// uniqueSid is sid, or sid with the first number from 2 on that is not used.
// A statement without a Sid stays without.
func uniqueSid(used map[string]bool, sid string) string {
	if sid == "" {
		return ""
	}
	name := sid
	for i := 2; used[name]; i++ {
		name = sid + strconv.Itoa(i)
	}
	used[name] = true
	return name
}

// policyName names the policy of a node. A selector of an account follows @, so
// that no unit has the name of an account's policy.
func (k *compiler) policyName(short, selector string, account bool) string {
	if account {
		selector = "@" + selector
	}
	name := "orgrails-" + short + "-" + selector
	if limit := k.quotas.PolicyNameLength; len(name) > limit {
		sum := sha256.Sum256([]byte(name))
		tail := "~" + hex.EncodeToString(sum[:4])
		name = name[:limit-len(tail)] + tail
	}
	return name
}

// description says what the policy is, to someone who meets it in AWS.
func (k *compiler) description(n *node, t policyType, pieces []*piece) string {
	var names []string
	for _, p := range pieces {
		if !slices.Contains(names, p.guardrail) {
			names = append(names, p.guardrail)
		}
	}
	head := "orgrails, " + spoken(t.typ) + " of " + n.selector() + ": "
	list := func(shown int) string {
		s := head + strings.Join(names[:shown], ", ")
		if more := len(names) - shown; more > 0 {
			s += fmt.Sprintf(" and %d more", more)
		}
		return ascii(s)
	}
	shown := len(names)
	for shown > 0 && len(list(shown)) > k.quotas.PolicyDescription {
		shown--
	}
	s := list(shown)
	return s[:min(len(s), k.quotas.PolicyDescription)]
}

// ascii replaces what is not printable ASCII, and what AWS takes for markup.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '<' || r == '>' {
			return '?'
		}
		return r
	}, s)
}

// tooLarge says which guardrail is the first that does not fit any more.
func (k *compiler) tooLarge(n *node, t policyType, pieces []*piece, size int) {
	sizes := make([]int, len(pieces))
	at, sum := len(pieces)-1, len(policy.Document{Version: policy.Version2012}.JSON())
	if t.typ.IsDeclarative() {
		sum = len("{}")
	}
	for i, p := range pieces {
		sizes[i] = k.sizeOf(p)
		if sum += sizes[i] + 1; sum-1 > t.size && at == len(pieces)-1 {
			at = min(at, i)
		}
	}
	order := make([]int, len(pieces))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	var biggest []string
	for _, i := range order[:min(3, len(order))] {
		biggest = append(biggest, fmt.Sprintf("%s (%d)", pieces[i].guardrail, sizes[i]))
	}
	d := k.ds.Errorf(pieces[at].origin, "GR306", "%s does not fit: the %s of %s is %d characters, and AWS takes %d",
		pieces[at].guardrail, spoken(t.typ), n.selector(), size, t.size)
	d.Hint = "ask for some of them at the units below or at the root; the biggest are " + strings.Join(biggest, ", ")
	if at := n.at(); !at.IsZero() {
		d.Related = []diag.Related{{Range: at, Message: "the node is here"}}
	}
}

// sizeOf is how many characters a piece takes in a document.
func (k *compiler) sizeOf(p *piece) int {
	if p.declared != nil {
		return guardrails.Text(p.declared.JSON()).Size(k.plan.IDLengths) - len("{}")
	}
	doc := policy.Document{}
	for _, s := range p.statements {
		doc.Statements = append(doc.Statements, s.Statement)
	}
	return guardrails.Text(doc.JSON()).Size(k.plan.IDLengths) - len(policy.Document{}.JSON())
}

func policies(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return strconv.Itoa(n) + " policies"
}
