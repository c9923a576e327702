package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// ReadOptions say what is read and how. The zero value reads everything, in
// the session's Region, and keeps nothing.
type ReadOptions struct {
	// Role is assumed in the other accounts, with its path; "" is
	// OrganizationAccountAccessRole. SessionName is the name of its session.
	Role        string
	SessionName string
	// OrganizationOnly leaves out IAM and the analyzers, and so everything for
	// which another account is entered.
	OrganizationOnly bool
	// AnalyzerAccount has the organization's analyzers; "" is the delegated
	// administrator of IAM Access Analyzer, or else the management account.
	AnalyzerAccount string
	Regions         []string // of the analyzers; none is the session's
	// Keep are names of roles, groups and customer managed policies that are kept
	// in every account where they are, whoever may assume, has or uses them.
	Keep []string

	// Cache is the folder in which answers are kept while they come, so that a
	// read that was ended goes on where it stopped; "" keeps nothing. MaxAge is
	// how old an answer may be to be used again: 0 takes those of a read that
	// did not come to its end, up to an hour old, and below 0 none are taken.
	Cache  string
	MaxAge time.Duration

	Concurrency int            // of each kind of thing, as many are read at the same time; 0 is 32
	Clock       Clock          // nil is the machine's
	Progress    func(Progress) // called for each step, one call at a time
}

func (o ReadOptions) withDefaults(s *Session) ReadOptions {
	o.Role = cmp.Or(o.Role, "OrganizationAccountAccessRole")
	o.SessionName = cmp.Or(o.SessionName, "orgrails-read")
	if len(o.Regions) == 0 {
		o.Regions = []string{s.cfg.Region}
	}
	o.Regions = slices.Compact(slices.Sorted(slices.Values(o.Regions)))
	o.Keep = slices.Compact(slices.Sorted(slices.Values(o.Keep)))
	if o.Concurrency <= 0 {
		o.Concurrency = 32
	}
	if o.Clock == nil {
		o.Clock = wallClock{}
	}
	return o
}

// Read reads the organization that the session's credentials are of. What
// AWS does not let it read is named in the snapshot; an error is about the
// credentials, the network, the cache or the context. Nothing is written to
// AWS: sts:AssumeRole is the only call that is not a read.
func Read(ctx context.Context, s *Session, opts ReadOptions) (*Snapshot, error) {
	opts = opts.withDefaults(s)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &gate{clock: opts.Clock, limits: &limiter{clock: opts.Clock, buckets: map[bucketKey]*bucket{}}}
	r := &reader{
		ctx: ctx, cancel: cancel, opts: opts,
		s:     &Session{cfg: g.attach(s.cfg), endpoint: s.endpoint, members: map[string]*Session{}, skew: s.clock()},
		rooms: map[string]*room{}, stages: map[string]*Progress{},
	}
	if err := r.introduce(); err != nil {
		return nil, fmt.Errorf("read the organization: %w", err)
	}
	if opts.Cache != "" {
		scope := fmt.Sprint(SnapshotVersion, " ", s.endpoint, " ", r.org.ARN, " ", opts.Role)
		var err error
		if r.cache, err = openCache(opts.Cache, r.org.ID, scope, opts.MaxAge, opts.Clock.Now); err != nil {
			return nil, fmt.Errorf("open the folder of what was read: %w", err)
		}
	}
	snap := r.snapshot()
	err := cmp.Or(r.err, ctx.Err())
	if e := r.cache.close(err == nil); err == nil && e != nil {
		err = fmt.Errorf("keep what was read: %w", e)
	}
	if err != nil {
		return nil, fmt.Errorf("read the organization: %w", err)
	}
	return snap, nil
}

// introduce asks who the credentials are of, and of which organization. The
// answers are never kept: they say which others may be used.
func (r *reader) introduce() error {
	at := r.opts.Clock.Now()
	c, o, err := r.s.caller(withCall(r.ctx, ""))
	if err != nil {
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		return err
	}
	a, err := arn.Parse(aws.ToString(o.Arn))
	if err != nil {
		return fmt.Errorf("the organization's ARN %q: %w", aws.ToString(o.Arn), err)
	}
	r.caller = c
	r.org = Organization{ID: c.OrganizationID, ARN: a.String(), Partition: a.Partition, ManagementAccount: c.ManagementAccount, FeatureSet: string(o.FeatureSet)}
	r.heard(at)
	return nil
}

// snapshot reads everything. What does not need each other is read at the
// same time: each operation has a rate of its own, and the slowest of them
// decides how long it takes.
func (r *reader) snapshot() *Snapshot {
	s := &Snapshot{Version: SnapshotVersion, Organization: r.org}
	o := r.s.organizations()
	together(
		func() {
			s.Root = r.root(o)
			together(
				func() { s.Units, s.Accounts = r.tree(o, s.Root, func(a Answer[[]Account]) { s.IAM = r.allIAM(a) }) },
				func() { s.Policies = r.policies(o, s.Root) },
			)
		},
		func() { s.TrustedServices = r.trusted(o) },
		func() {
			s.DelegatedAdministrators = r.delegated(o)
			s.Analyzers = r.allAnalyzers(s.DelegatedAdministrators)
		},
		func() { s.ResourcePolicy = r.delegation(o) },
		func() { s.CentralizedRootAccess = r.rootAccess() },
	)
	s.NotRead = append([]NotRead{}, r.notRead...)
	slices.SortFunc(s.NotRead, func(a, b NotRead) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.API, b.API), strings.Compare(a.What, b.What))
	})
	s.Taken, s.Oldest = r.opts.Clock.Now().UTC().Round(0), r.oldest.UTC().Round(0)
	return s
}

// pageSize is the most that a list of Organizations puts on a page.
const pageSize = 20

// Types are the policy types to ask for: those that the API knows, and those
// that the root has besides.
func policyTypes(root Answer[Root]) []string {
	var types []string
	for _, t := range orgtypes.PolicyType("").Values() {
		types = append(types, string(t))
	}
	if v, ok := root.Get(); ok {
		for _, t := range v.PolicyTypes {
			types = append(types, t.Type)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}
