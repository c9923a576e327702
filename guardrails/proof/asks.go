package proof

import (
	"regexp"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/trial"
)

// An ask is one request in one account, with what is lost when it is refused.
type ask struct {
	id, loses, source string
	level             Level
	who, region       string
	origin            string // of a request of the file; ""
	question          trial.Question
}

// asker makes the requests of accounts of one plan.
type asker struct {
	plan      *guardrails.Plan
	required  []Required
	bases     map[string]*guardrails.Baseline
	analyzers map[string][]guardrails.AnalyzerRegion // by administrator
	regions   []string                               // home, then the other governed ones
	ids       map[string]string
	partition awsdata.Partition
	tags      []string            // condition keys of tags in a request that some policy names, and aws:TagKeys
	needs     map[string][]string // boundaries that a policy requires, by account
	own       []map[string]bool   // accounts in which each of the plan's own requests is asked
}

var requestTag = regexp.MustCompile(`(?i)aws:RequestTag/[^"}]+`)

func newAsker(p *guardrails.Plan, required []Required, ids map[string]string) *asker {
	a := &asker{plan: p, required: required, bases: map[string]*guardrails.Baseline{}, analyzers: map[string][]guardrails.AnalyzerRegion{}, ids: ids}
	for i := range p.Baselines {
		a.bases[p.Baselines[i].Account] = &p.Baselines[i]
	}
	for _, r := range p.Analyzers {
		a.analyzers[r.Administrator] = append(a.analyzers[r.Administrator], r)
	}
	a.regions = append([]string{p.Organization.HomeRegion}, slices.DeleteFunc(slices.Clone(p.Organization.Regions), func(r string) bool {
		return r == p.Organization.HomeRegion
	})...)
	a.partition = awsdata.Partition{Name: p.Organization.Partition, DNSSuffix: "amazonaws.com"}
	for _, x := range awsdata.Partitions.Value {
		if x.Name == p.Organization.Partition {
			a.partition = x
		}
	}
	a.tags = []string{"aws:TagKeys"}
	for _, pol := range p.Policies {
		a.tags = append(a.tags, requestTag.FindAllString(string(pol.Content), -1)...)
	}
	for _, f := range p.Elsewhere {
		a.tags = append(a.tags, requestTag.FindAllString(string(f.Content), -1)...)
	}
	slices.SortFunc(a.tags, func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) })
	a.tags = slices.CompactFunc(a.tags, strings.EqualFold)
	a.needs = map[string][]string{}
	for _, pol := range p.Policies {
		if pol.Pending == nil {
			continue
		}
		for _, n := range pol.Pending.Needs {
			if !slices.Contains(a.needs[n.Account], n.Policy) {
				a.needs[n.Account] = append(a.needs[n.Account], n.Policy)
			}
		}
	}
	parents := map[string]string{}
	for _, u := range p.Units {
		parents[u.Path] = u.Parent
	}
	for i := range p.MustWork {
		in := map[string]bool{}
		for _, x := range p.Accounts {
			for at, ref := x.Parent, "account:"+x.Key; ref != ""; {
				if in[x.Key] = slices.Contains(p.MustWork[i].In, ref); in[x.Key] {
					break
				}
				switch at {
				case "":
					ref = ""
				case org.RootSelector:
					ref, at = org.RootSelector, ""
				default:
					ref, at = "unit:"+at, parents[at]
				}
			}
		}
		a.own = append(a.own, in)
	}
	return a
}

var digits = regexp.MustCompile(`\d{12}`)

