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

// documents makes the policies of each type, as few as may be: those of nodes
// that ask for the same are made once.
func (k *compiler) documents() {
	for _, t := range k.policyTypes() {
		before := len(k.plan.Policies)
		if t.typ.IsDeclarative() {
			k.declaratives(t)
		} else {
			if t.typ == catalog.ServiceControlPolicy {
				k.allowLists(t)
			}
			k.fill(t)
			for _, pl := range k.sites(t) {
				k.packed(pl, t)
			}
			k.sayOverfull(t)
		}
		if count := len(k.plan.Policies) - before; count > t.inAll {
			k.ds.Errorf(k.o.Root.Range, "GR307", "%d policies of the type %s, and an organization takes %d", count, spoken(t.typ), t.inAll).Hint =
				"ask for guardrails at units rather than at accounts"
		}
	}
	k.namedOnce()
	slices.SortFunc(k.plan.Policies, func(a, b guardrails.Policy) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(k.plan.Attachments, func(a, b guardrails.Attachment) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Policy, b.Policy))
	})
}

// namedOnce refuses a name that the file gives to policies of two types: what
// is deployed is known by it.
func (k *compiler) namedOnce() {
	first := map[string]*piece{}
	foreign := map[string]diag.Range{}
	for i := range k.o.Elsewhere {
		foreign[k.o.Elsewhere[i].Name] = k.o.Elsewhere[i].Range
	}
	for _, n := range k.all {
		for _, p := range n.pieces {
			name := p.policyName()
			if name == "" {
				continue
			}
			if at, ok := foreign[name]; ok && first[name] == nil {
				d := k.ds.Errorf(p.origin, "GR310", "there are two policies named %q, this one and one that others manage", name)
				d.Hint = "give this one another name, or take the other out of managedElsewhere"
				d.Related = []diag.Related{{Range: at, Message: "the other one is named here"}}
			}
			if f := first[name]; f == nil {
				first[name] = p
			} else if f.typ != p.typ {
				d := k.ds.Errorf(p.origin, "GR310", "there are two policies named %q, a %s and a %s", name, spoken(f.typ), spoken(p.typ))
				d.Hint = "give one of them another name"
				d.Related = []diag.Related{{Range: f.origin, Message: "the other one is asked for here"}}
			}
		}
	}
}

// formerNames are the names that a policy of a unit had under former keys.
func (k *compiler) formerNames(n *node, t policyType, number int) []string {
	var was []string
	for _, path := range k.formerPathsOf(n) {
		was = append(was, k.policyName(t.short, path, number))
	}
	return sortedUnique(was)
}

// formerPathsOf are the paths that the unit of a node had before.
func (k *compiler) formerPathsOf(n *node) []string {
	if n.unit == nil || n.unit.Parent == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(k.plan.Units, n.unit.Path, func(u guardrails.Unit, path string) int { return cmp.Compare(u.Path, path) })
	return k.plan.Units[i].Was
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

// nameOf names a policy of a site by its node, by what its nodes have in
// common, or as the file says. A selector of an account follows @, so that no
// unit has the name of an account's policy; what is shared has a colon, and a
// further document a full stop, which no selector has.
func (k *compiler) nameOf(pl *site, t policyType, number int) string {
	switch n := pl.nodes[0]; {
	case pl.policy != "":
		return pl.policy
	case len(pl.nodes) > 1:
		return k.policyName(t.short, pl.label, number)
	default:
		return k.policyName(t.short, k.selectorOf(n), number)
	}
}

// selectorOf is a node in the name of a policy.
func (k *compiler) selectorOf(n *node) string {
	if n.account != nil {
		return "@" + n.selector()
	}
	return n.selector()
}

// policyName is the name of a policy of ours.
func (k *compiler) policyName(short, of string, number int) string {
	name := "orgrails-" + short + "-" + of
	tail := ""
	if number > 1 {
		tail = "." + strconv.Itoa(number)
	}
	if limit := k.quotas.PolicyNameLength; len(name)+len(tail) > limit {
		tail = "~" + hashed(name) + tail
		name = name[:limit-len(tail)]
	}
	return name + tail
}

// hashed is eight characters that differ where texts do.
func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}

// description says what the policy is, to someone who meets it in AWS.
func (k *compiler) description(pl *site, t policyType, pieces []*piece) string {
	var names []string
	for _, p := range pieces {
		if !slices.Contains(names, p.guardrail) {
			names = append(names, p.guardrail)
		}
	}
	of := " of " + pl.nodes[0].selector()
	if len(pl.nodes) > 1 || pl.policy != "" {
		of = "" // the nodes may change without it
	}
	head := "orgrails, " + spoken(t.typ) + of + ": "
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

// sizeOf is how many characters a piece takes in a document, without the
// exceptions from it.
func (k *compiler) sizeOf(p *piece) int {
	if p.declared != nil {
		return guardrails.Text(p.declared.JSON()).Size(k.plan.IDLengths) - len("{}")
	}
	if p.use != nil && p.instance.chars > 0 {
		return p.instance.chars
	}
	doc := policy.Document{}
	for _, s := range p.statements {
		doc.Statements = append(doc.Statements, s.Statement)
	}
	n := guardrails.Text(doc.JSON()).Size(k.plan.IDLengths) - len(policy.Document{}.JSON())
	if p.use != nil { // as the instance has it
		p.instance.chars = n
	}
	return n
}

func policies(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return strconv.Itoa(n) + " policies"
}

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return strconv.Itoa(n) + " documents"
}
