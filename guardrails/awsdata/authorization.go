package awsdata

import (
	_ "embed"
	"slices"
	"sync"
)

//go:generate go run ../../internal/gen/cmd/authorization -o authorization.dat

// authorizationFile is what internal/gen/authorization made of AWS's Service
// Authorization Reference: see [DecodeAuthorization] for its format, and its
// first lines for where it comes from.
//
//go:embed authorization.dat
var authorizationFile []byte

// ServiceAuthorization is the Service Authorization Reference: every service,
// its actions, resource types and condition keys. It is decoded at the first
// call. Nobody may change what it holds; the functions of this file answer the
// common questions.
//
// It says what AWS had documented on the day it was read. An action that is
// not in it may be newer: see [NewerThanTheReference].
var ServiceAuthorization = sync.OnceValue(func() Datum[*Authorization] {
	a, err := DecodeAuthorization(authorizationFile)
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	return Datum[*Authorization]{Value: a, Source: a.Source, Read: a.Read}
})

// An Authorization is a Service Authorization Reference.
type Authorization struct {
	Source  string         // pages it was read from, separated by a space
	Version string         // of the package it was read from
	Read    string         // the day of that version
	Licence string         // notice that goes with every copy
	Global  []ConditionKey // keys that do not depend on the action, sorted
	// Services sorted by prefix.
	Services []Service
}

// A Service is what stands before the colon of its actions.
type Service struct {
	Prefix    string         // s3
	Name      string         // Amazon S3
	Keys      []ConditionKey // that its actions and resource types carry, sorted
	Resources []ResourceType // sorted by name
	Actions   []ActionInfo   // sorted by name
}

// A ResourceType is a kind of resource that actions take.
type ResourceType struct {
	Name string   // bucket
	ARNs []string // arn:${Partition}:s3:::${BucketName}; few have two
	Keys []string // condition keys that a request on such a resource carries, sorted
}

// An ActionInfo is what is known of one action.
type ActionInfo struct {
	Name  string // s3:PutBucketAcl, as AWS spells it
	Level AccessLevel
	// Resources are the types that the action takes; with none, policies name
	// it on the resource "*".
	Resources []ActionResource
	Keys      []string // condition keys of its own, whichever the resource, sorted
}

// An ActionResource is a resource type that an action takes.
type ActionResource struct {
	Type     string
	Required bool     // every request names one
	Keys     []string // condition keys of the action on this type, beside the type's own
}

// An AccessLevel says what an action does, by AWS's own classification. An
// action has one: one of Permissions management or Tagging is not a Write.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
type AccessLevel string

// The access levels.
const (
	List                  AccessLevel = "List"
	Read                  AccessLevel = "Read"
	Write                 AccessLevel = "Write"
	PermissionsManagement AccessLevel = "Permissions management"
	Tagging               AccessLevel = "Tagging"
)

// AccessLevels lists the access levels in AWS's order.
func AccessLevels() []AccessLevel {
	return []AccessLevel{List, Read, Write, PermissionsManagement, Tagging}
}

// A ConditionKey is a key of a request's context. ${…} in its name stands for
// what the request brings, as in aws:RequestTag/${TagKey}.
type ConditionKey struct {
	Name string
	Type string // String, ArrayOfString, ARN, ArrayOfARN, Bool, ArrayOfBool, Numeric, Date, IPAddress
}

// LookupService is the service of a prefix, in upper or lower case.
func LookupService(prefix string) (Service, bool) {
	all := ServiceAuthorization().Value.Services
	i, ok := slices.BinarySearchFunc(all, prefix, func(s Service, p string) int { return compareFold(s.Prefix, p) })
	if !ok {
		return Service{}, false
	}
	return all[i], true
}

// ServiceKnown reports whether actions have the prefix.
func ServiceKnown(prefix string) bool {
	_, ok := LookupService(prefix)
	return ok
}

// ServicePrefixes lists the prefixes of all services, sorted.
func ServicePrefixes() []string {
	all := ServiceAuthorization().Value.Services
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].Prefix
	}
	return out
}

// Actions lists the actions of a service, sorted; none when it is unknown.
func Actions(service string) []ActionInfo {
	s, _ := LookupService(service)
	return slices.Clone(s.Actions)
}

