package automation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/orgrails/orgrails/internal/live"
	"github.com/orgrails/orgrails/stacks"
)

// A Survey is what there is in AWS of what a plan has, before it is adopted.
type Survey struct {
	Stacks []StackSurvey `json:"stacks"` // in the order they are deployed
}

// Count is the number of things with a standing, in all stacks.
func (s *Survey) Count(standing ThingStanding) int {
	n := 0
	for _, st := range s.Stacks {
		n += st.Count(standing)
	}
	return n
}

// A StackSurvey is what there is of one stack.
type StackSurvey struct {
	Stack   stacks.Stack `json:"stack"`
	Things  []Thing      `json:"things"`            // by logical name
	Problem *Problem     `json:"problem,omitempty"` // why the stack cannot be looked at; it is then left out
}

// Count is the number of things with a standing.
func (s StackSurvey) Count(standing ThingStanding) int {
	n := 0
	for _, t := range s.Things {
		if t.Standing == standing {
			n++
		}
	}
	return n
}

// A ThingStanding says where a thing of the plan is.
type ThingStanding string

// The standings.
const (
	ThingFound   ThingStanding = "found"   // in AWS, and not in the state: it is adopted
	ThingManaged ThingStanding = "managed" // in the state
	ThingAbsent  ThingStanding = "absent"  // in neither: up makes it
)

// A Thing is one resource of the plan.
type Thing struct {
	Name     string        `json:"name"` // logical name
	Type     string        `json:"type"` // Pulumi type
	ID       string        `json:"id,omitempty"`
	Standing ThingStanding `json:"standing"`
}

// A surveyor looks up everything that a plan has, by its name or its id.
type surveyor struct {
	*driver
	ids      map[string]string // what is known in AWS, by reference
	detached []string          // targets without FullAWSAccess
	survey   Survey

	mu       sync.Mutex
	refusals []string
}

// agree makes the survey, refuses what cannot be adopted, and asks.
func (d *driver) agree(ctx context.Context) error {
	s := &surveyor{driver: d, ids: maps.Clone(d.plan.IDs)}
	if s.ids == nil {
		s.ids = map[string]string{}
	}
	d.adoption = s
	if err := s.take(ctx); err != nil {
		return problemOf(err)
	}
	if len(s.refusals) > 0 {
		slices.Sort(s.refusals)
		return &Problem{Code: "GR422", Summary: strings.Join(s.refusals, "; "),
			Hint: "nothing was adopted: correct the id or declare the former key with `was:`, or let `orgrails refresh` drop from the state what AWS no longer has"}
	}
	if d.opts.Agree != nil {
		return d.opts.Agree(&s.survey)
	}
	return nil
}

func (s *surveyor) refuse(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = append(s.refusals, fmt.Sprintf(format, args...))
}

// take looks at all stacks. The organization is always looked at: the ids of
// what the others are about are its.
func (s *surveyor) take(ctx context.Context) error {
	list := make([]StackSurvey, len(s.list))
	organization, err := s.organization(ctx)
	if err != nil {
		return err
	}
	slots := make(chan struct{}, max(4, s.opts.Parallel))
	var wg sync.WaitGroup
	for i, st := range s.list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			list[i] = s.stack(ctx, st, organization)
		})
	}
	wg.Wait()
	s.survey.Stacks = list
	return ctx.Err()
}

// stack looks at one stack. One that cannot be read, because its role cannot
// be assumed, stops no other.
func (s *surveyor) stack(ctx context.Context, st stacks.Stack, organization map[string]string) StackSurvey {
	out := StackSurvey{Stack: st, Things: []Thing{}}
	if st.Empty && !s.has(st.Name) {
		return out // the account need not even be reachable
	}
	var found map[string]string
	var err error
	switch st.Kind {
	case stacks.OrganizationKind:
		found = organization
	case stacks.PoliciesKind:
		found, err = s.policies(ctx)
	default:
		if key := stacks.AccountOf(s.plan, st); s.absent[key] != "" {
			out.Problem = s.absentProblem(key, s.absent[key])
			return out
		}
		found, err = s.objects(ctx, st)
	}
	if err == nil {
		out.Things, err = s.compare(ctx, st, found)
	}
	if err != nil {
		out.Problem = problemOf(err)
	}
	return out
}

