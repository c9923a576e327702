package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// OwnCalls are the calls that orgrails itself makes beside the provider: it
// looks at the organization before a deployment, and finds what a run that was
// killed has made. Those of the first row are made in every account, those of
// the second from the management account. A test holds them against the code.
var OwnCalls = []ResourceCalls{
	{
		Type:   "orgrails:account",
		Read:   []string{"access-analyzer:GetAnalyzer", "access-analyzer:GetArchiveRule", "iam:GetGroup", "iam:GetRole", "iam:ListPolicies"},
		Source: "https://github.com/orgrails/orgrails/blob/main/internal/live",
	},
	{
		Type: "orgrails:organization",
		Read: []string{"organizations:DescribeOrganization", "organizations:ListAWSServiceAccessForOrganization", "organizations:ListAccounts",
			"organizations:ListChildren", "organizations:ListCreateAccountStatus", "organizations:ListDelegatedAdministrators",
			"organizations:ListHandshakesForOrganization", "organizations:ListOrganizationalUnitsForParent", "organizations:ListPolicies", "organizations:ListRoots",
			"organizations:ListTargetsForPolicy", "sts:AssumeRole"},
		Source: "https://github.com/orgrails/orgrails/blob/main/internal/live",
	},
}

// A DeployPolicy is an identity policy that allows a deploying principal what
// deploying takes, and nothing else.
type DeployPolicy struct {
	Document policy.Document
	Size     int      // characters, as IAM counts them
	Types    []string // rows of [ResourceTypeCalls] and [OwnCalls] that it is made from, sorted
	Sources  []string // where their calls come from, sorted
	// Widened are kinds of resources that are named by a pattern because their
	// names have no room in a managed policy, sorted.
	Widened []string
}

// DefaultDeployRole is the role of member accounts that is assumed to deploy
// where no file says another.
const DefaultDeployRole = "OrganizationAccountAccessRole"

// DeployPolicies are the least that the principals of a deployment must be
// allowed: the deploy role in member accounts, and whoever runs orgrails in the
// management account. With a plan they allow what deploying, changing and
// removing what is in it takes; without one, the same for everything that there
// is to deploy.
func DeployPolicies(p *guardrails.Plan) (member, management DeployPolicy) {
	return newGrants(p, false).policy(), newGrants(p, true).policy()
}

// A grant is some actions on some resources, under a condition.
type grant struct {
	sid       string
	actions   []string
	resources []string
	condition policy.Conditions
}

// grants collects what one principal is allowed.
type grants struct {
	plan       *guardrails.Plan // nil for everything
	management bool
	partition  string
	names      map[string][]string // ARNs of what has names of ours, by kind
	wide       map[string]bool     // kinds that are named by a pattern
	list       map[string]*grant   // by Sid
	rows       []ResourceCalls
}

func newGrants(p *guardrails.Plan, management bool) *grants {
	g := &grants{plan: p, management: management, partition: "aws", names: map[string][]string{}, wide: map[string]bool{}}
	if p != nil {
		g.partition = p.Organization.Partition
		g.collect()
	}
	return g
}

// Kinds of what is placed into accounts.
const (
	namedRoles        = "roles"
	namedPolicies     = "managed policies"
	namedGroups       = "groups"
	namedAnalyzers    = "analyzers"
	namedArchiveRules = "archive rules"
	passwordPolicies  = "password policies" // which have no name
)