// shape is the same text for accounts of which the same is asked, but for the
// account's own id.
func (a *asker) shape(account string) string {
	var b strings.Builder
	own := strings.NewReplacer(string(guardrails.Ref("account:"+account)), "{self}")
	text := func(t guardrails.Text) {
		s := own.Replace(string(t))
		b.WriteString(s + "\x01")
		if digits.MatchString(s) || strings.Contains(strings.ToLower(s), "orgpaths") {
			b.WriteString("only " + account) // it may tell this account from others
		}
	}
	if base := a.bases[account]; base != nil {
		for _, m := range base.Boundaries {
			b.WriteString("b" + m.Path + m.Name)
			for _, r := range base.Roles {
				if (r.BreakGlass || r.Name == a.plan.Organization.DeployRole) && strings.HasSuffix(string(r.Boundary), "/"+m.Name) {
					text(m.Document)
				}
			}
		}
		if base.PasswordPolicy != nil {
			b.WriteString("p")
		}
		for _, r := range base.Roles {
			b.WriteString("r" + r.Path + r.Name + own.Replace(string(r.Boundary)))
			for _, t := range r.ManagedPolicies {
				b.WriteString("m" + own.Replace(string(t)))
			}
			for _, m := range r.Policies {
				b.WriteString("c" + m.Path + m.Name)
				if r.BreakGlass || r.Name == a.plan.Organization.DeployRole {
					text(m.Document)
				}
			}
		}
		for _, g := range base.Groups {
			b.WriteString("g" + g.Path + g.Name + g.Policy.Path + g.Policy.Name)
		}
	}
	if len(a.analyzers[account]) > 0 {
		b.WriteString("a" + account)
	}
	for _, name := range a.needs[account] {
		b.WriteString("n" + name)
	}
	for i := range a.own {
		if a.own[i][account] {
			b.WriteString("o" + a.plan.MustWork[i].Key)
		}
	}
	return b.String()
}

// all are the requests of an account: those of deploying to it, and those that
// must work everywhere.
func (a *asker) all(account string) []ask {
	list := a.deployment(account)
	for i := range a.required {
		list = a.must(list, &a.required[i], account)
	}
	for _, name := range a.needs[account] {
		arn := "arn:" + a.partition.Name + ":iam::" + a.ids["account:"+account] + ":"
		at := awsdata.RegionOf(a.partition.Name, a.plan.Organization.HomeRegion, "iam:CreateRole")
		x := ask{id: "role-with-boundary", loses: "nobody can make a role with the boundary " + name + ", without which none may be made",
			source: pageBoundary, level: Should, who: "role/application", region: at}
		x.question = a.question(x.who, account, "iam:CreateRole", arn+"role/new", at)
		x.question.Context["iam:PermissionsBoundary"] = []string{arn + "policy/" + name}
		for _, key := range a.tags { // whoever makes one may tag it as they must
			delete(x.question.Context, key)
		}
		list = append(list, x)
	}
	for i := range a.own {
		if a.own[i][account] {
			list = append(list, a.ownAsk(&a.plan.MustWork[i], account))
		}
	}
	return list
}

// ownAsk is a request of the plan's own, in the home region unless it says another.
func (a *asker) ownAsk(m *guardrails.MustWork, account string) ask {
	region := a.plan.Organization.HomeRegion
	for _, c := range m.Context {
		if strings.EqualFold(c.Key, "aws:RequestedRegion") && len(c.Values) == 1 {
			region = c.Values[0]
		}
	}
	region = awsdata.RegionOf(a.partition.Name, region, m.Action)
	self := strings.NewReplacer("{account}", a.ids["account:"+account])
	x := ask{id: m.Key, loses: m.Loses, source: m.Source, level: Level(m.Level), who: m.As, region: region, origin: m.Origin}
	x.question = a.question(m.As, account, m.Action, self.Replace(m.Resource), region)
	for _, c := range m.Context {
		for given := range x.question.Context {
			if strings.EqualFold(given, c.Key) {
				delete(x.question.Context, given)
			}
		}
		x.question.Context[c.Key] = nil
		for _, v := range c.Values {
			x.question.Context[c.Key] = append(x.question.Context[c.Key], self.Replace(v))
		}
	}
	return x
}

// fill puts what is known into the placeholders of a text.
func (a *asker) fill(account, region string) *strings.Replacer {
	global := a.partition.GlobalRegion
	if global == "" {
		global = region
	}
	return strings.NewReplacer("{account}", a.ids["account:"+account], "{management}", a.ids["account:"+org.ManagementSelector],
		"{organization}", a.ids["organization"], "{partition}", a.partition.Name, "{region}", region, "{global}", global,
		"{suffix}", "amazonaws.com", "{role}", a.plan.Organization.DeployRole) // service principals end in amazonaws.com in every partition
}