// organization finds the organization, its units, accounts and delegated
// administrators, by logical name.
func (s *surveyor) organization(ctx context.Context) (map[string]string, error) {
	caller, err := s.live.Preflight(ctx, s.plan)
	if err != nil {
		return nil, err
	}
	root, err := s.live.Root(ctx)
	if err != nil {
		return nil, err
	}
	s.ids["organization"], s.ids["root"], s.ids["account:"+stacks.Management] = caller.OrganizationID, root, caller.ManagementAccount
	found := map[string]string{}
	if err := s.units(ctx, root, found); err != nil {
		return nil, err
	}
	accounts, err := s.live.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	s.accounts(accounts, found)
	for _, a := range s.plan.Organization.DelegatedAdministrators {
		if s.absent[a.Account] != "" {
			continue
		}
		id, err := s.live.Existing(ctx, live.Object{Type: "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
			Inputs: map[string]any{"accountId": s.ids["account:"+a.Account], "servicePrincipal": a.ServicePrincipal}})
		if err != nil {
			return nil, err
		}
		add(found, stacks.AdministratorName(a), id)
	}
	for name, identity := range stacks.LogicalNames(s.plan, stacks.Stack{Kind: stacks.OrganizationKind}) {
		switch {
		case strings.HasSuffix(identity.Type, ":Organization"):
			found[name] = caller.OrganizationID
		case strings.HasSuffix(identity.Type, ":OrganizationsFeatures"):
			id, err := s.live.Existing(ctx, live.Object{Type: identity.Type})
			if err != nil {
				return nil, err
			}
			add(found, name, id)
		}
	}
	return found, nil
}

func add(found map[string]string, name, id string) {
	if id != "" {
		found[name] = id
	}
}

// units finds the units by their names from the root down, present or former,
// or by their ids.
func (s *surveyor) units(ctx context.Context, root string, found map[string]string) error {
	below := map[string]map[string]string{} // ids by name, by parent
	at := map[string]string{"root": root}
	for _, u := range s.plan.Units { // sorted by path: parents come first
		parent := at[u.Parent]
		if parent == "" {
			if id := s.plan.IDs["unit:"+u.Path]; id != "" {
				s.refuse("the file says that unit %s is %s, and AWS has no unit %s for it to be in", u.Path, id, u.Parent)
			}
			continue
		}
		if below[parent] == nil {
			ids, err := s.live.Units(ctx, parent)
			if err != nil {
				return err
			}
			below[parent] = ids
		}
		id := below[parent][u.Name]
		for _, was := range u.Was { // AWS may still have its former name
			if id == "" {
				id = below[parent][was[strings.LastIndexByte(was, '/')+1:]]
			}
		}
		if want := s.plan.IDs["unit:"+u.Path]; want != "" && want != id {
			if !slices.Contains(slices.Collect(maps.Values(below[parent])), want) {
				s.refuse("the file says that unit %s is %s, and AWS has no such unit in %s (%s)", u.Path, want, u.Parent, parent)
				continue
			}
			id = want
		}
		if id != "" {
			at[u.Path], s.ids["unit:"+u.Path] = id, id
			found[stacks.UnitName(u.Path)] = id
		}
	}
	return nil
}

// accounts finds the accounts by their ids, or by their e-mails, each of which
// belongs to one account.
func (s *surveyor) accounts(all map[string]live.Standing, found map[string]string) {
	byEmail := map[string]live.Standing{}
	for _, a := range all {
		byEmail[a.Email] = a
	}
	for _, a := range s.plan.Accounts {
		id := s.plan.IDs["account:"+a.Key]
		there, ok := all[id]
		if id == "" {
			there, ok = byEmail[strings.ToLower(a.Email)]
		}
		if s.absent[a.Key] != "" { // said of its stack
			if id := cmp.Or(id, there.ID); id != "" {
				s.ids["account:"+a.Key] = id
			}
			continue
		}
		if !ok {
			continue
		}
		s.ids["account:"+a.Key] = there.ID
		found[stacks.AccountName(a.Key)] = there.ID
	}
}

// policies finds the policies by type and name, present or former, and where
// they are attached.
func (s *surveyor) policies(ctx context.Context) (map[string]string, error) {
	types := map[string]map[string]string{}
	found := map[string]string{}
	made := map[string]string{}
	for _, p := range s.plan.Policies {
		if types[p.Type] == nil {
			ids, err := s.live.Policies(ctx, p.Type)
			if err != nil {
				return nil, err
			}
			types[p.Type] = ids
		}
		for _, name := range append([]string{p.Name}, p.Was...) {
			if id := types[p.Type][name]; id != "" {
				made[p.Name] = id
				found[stacks.PolicyName(p.Name)] = id
				break
			}
		}
	}
	targets := map[string]map[string]bool{}
	for _, a := range s.plan.Attachments {
		policy, target := made[a.Policy], s.ids[a.Target]
		if policy == "" || target == "" {
			continue
		}
		if targets[policy] == nil {
			ids, err := s.live.Targets(ctx, policy)
			if err != nil {
				return nil, err
			}
			targets[policy] = ids
		}
		if targets[policy][target] {
			found[stacks.AttachmentName(a)] = target + ":" + policy
		}
	}
	if len(s.plan.NoFullAccess) == 0 {
		return found, nil
	}
	full, err := s.live.Targets(ctx, "p-FullAWSAccess")
	if err != nil {
		return nil, err
	}
	for _, target := range s.plan.NoFullAccess {
		if id := s.ids[target]; id != "" && !full[id] {
			s.detached = append(s.detached, target)
		}
	}
	return found, nil
}