// collect finds the names of what is placed into the accounts of the principal.
func (g *grants) collect() {
	add := func(kind, arn string) {
		if !slices.Contains(g.names[kind], arn) {
			g.names[kind] = append(g.names[kind], arn)
		}
	}
	iam := g.iam()
	for _, b := range g.plan.Baselines {
		if (b.Account == org.ManagementSelector) != g.management {
			continue
		}
		managed := func(m guardrails.ManagedPolicy) { add(namedPolicies, iam+"policy"+m.Path+m.Name) }
		if b.PasswordPolicy != nil {
			add(passwordPolicies, "*")
		}
		for _, m := range b.Boundaries {
			managed(m)
		}
		for _, r := range b.Roles {
			add(namedRoles, iam+"role"+r.Path+r.Name)
			for _, m := range r.Policies {
				managed(m)
			}
		}
		for _, x := range b.Groups {
			add(namedGroups, iam+"group"+x.Path+x.Name)
			managed(x.Policy)
		}
	}
	for _, r := range g.plan.Analyzers {
		if (r.Administrator == org.ManagementSelector) != g.management {
			continue
		}
		for _, x := range r.Analyzers {
			arn := "arn:" + g.partition + ":access-analyzer:" + r.Region + ":" + g.id("account:"+r.Administrator, "*") + ":analyzer/" + x.Name
			add(namedAnalyzers, arn)
			for _, rule := range x.ArchiveRules {
				add(namedArchiveRules, arn+"/archive-rule/"+rule.Name)
			}
		}
	}
}

// id is an id of the plan, or what stands for one that is not known.
func (g *grants) id(ref, unknown string) string {
	if g.plan != nil {
		return cmp.Or(g.plan.IDs[ref], unknown)
	}
	return unknown
}

// iam is what ARNs of IAM begin with: an IAM policy reaches its own account only.
func (g *grants) iam() string { return "arn:" + g.partition + ":iam::*:" }

// of are the ARNs of a kind: those of the plan, or a pattern for all.
func (g *grants) of(kind string) []string {
	if g.plan != nil && !g.wide[kind] {
		return g.names[kind]
	}
	analyzer := "arn:" + g.partition + ":access-analyzer:*:*:analyzer/*"
	switch kind {
	case namedRoles:
		return []string{g.iam() + "role/*"}
	case namedPolicies:
		return []string{g.iam() + "policy/*"}
	case namedGroups:
		return []string{g.iam() + "group/*"}
	case namedAnalyzers:
		return []string{analyzer}
	case namedArchiveRules:
		return []string{analyzer + "/archive-rule/*"}
	}
	panic("proof: no kind of resource is " + kind)
}

// has reports whether something of a kind is deployed.
func (g *grants) has(kind string) bool { return g.plan == nil || len(g.names[kind]) > 0 }

// allow adds actions to the statement of a Sid.
func (g *grants) allow(sid string, resources []string, condition policy.Conditions, actions ...string) {
	if len(resources) == 0 || len(actions) == 0 {
		return
	}
	x := g.list[sid]
	if x == nil {
		x = &grant{sid: sid, resources: resources, condition: condition}
		g.list[sid] = x
	}
	x.actions = append(x.actions, actions...)
}

// row is a row of a table, which is taken note of.
func (g *grants) row(typ string) ResourceCalls {
	r, ok := CallsOf(typ)
	if !ok {
		i := slices.IndexFunc(OwnCalls, func(r ResourceCalls) bool { return r.Type == typ })
		r = OwnCalls[i]
	}
	g.rows = append(g.rows, r)
	return r
}

var everything = []string{"*"}

