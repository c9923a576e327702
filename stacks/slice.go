package stacks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
)

// A digest covers what a stack deploys, and only that: a line that moved in
// the organization file, or an id that became known, changes no digest.

type organizationSlice struct {
	Organization guardrails.Organization `json:"organization"`
	Units        []guardrails.Unit       `json:"units"`
	Accounts     []guardrails.Account    `json:"accounts"`
}

type accountSlice struct {
	Where    where               `json:"where"`
	Baseline guardrails.Baseline `json:"baseline"`
}

type analyzersSlice struct {
	Where     where                     `json:"where"`
	Analyzers guardrails.AnalyzerRegion `json:"analyzers"`
}

type policiesSlice struct {
	Where        where                   `json:"where"`
	Policies     []guardrails.Policy     `json:"policies"`
	Attachments  []guardrails.Attachment `json:"attachments"`
	NoFullAccess []string                `json:"noFullAccess,omitempty"`
}

// where is what a stack's provider is made from.
type where struct {
	Partition  string `json:"partition"`
	Region     string `json:"region"`
	DeployRole string `json:"deployRole"`
}

func whereOf(p *guardrails.Plan, region string) where {
	return where{Partition: p.Organization.Partition, Region: region, DeployRole: p.Organization.DeployRole}
}

func digest(p *guardrails.Plan, s Stack) string {
	var slice any
	switch s.Kind {
	case OrganizationKind:
		slice = organizationSliceOf(p)
	case AccountKind:
		slice = accountSlice{whereOf(p, p.Organization.HomeRegion), plainBaseline(baselineOf(p, s.Key))}
	case AnalyzersKind:
		slice = analyzersSlice{whereOf(p, s.Key), plainAnalyzers(analyzersOf(p, s.Key))}
	case PoliciesKind:
		slice = policiesSlice{whereOf(p, p.Organization.HomeRegion), plainPolicies(p.Policies), p.Attachments, p.NoFullAccess}
	default:
		panic(fmt.Sprintf("no stack is of kind %q", s.Kind))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(slice); err != nil {
		panic(fmt.Sprintf("encode the slice of stack %s: %v", s.Name, err)) // plain data always encodes
	}
	sum := sha256.Sum256(b.Bytes())
	return "sha256:" + hex.EncodeToString(sum[:])
}

// baselineOf finds a baseline in a plan, whose baselines are sorted by account.
func baselineOf(p *guardrails.Plan, account string) guardrails.Baseline {
	i, ok := slices.BinarySearchFunc(p.Baselines, account, func(b guardrails.Baseline, key string) int {
		return strings.Compare(b.Account, key)
	})
	if !ok {
		return guardrails.Baseline{Account: account}
	}
	return p.Baselines[i]
}

func analyzersOf(p *guardrails.Plan, region string) guardrails.AnalyzerRegion {
	for _, r := range p.Analyzers {
		if r.Region == region {
			return r
		}
	}
	return guardrails.AnalyzerRegion{Region: region, Administrator: Management}
}

func organizationSliceOf(p *guardrails.Plan) organizationSlice {
	o := p.Organization
	o.Regions = nil // of use to templates only
	o.Name = ""     // ours: AWS has no name for an organization
	o.AccountQuota = 0
	o.DelegatedAdministrators = slices.Clone(o.DelegatedAdministrators)
	for i := range o.DelegatedAdministrators {
		o.DelegatedAdministrators[i].Origin = ""
	}
	s := organizationSlice{Organization: o, Units: slices.Clone(p.Units), Accounts: slices.Clone(p.Accounts)}
	for i := range s.Units {
		s.Units[i].Origin = ""
	}
	for i := range s.Accounts {
		s.Accounts[i].Origin = ""
	}
	return s
}

func plainManaged(m guardrails.ManagedPolicy) guardrails.ManagedPolicy {
	m.Statements, m.Size, m.Origin = nil, 0, ""
	return m
}

func plainAll(ms []guardrails.ManagedPolicy) []guardrails.ManagedPolicy {
	ms = slices.Clone(ms)
	for i := range ms {
		ms[i] = plainManaged(ms[i])
	}
	return ms
}

func plainBaseline(b guardrails.Baseline) guardrails.Baseline {
	b.Boundaries = plainAll(b.Boundaries)
	if b.PasswordPolicy != nil {
		pw := *b.PasswordPolicy
		pw.Origin = ""
		b.PasswordPolicy = &pw
	}
	b.Roles = slices.Clone(b.Roles)
	for i := range b.Roles {
		b.Roles[i].Policies = plainAll(b.Roles[i].Policies)
		b.Roles[i].Origin = ""
	}
	b.Groups = slices.Clone(b.Groups)
	for i := range b.Groups {
		b.Groups[i].Policy = plainManaged(b.Groups[i].Policy)
		b.Groups[i].Origin = ""
	}
	return b
}

func plainAnalyzers(r guardrails.AnalyzerRegion) guardrails.AnalyzerRegion {
	r.Analyzers = slices.Clone(r.Analyzers)
	for i := range r.Analyzers {
		a := &r.Analyzers[i]
		a.Origin = ""
		a.ArchiveRules = slices.Clone(a.ArchiveRules)
		for j := range a.ArchiveRules {
			a.ArchiveRules[j].Origin = ""
		}
	}
	return r
}

func plainPolicies(ps []guardrails.Policy) []guardrails.Policy {
	ps = slices.Clone(ps)
	for i := range ps {
		ps[i].Statements, ps[i].Size = nil, 0
	}
	return ps
}