// Action is the action of a name such as s3:PutBucketAcl. Upper and lower case
// count alike, as they do for AWS.
func Action(name string) (ActionInfo, bool) {
	prefix, _, ok := cut(name)
	if !ok {
		return ActionInfo{}, false
	}
	s, _ := LookupService(prefix)
	i, ok := slices.BinarySearchFunc(s.Actions, name, func(a ActionInfo, n string) int { return compareFold(a.Name, n) })
	if !ok {
		return ActionInfo{}, false
	}
	return s.Actions[i], true
}

// MatchActions lists the actions that a pattern of a policy matches, sorted:
// s3:Get*, or * for all of them. Where a service is not known there is nothing
// to match.
func MatchActions(pattern string) []ActionInfo {
	var out []ActionInfo
	services := ServiceAuthorization().Value.Services
	if prefix, _, ok := cut(pattern); ok && !hasWildcard(prefix) {
		s, found := LookupService(prefix)
		if !found {
			return nil
		}
		services = []Service{s}
	}
	for _, s := range services {
		for _, a := range s.Actions {
			if matches(pattern, a.Name) {
				out = append(out, a)
			}
		}
	}
	return out
}

// ConditionKeys are all condition keys that requests of the action carry beside
// the global ones: its own and those of its resource types, sorted.
func (a ActionInfo) ConditionKeys() []string {
	keys := slices.Clone(a.Keys)
	prefix, _, _ := cut(a.Name)
	s, _ := LookupService(prefix)
	for _, r := range a.Resources {
		keys = append(keys, r.Keys...)
		if t, ok := s.Resource(r.Type); ok {
			keys = append(keys, t.Keys...)
		}
	}
	slices.SortFunc(keys, compareFold)
	return slices.Compact(keys)
}

// Carries reports whether requests of the action carry a condition key such as
// s3:x-amz-acl or aws:RequestTag/CostCenter, on one of its resource types at
// least. Every action carries the global keys.
func (a ActionInfo) Carries(key string) bool {
	if GlobalConditionKey(key) || a.Name == "sts:AssumeRoleWithWebIdentity" && isClaim(key) {
		return true
	}
	is := func(documented string) bool { return isKey(documented, key) }
	if slices.ContainsFunc(a.Keys, is) {
		return true
	}
	prefix, _, _ := cut(a.Name)
	s, _ := LookupService(prefix)
	return slices.ContainsFunc(a.Resources, func(r ActionResource) bool {
		t, _ := s.Resource(r.Type)
		return slices.ContainsFunc(r.Keys, is) || slices.ContainsFunc(t.Keys, is)
	})
}

// Resource is the service's resource type of a name.
func (s Service) Resource(name string) (ResourceType, bool) {
	i, ok := slices.BinarySearchFunc(s.Resources, name, func(r ResourceType, n string) int { return compareFold(r.Name, n) })
	if !ok {
		return ResourceType{}, false
	}
	return s.Resources[i], true
}

// GlobalConditionKey reports whether a condition key does not depend on the
// action: aws:PrincipalArn, aws:SourceIp. The keys of tags, aws:RequestTag/…,
// aws:ResourceTag/… and aws:TagKeys, do: only some actions carry them.
func GlobalConditionKey(key string) bool {
	return slices.ContainsFunc(ServiceAuthorization().Value.Global, func(k ConditionKey) bool { return isKey(k.Name, key) })
}

// LookupConditionKey is the condition key of a name, whichever the action. A
// key such as saml:aud or ec2:SourceInstanceArn need not begin with the prefix
// of a service that carries it.
func LookupConditionKey(key string) (ConditionKey, bool) {
	find := func(keys []ConditionKey) (ConditionKey, bool) {
		i := slices.IndexFunc(keys, func(k ConditionKey) bool { return isKey(k.Name, key) })
		if i < 0 {
			return ConditionKey{}, false
		}
		return keys[i], true
	}
	all := ServiceAuthorization().Value
	if k, ok := find(all.Global); ok {
		return k, true
	}
	if prefix, _, ok := cut(key); ok {
		if s, ok := LookupService(prefix); ok {
			if k, ok := find(s.Keys); ok {
				return k, true
			}
		}
	}
	for _, s := range all.Services {
		if k, ok := find(s.Keys); ok {
			return k, true
		}
	}
	return ConditionKey{}, false
}
