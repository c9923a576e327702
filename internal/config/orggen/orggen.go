// Package orggen writes organization files of any size: an organization that
// could exist, whose every block is in use, for tests and measurements that
// ask how time and memory grow.
//
// The same size gives the same bytes.
package orggen

import (
	"bytes"
	"fmt"
	"strings"
)

// A Size says how large an organization is. [Of] makes a plausible one.
type Size struct {
	Accounts   int // member accounts
	Units      int // at most 2,000, AWS's own limit
	Guardrails int // uses of templates, over all nodes
	Exceptions int // each for a role of one account; 0 is 1
}

// Of is the size of an organization of so many member accounts: a unit for
// every five accounts, and 40 guardrails where there are units enough for them.
func Of(accounts int) Size {
	units := min(max(accounts/5, 1), 2000)
	guardrails := 40
	if units < branching+guardrails-len(foundation) {
		guardrails = len(foundation) + min(branching, units)
	}
	return Size{Accounts: accounts, Units: units, Guardrails: guardrails}
}

// String is the size in a few characters, for the names of benchmarks.
func (s Size) String() string {
	return fmt.Sprintf("%d-accounts-%d-units", s.Accounts, s.Units)
}

// foundation are the guardrails of the root.
var foundation = []string{
	"deny-leave-organization", "deny-root-user", "restrict-regions", "protect-cloudtrail", "protect-roles", "data-perimeter-identity",
}

// spread are the guardrails of units, by turns.
var spread = []string{
	"{template: require-imdsv2, parameters: {maxHops: 2}}",
	"protect-s3-public-access-block",
	"protect-config",
	"protect-guardduty",
	"deny-iam-users",
}

// branching is the number of units in each unit: four levels hold 2,000.
const branching = 10

// YAML is the organization file of a size.
func YAML(s Size) []byte {
	g := generator{size: s, accounts: make([][]int, max(s.Units, 1))}
	for i := range s.Accounts {
		u := i % len(g.accounts)
		g.accounts[u] = append(g.accounts[u], i)
	}
	g.head()
	g.printf("root:\n  guardrails: [foundation]\n  units:\n")
	for i := range min(branching, s.Units) {
		g.unit(i, 4)
	}
	g.tail()
	return g.b.Bytes()
}

type generator struct {
	b        bytes.Buffer
	size     Size
	accounts [][]int // by unit
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(&g.b, format, args...) }

func (g *generator) head() {
	g.printf(`version: 1
organization:
  id: o-a1b2c3d4e5
  name: generated
  managementAccount: {id: "100000000000", email: aws@generated.example}
  homeRegion: eu-central-1
  regions: [eu-central-1, eu-west-1]
  delegatedAdministrators: {account-0: [access-analyzer.amazonaws.com]}
  centralizedRootAccess: [RootCredentialsManagement, RootSessions]
`)
}

// unit writes a unit with what is in it. The units below unit i are those
// from branching*(i+1) on.
func (g *generator) unit(i, indent int) {
	in := strings.Repeat(" ", indent)
	g.printf("%sUnit-%d:\n", in, i)
	g.printf("%s  name: Unit %d\n", in, i)
	// Units of one level have guardrails, so that none holds twice below.
	first, n := 0, g.size.Guardrails-len(foundation)
	if n > branching {
		first = branching
	}
	if i >= first && i < first+n {
		g.printf("%s  guardrails: [%s]\n", in, spread[i%len(spread)])
	}
	if len(g.accounts[i]) > 0 {
		g.printf("%s  accounts:\n", in)
	}
	for _, a := range g.accounts[i] {
		g.printf("%s    account-%d: {id: \"%012d\", email: account-%d@generated.example, name: Account %d}\n", in, a, 200000000000+a, a, a)
	}
	below := branching * (i + 1)
	if below >= g.size.Units {
		return
	}
	g.printf("%s  units:\n", in)
	for child := below; child < min(below+branching, g.size.Units); child++ {
		g.unit(child, indent+4)
	}
}

// mostIAM is how many accounts an organization of IAM users has at most: the
// policy of a group lists a role's ARN in each of them, and ends at 6,144
// characters.
const mostIAM = 100

func (g *generator) tail() {
	source, mfa := "iam", ", mfa: {maxAge: 1h}"
	if g.size.Accounts > mostIAM {
		source, mfa = "identity-center", "" // its sessions never carry MFA keys
	}
	g.printf(`sets:
  foundation: [%s]
exceptions:
  models-elsewhere:
    guardrail: restrict-regions
    principals: [role/platform/DataPlatform]
    accounts: [account-0]
    actions: ["bedrock:InvokeModel*"]
    reason: the model is offered in one Region
    owner: platform@generated.example
    expires: 2030-12-31
%spermissionBoundaries:
  developer: {template: developer-boundary, targets: [Unit-0], required: true}
passwordPolicies:
  default: {preset: cis-aws-foundations, targets: [root, management]}
accessAnalyzer:
  external: {regions: governed}
  unused: {ageDays: 90}
identity:
  source: %s
  account: account-0
  groups:
    auditors: {assume: [{role: Auditor, in: [root]}]}
roles:
  Auditor: {targets: [root], managedPolicies: [SecurityAudit]%s}
  BreakGlass: {targets: [root], breakGlass: true, trust: {users: [management/break-glass-1]}, managedPolicies: [AdministratorAccess]}
tests:
  - {name: trails cannot be stopped, as: role/Auditor, in: root, action: "cloudtrail:StopLogging", expect: deny, by: protect-cloudtrail}
`, strings.Join(foundation, ", "), g.exceptions(), source, mfa)
}

// exceptions are further ones: from guardrails of units for accounts in them,
// and from those of the root by turns.
func (g *generator) exceptions() string {
	var b strings.Builder
	from := []string{"restrict-regions", "protect-cloudtrail", "deny-leave-organization", "data-perimeter-identity"}
	first, n := branching, g.size.Guardrails-len(foundation)
	for i := 1; i < min(g.size.Exceptions, g.size.Accounts); i++ {
		guardrail := from[i%len(from)]
		if i >= first && i < first+n && i < g.size.Units {
			guardrail = strings.TrimSuffix(strings.TrimPrefix(strings.Split(spread[i%len(spread)], ",")[0], "{template: "), "}")
		}
		fmt.Fprintf(&b, "  exception-%d: {guardrail: %s, principals: [role/exempt/Application-%d], accounts: [account-%d], reason: agreed, owner: team-%d@generated.example, expires: 2030-12-31}\n",
			i, guardrail, i%10, i, i)
	}
	return b.String()
}