// must adds the requests that one of those that must work comes to.
func (a *asker) must(list []ask, r *Required, account string) []ask {
	o := &a.plan.Organization
	switch kind, what, _ := strings.Cut(r.If, ":"); {
	case kind == "beside" && !slices.Contains(a.plan.Beside, what), kind == "root" && !slices.Contains(o.CentralizedRootAccess, what),
		kind == "analyzers" && len(a.analyzers[account]) == 0, kind == "not-deploy" && r.Who == "role/"+o.DeployRole:
		return list
	}
	whos := []string{r.Who}
	if r.Who == "break-glass" {
		whos = nil
		if base := a.bases[account]; base != nil {
			for _, x := range base.Roles {
				if x.BreakGlass {
					whos = append(whos, "role"+x.Path+x.Name)
				}
			}
		}
	}
	for _, who := range whos {
		done := map[string]bool{}
		for _, region := range a.regions {
			at := awsdata.RegionOf(a.partition.Name, region, r.Action)
			fill := a.fill(account, region)
			x := ask{id: r.ID, loses: r.Loses, source: r.Source, level: r.Level, who: who, region: at}
			x.question = a.question(fill.Replace(who), account, r.Action, fill.Replace(r.Resource), at)
			for key, value := range r.Context {
				x.question.Context[key] = nil
				if value != "" {
					x.question.Context[key] = []string{fill.Replace(value)}
				}
				if key == "aws:RequestedRegion" {
					x.region = fill.Replace(value)
				}
			}
			if !done[x.region] {
				done[x.region] = true
				list = append(list, x)
			}
		}
	}
	return list
}

// keysOfCallers are condition keys that follow from who asks: a service has
// none of the first, and whoever is no service none of the second.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var (
	keysOfPrincipals = []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalType",
		"aws:userid", "aws:username", "aws:AssumedRoot", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"}
	keysOfServices = []string{"aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:SourceArn", "aws:SourceAccount",
		"aws:SourceOrgID", "aws:SourceOrgPaths"}
	keysOfViaService = []string{"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"}
	// keysOfWorkloads are of credentials that an instance, a function or a chat
	// was given: none of those who must work is one.
	keysOfWorkloads = []string{"ec2:RoleDelivery", "ec2:SourceInstanceArn", "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4",
		"lambda:SourceFunctionArn", "aws:ChatbotSourceArn"}
)

// question is a request with what is certain of it. who is as in [Required].
func (a *asker) question(who, account, action, resource, region string) trial.Question {
	q := trial.Question{As: who, Account: account, Action: action, Resource: resource, Owner: a.ids["account:"+account],
		Context: map[string][]string{"aws:RequestedRegion": {region}}, UnknownIf: true, Carried: true}
	missing := func(keys ...string) {
		for _, key := range keys {
			q.Context[key] = nil
		}
	}
	missing(keysOfViaService...)
	missing(keysOfWorkloads...)
	missing(a.tags...) // nobody tags anything in these requests
	switch {
	case who == "management":
		q.As = "arn:" + a.partition.Name + ":iam::" + a.ids["account:"+org.ManagementSelector] + ":role/unknown"
		q.Unknown = []string{"aws:PrincipalArn"}
		missing(keysOfServices...)
	case strings.Contains(who, "-provider/"):
		q.Unknown = []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalType"}
		missing(keysOfServices...)
	case isService(who):
		missing(keysOfPrincipals...)
		missing("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID")
		q.Context["aws:PrincipalServiceName"] = []string{who}
		q.Context["aws:ViaAWSService"] = []string{"false"}
	default:
		missing(keysOfServices...)
		if who != "root" {
			missing("aws:AssumedRoot")
		}
	}
	return q
}

func isService(who string) bool {
	return !strings.HasPrefix(who, "arn:") && !strings.Contains(who, "/") && strings.Contains(who, ".amazonaws.")
}