// gather is what the principal is allowed, from the tables.
func (g *grants) gather() {
	g.list, g.rows = map[string]*grant{}, nil
	if g.management {
		g.organization()
	}
	deploys := false
	if g.has(namedRoles) {
		deploys = true
		for _, a := range slices.Concat(g.row("aws:iam/role:Role").All(), g.row("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive").All()) {
			if a == "iam:RemoveRoleFromInstanceProfile" { // whatever the profile is called
				g.allow("OnInstanceProfiles", []string{g.iam() + "instance-profile/*"}, nil, a)
				continue
			}
			g.allow("OnRoles", g.of(namedRoles), nil, a)
		}
	}
	if g.has(namedPolicies) {
		deploys = true
		g.allow("OnManagedPolicies", g.of(namedPolicies), nil, g.row("aws:iam/policy:Policy").All()...)
	}
	if g.has(namedGroups) {
		deploys = true
		g.allow("OnGroups", g.of(namedGroups), nil, g.row("aws:iam/group:Group").All()...)
		g.allow("OnGroups", g.of(namedGroups), nil, g.row("aws:iam/groupPolicyAttachment:GroupPolicyAttachment").All()...)
	}
	if g.has(passwordPolicies) {
		row := g.row(passwordPolicy)
		row.Delete = nil // password policies stay
		g.allow("OnTheAccount", everything, nil, row.All()...)
	}
	if g.has(namedAnalyzers) {
		deploys = true
		row := g.row("aws:accessanalyzer/analyzer:Analyzer")
		within := row.Within
		row.Within = nil
		g.allow("OnAnalyzers", g.of(namedAnalyzers), nil, row.All()...)
		for _, a := range within {
			if a == "iam:CreateServiceLinkedRole" {
				const service = "access-analyzer.amazonaws.com"
				g.allow("AnalyzersServiceLinkedRole", []string{g.iam() + "role/aws-service-role/" + service + "/AWSServiceRoleForAccessAnalyzer"},
					policy.Conditions{"StringEquals": {"iam:AWSServiceName": {service}}}, a)
				continue
			}
			g.allow("AnalyzersReadTheOrganization", everything, nil, a) // as the page says
		}
		if g.has(namedArchiveRules) {
			g.allow("OnArchiveRules", g.of(namedArchiveRules), nil, g.row("aws:accessanalyzer/archiveRule:ArchiveRule").All()...)
		}
	}
	if deploys {
		own := g.row("orgrails:account") // of which the others are allowed above
		if g.has(namedPolicies) && slices.Contains(own.Read, "iam:ListPolicies") {
			g.allow("OnTheAccount", everything, nil, "iam:ListPolicies")
		}
	}
}

// onOrganization are resource types of AWS Organizations that a row is about.
// What an action of the row takes beside them it does not need.
var onOrganization = map[string][]string{
	"aws:organizations/account:Account":                               {"account"},
	"aws:organizations/delegatedAdministrator:DelegatedAdministrator": {"account"},
	"aws:organizations/organization:Organization":                     {"root"},
	"aws:organizations/organizationalUnit:OrganizationalUnit":         {"organizationalunit", "root"},
	"aws:organizations/policy:Policy":                                 {"policy"},
	"aws:organizations/policyAttachment:PolicyAttachment":             {"account", "organizationalunit", "policy", "root"},
	"orgrails:organization":                                           {"organizationalunit", "policy", "root"},
}

// organization is what is done to AWS Organizations from the management account.
func (g *grants) organization() {
	rows := []string{"aws:organizations/getOrganization:getOrganization", "aws:organizations/organization:Organization"}
	var trusted, delegated []string
	role := DefaultDeployRole
	if p := g.plan; p != nil {
		role = p.Organization.DeployRole
		trusted = p.Organization.TrustedServices
		for _, d := range p.Organization.DelegatedAdministrators {
			delegated = append(delegated, d.ServicePrincipal)
		}
		delegated = sortedOnce(delegated)
	}
	if g.plan == nil || len(g.plan.Accounts) > 0 {
		rows = append(rows, "aws:organizations/account:Account")
		g.allow("AssumeTheDeployRole", []string{g.iam() + "role/" + role}, nil, g.row("aws:index/provider:Provider").All()...)
	}
	if g.plan == nil || len(delegated) > 0 {
		rows = append(rows, "aws:organizations/delegatedAdministrator:DelegatedAdministrator")
	}
	if g.plan == nil || len(g.plan.Units) > 0 {
		rows = append(rows, "aws:organizations/organizationalUnit:OrganizationalUnit")
	}
	if g.plan == nil || len(g.plan.Policies) > 0 {
		rows = append(rows, "aws:organizations/policy:Policy", "aws:organizations/policyAttachment:PolicyAttachment")
	}
	if g.plan == nil || len(g.plan.Organization.CentralizedRootAccess) > 0 {
		g.allow("RootAccess", everything, nil, g.row("aws:iam/organizationsFeatures:OrganizationsFeatures").All()...)
	}
	for _, typ := range append(rows, "orgrails:organization") {
		for _, a := range g.row(typ).All() {
			switch a {
			case "sts:AssumeRole": // said above, where there is an account
			case "organizations:EnableAWSServiceAccess":
				if g.plan == nil || len(trusted) > 0 {
					g.allow("TrustServices", everything, onServices(trusted), a)
				}
			case "organizations:RegisterDelegatedAdministrator", "organizations:DeregisterDelegatedAdministrator":
				_, resources := g.inOrganization(typ, a)
				g.allow("DelegateAdministration", resources, onServices(delegated), a)
			default:
				sid, resources := g.inOrganization(typ, a)
				g.allow(sid, resources, nil, a)
			}
		}
	}
}