// objects finds what is in an account, or of a region's analyzers.
func (s *surveyor) objects(ctx context.Context, st stacks.Stack) (map[string]string, error) {
	session, err := s.in(ctx, st)
	if err != nil || session == nil {
		return nil, err
	}
	names := stacks.LogicalNames(s.plan, st)
	found := map[string]string{}
	sorted := slices.SortedFunc(maps.Keys(names), func(a, b string) int { // attachments after what they attach
		return compare(attaches(names[a].Type), attaches(names[b].Type), a, b)
	})
	for _, name := range sorted {
		o := live.Object{Type: names[name].Type, Inputs: names[name].By}
		if strings.HasSuffix(o.Type, ":GroupPolicyAttachment") {
			o.Inputs = map[string]any{"group": o.Inputs["group"], "policyArn": found[stacks.GroupPolicyOf(name)]}
		}
		id, err := session.Existing(ctx, o)
		if err != nil {
			return nil, err
		}
		add(found, name, id)
	}
	return found, nil
}

func attaches(typ string) string {
	if strings.HasSuffix(typ, "Attachment") {
		return "1"
	}
	return "0"
}

// in is a session in the account and region of a stack; nil for an account
// that does not exist yet.
func (s *surveyor) in(ctx context.Context, st stacks.Stack) (*live.Session, error) {
	region := s.plan.Organization.HomeRegion
	if st.Kind == stacks.AnalyzersKind {
		region = st.Key
	}
	account := stacks.AccountOf(s.plan, st)
	if account == stacks.Management {
		return s.live.In(region), nil
	}
	id := s.ids["account:"+account]
	if id == "" {
		return nil, nil
	}
	return s.live.Assume(ctx, live.Member{Key: account, ID: id, RoleARN: stacks.DeployRoleARN(s.plan, id), Session: stacks.SessionName, Region: region})
}

// compare puts what was found beside what the state has.
func (s *surveyor) compare(ctx context.Context, st stacks.Stack, found map[string]string) ([]Thing, error) {
	dep, err := s.unlocked(ctx, st)
	if err != nil {
		return nil, err
	}
	if len(dep.Pending) > 0 || s.died(ctx, s.readMark(st.Name)) {
		return nil, &Problem{Code: "GR423", Summary: "a run of up died while it deployed stack " + st.Name + ", and what it was doing is not settled",
			Hint: "run `orgrails up`, which puts that right, and adopt after it"}
	}
	held, names := map[string]string{}, map[string]string{} // ids by name, names by type and id
	for _, r := range dep.Resources {
		if r.Custom && !strings.HasPrefix(string(r.Type), "pulumi:") && !r.Delete {
			held[r.URN.Name()] = string(r.ID)
			names[string(r.Type)+" "+string(r.ID)] = r.URN.Name()
		}
	}
	was := s.formerNames()
	things := []Thing{}
	planned := stacks.LogicalNames(s.plan, st)
	for key := range s.absent {
		delete(planned, stacks.AccountName(key))
	}
	for _, a := range s.plan.Organization.DelegatedAdministrators {
		if s.absent[a.Account] != "" {
			delete(planned, stacks.AdministratorName(a))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		t := Thing{Name: name, Type: planned[name].Type, ID: found[name]}
		id, has := held[name]
		other := names[t.Type+" "+t.ID]
		switch {
		case has && t.ID != "" && t.ID != id && !ownID(t.Type):
			s.refuse("the state of stack %s has %s as %s, and AWS has %s under its name", st.Name, name, id, t.ID)
		case has:
			t.ID, t.Standing = id, ThingManaged
		case t.ID == "":
			t.Standing = ThingAbsent
		case other == "" || ownID(t.Type):
			t.Standing = ThingFound
		case slices.Contains(was[name], other) || strings.HasSuffix(t.Type, ":PolicyAttachment"):
			t.Standing = ThingManaged // under its former name
		default:
			s.refuse("the state of stack %s has %s as %s, and the file calls it %s", st.Name, t.ID, other, name)
		}
		things = append(things, t)
	}
	return things, nil
}

// ownID says that the state knows a type by an id of the provider's making, or
// by the one it always has.
func ownID(typ string) bool {
	for _, t := range []string{":GroupPolicyAttachment", ":RolePolicyAttachmentsExclusive", ":AccountPasswordPolicy", ":OrganizationsFeatures"} {
		if strings.HasSuffix(typ, t) {
			return true
		}
	}
	return false
}

// formerNames are the logical names that `was:` declares, by present one.
func (s *surveyor) formerNames() map[string][]string {
	was := map[string][]string{}
	for _, u := range s.plan.Units {
		for _, w := range u.Was {
			was[stacks.UnitName(u.Path)] = append(was[stacks.UnitName(u.Path)], stacks.UnitName(w))
		}
	}
	for _, p := range s.plan.Policies {
		for _, w := range p.Was {
			was[stacks.PolicyName(p.Name)] = append(was[stacks.PolicyName(p.Name)], stacks.PolicyName(w))
		}
	}
	return was
}

// of is what was found of a stack.
func (s *surveyor) of(stack string) StackSurvey {
	for _, st := range s.survey.Stacks {
		if st.Stack.Name == stack {
			return st
		}
	}
	return StackSurvey{}
}