// deployment are the calls that deploying, changing and removing what the plan
// places into a member account makes, by the deploy role. What is placed into
// the management account, and what is written to AWS Organizations from there,
// no policy of the organization reaches. Password policies are retained.
func (a *asker) deployment(account string) []ask {
	var list []ask
	home := a.plan.Organization.HomeRegion
	iam := "arn:" + a.partition.Name + ":iam::" + a.ids["account:"+account] + ":"
	add := func(typ, region, name string, resource func(action string) string, known func(action string) map[string]string) {
		row, ok := CallsOf(typ)
		if !ok {
			panic("proof: no calls of " + typ) // a test of package stacks goes through all types
		}
		verbs := []struct {
			verb    string
			actions []string
		}{{"create", row.Create}, {"read", row.Read}, {"change", row.Update}, {"remove", row.Delete}, {"create", row.Within}}
		if typ == passwordPolicy {
			verbs[3].actions = nil
		}
		seen := map[string]bool{}
		for _, v := range verbs {
			for _, action := range v.actions {
				if seen[action] {
					continue
				}
				seen[action] = true
				at := awsdata.RegionOf(a.partition.Name, region, action)
				x := ask{id: "deploy-" + action, loses: "orgrails cannot " + v.verb + " " + name, source: row.Source, level: Must, who: "deploy", region: at}
				x.question = a.question("role/"+a.plan.Organization.DeployRole, account, action, resource(action), at)
				for key, value := range known(action) {
					x.question.Context[key] = nil
					if value != "" {
						x.question.Context[key] = []string{value}
					}
				}
				if slices.Contains(row.Within, action) {
					for _, key := range keysOfViaService {
						delete(x.question.Context, key)
					}
					x.question.Unknown = append(x.question.Unknown, "aws:ViaAWSService")
				}
				list = append(list, x)
			}
		}
	}
	always := func(arn string) func(string) string { return func(string) string { return arn } }
	nothing := func(string) map[string]string { return nil }
	managed := func(m guardrails.ManagedPolicy) {
		add("aws:iam/policy:Policy", home, "policy "+m.Name, always(iam+"policy"+m.Path+m.Name), nothing)
	}
	if base := a.bases[account]; base != nil {
		for _, m := range base.Boundaries {
			managed(m)
		}
		if base.PasswordPolicy != nil {
			add(passwordPolicy, home, "the password policy", always("*"), nothing)
		}
		for _, r := range base.Roles {
			arn := iam + "role" + r.Path + r.Name
			boundary, _ := r.Boundary.Fill(a.ids)
			on := func(action string) string {
				if action == "iam:RemoveRoleFromInstanceProfile" {
					return iam + "instance-profile/" + r.Name
				}
				return arn
			}
			add("aws:iam/role:Role", home, "role "+r.Name, on, func(string) map[string]string {
				return map[string]string{"iam:PermissionsBoundary": boundary}
			})
			attached := make([]string, 0, len(r.ManagedPolicies)+len(r.Policies))
			for _, t := range r.ManagedPolicies {
				text, _ := t.Fill(a.ids)
				attached = append(attached, text)
			}
			for _, m := range r.Policies {
				managed(m)
				attached = append(attached, iam+"policy"+m.Path+m.Name)
			}
			for _, policy := range attached {
				add("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", home, "the policies of role "+r.Name, always(arn),
					func(string) map[string]string {
						return map[string]string{"iam:PermissionsBoundary": boundary, "iam:PolicyARN": policy}
					})
			}
		}
		for _, g := range base.Groups {
			arn := iam + "group" + g.Path + g.Name
			add("aws:iam/group:Group", home, "group "+g.Name, always(arn), nothing)
			managed(g.Policy)
			add("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", home, "the policy of group "+g.Name, always(arn), func(string) map[string]string {
				return map[string]string{"iam:PolicyARN": iam + "policy" + g.Policy.Path + g.Policy.Name}
			})
		}
	}
	for _, r := range a.analyzers[account] {
		for _, x := range r.Analyzers {
			arn := "arn:" + a.partition.Name + ":access-analyzer:" + r.Region + ":" + a.ids["account:"+account] + ":analyzer/" + x.Name
			add("aws:accessanalyzer/analyzer:Analyzer", r.Region, "analyzer "+x.Name+" in "+r.Region, func(action string) string {
				switch {
				case action == "iam:CreateServiceLinkedRole":
					return iam + "role/aws-service-role/access-analyzer.amazonaws.com/AWSServiceRoleForAccessAnalyzer"
				case strings.HasPrefix(action, "organizations:"):
					return "*"
				}
				return arn
			}, func(action string) map[string]string {
				if action == "iam:CreateServiceLinkedRole" {
					return map[string]string{"iam:AWSServiceName": "access-analyzer.amazonaws.com"}
				}
				return nil
			})
			for _, rule := range x.ArchiveRules {
				add("aws:accessanalyzer/archiveRule:ArchiveRule", r.Region, "archive rule "+rule.Name+" of analyzer "+x.Name+" in "+r.Region, always(arn+"/archive-rule/"+rule.Name), nothing)
			}
		}
	}
	return list
}

const passwordPolicy = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