// onServices narrows to services, where they are known.
func onServices(list []string) policy.Conditions {
	if len(list) == 0 {
		return nil
	}
	return policy.Conditions{"StringEquals": {"organizations:ServicePrincipal": list}}
}

// inOrganization are the resources of AWS Organizations that an action is
// allowed on, and a name for them: the resource types that it must be given,
// and those that its row is about.
func (g *grants) inOrganization(typ, action string) (sid string, resources []string) {
	info, _ := awsdata.Action(action)
	var types []string
	for _, r := range info.Resources {
		if r.Required || slices.Contains(onOrganization[typ], r.Type) {
			types = append(types, r.Type)
		}
	}
	if len(types) == 0 {
		return "OnTheOrganization", everything
	}
	slices.Sort(types)
	sid = "On"
	base := "arn:" + g.partition + ":organizations::" + g.id("account:"+org.ManagementSelector, "*") + ":"
	id := g.id("organization", "o-*")
	for i, t := range types {
		if i > 0 {
			sid += "And"
		}
		switch t {
		case "account":
			sid, resources = sid+"Accounts", append(resources, base+"account/"+id+"/*")
		case "organizationalunit":
			sid, resources = sid+"Units", append(resources, base+"ou/"+id+"/ou-*")
		case "root":
			sid, resources = sid+"Root", append(resources, base+"root/"+id+"/r-*")
		case "policy":
			sid += "OrganizationPolicies"
			for _, kind := range g.policyTypes() {
				resources = append(resources, base+"policy/"+id+"/"+kind+"/*")
			}
		default:
			panic("proof: no ARN for resource type " + t)
		}
	}
	if len(types) == 4 {
		sid = "OnOrganizationPoliciesAndTargets"
	}
	return sid, resources
}

// policyTypes are the types of policies as ARNs spell them.
func (g *grants) policyTypes() []string {
	if g.plan == nil {
		return everything
	}
	var types []string
	for _, p := range g.plan.Policies {
		types = append(types, strings.ToLower(p.Type))
	}
	return sortedOnce(types)
}

func sortedOnce(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// policy is the document. Where names have no room, the kind that takes most is
// named by a pattern instead.
func (g *grants) policy() DeployPolicy {
	for {
		g.gather()
		d := g.document()
		if d.Size <= awsdata.IAMQuotas.Value.ManagedPolicySize {
			return d
		}
		kind, most := "", 0
		for _, k := range []string{namedRoles, namedPolicies, namedGroups, namedAnalyzers, namedArchiveRules} {
			if n := len(strings.Join(g.names[k], "")); !g.wide[k] && n > most {
				kind, most = k, n
			}
		}
		if kind == "" {
			return d
		}
		g.wide[kind] = true
	}
}

func (g *grants) document() DeployPolicy {
	d := DeployPolicy{Document: policy.Document{Version: policy.Version2012}, Types: []string{}, Sources: []string{}, Widened: slices.Sorted(maps.Keys(g.wide))}
	for _, sid := range slices.Sorted(maps.Keys(g.list)) {
		x := g.list[sid]
		d.Document.Statements = append(d.Document.Statements, policy.Statement{
			Sid: x.sid, Effect: policy.Allow, Action: sortedOnce(x.actions), Resource: sortedOnce(x.resources), Condition: x.condition,
		})
	}
	for _, r := range g.rows {
		d.Types = append(d.Types, r.Type)
		d.Sources = append(d.Sources, strings.Fields(r.Source)...)
	}
	d.Types, d.Sources = sortedOnce(d.Types), sortedOnce(d.Sources)
	d.Size = policy.Size(d.Document.JSON())
	return d
}
