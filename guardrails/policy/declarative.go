package policy

import (
	"maps"
	"slices"
	"strings"
)

// The declarative policy types of Organizations: they deny no requests, but set
// what a service keeps to in every account below.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_inheritance_mgmt.html
const (
	DeclarativePolicyEC2   Kind = "DECLARATIVE_POLICY_EC2"
	AIServicesOptOutPolicy Kind = "AISERVICES_OPT_OUT_POLICY"
	TagPolicy              Kind = "TAG_POLICY"
	BackupPolicy           Kind = "BACKUP_POLICY"
)

// DeclarativeKinds lists the declarative policy types, sorted.
func DeclarativeKinds() []Kind {
	return []Kind{AIServicesOptOutPolicy, BackupPolicy, DeclarativePolicyEC2, TagPolicy}
}

// IsDeclarative reports whether documents of the kind are written in
// Organizations' inheritance syntax, and not in IAM's language.
func (k Kind) IsDeclarative() bool { return slices.Contains(DeclarativeKinds(), k) }

// A Declarative is a document in Organizations' inheritance syntax, or a part
// of one: a group of named parts, or a setting with the operators that give it
// its value.
type Declarative struct {
	Members map[string]*Declarative
	// Assign is the value of @@assign: a string, a [Literal] or a list of strings.
	// It is nil where the operator is not there.
	Assign any
	Append []string // of @@append
	Remove []string // of @@remove
	// ChildOperators are those that policies below may use on this part; nil: all.
	ChildOperators []string
}

// A Literal is a number or a truth value as it is spelled.
type Literal string

// The operators of the inheritance syntax.
// https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
const (
	opAssign   = "@@assign"
	opAppend   = "@@append"
	opRemove   = "@@remove"
	opChildren = "@@operators_allowed_for_child_policies"
	opNone     = "@@none"
	opAll      = "@@all"
)

func (d *Declarative) sets() bool { return d.Assign != nil || d.Append != nil || d.Remove != nil }

// JSON is the one spelling of the document: no white space, names sorted, the
// items of lists sorted and each once. AWS counts every character of what is
// sent through the API.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
func (d *Declarative) JSON() string {
	var e encoder
	e.part(d)
	return e.b.String()
}

func (e *encoder) part(d *Declarative) {
	names := slices.Collect(maps.Keys(d.Members))
	for _, op := range []struct {
		name  string
		there bool
	}{{opAssign, d.Assign != nil}, {opAppend, d.Append != nil}, {opRemove, d.Remove != nil}, {opChildren, d.ChildOperators != nil}} {
		if op.there {
			names = append(names, op.name)
		}
	}
	slices.Sort(names)
	e.open('{')
	for _, name := range names {
		e.name(name)
		switch name {
		case opAssign:
			e.assigned(d.Assign)
		case opAppend:
			e.list(d.Append)
		case opRemove:
			e.list(d.Remove)
		case opChildren:
			e.list(d.ChildOperators)
		default:
			e.part(d.Members[name])
		}
	}
	e.close('}')
}

func (e *encoder) assigned(v any) {
	switch v := v.(type) {
	case string:
		e.str(v)
	case Literal:
		e.b.WriteString(string(v))
	case []string:
		e.list(v)
	default:
		panic("policy: a setting is neither a string, a literal nor a list")
	}
}

// list writes a list as one, of whatever length: a setting of many values takes
// no single string.
func (e *encoder) list(items []string) {
	e.open('[')
	for _, s := range set(items) {
		e.comma()
		e.str(s)
	}
	e.close(']')
}

// set is a list with its items sorted and each once.
func set(items []string) []string { return slices.Compact(slices.Sorted(slices.Values(items))) }

// Settings are the paths of the parts that have operators, names joined by full
// stops, in the order of [Declarative.JSON].
func (d *Declarative) Settings() []string {
	var paths []string
	d.walk("", func(path string, part *Declarative) {
		if part.sets() || part.ChildOperators != nil {
			paths = append(paths, path)
		}
	})
	return paths
}

// At is the part at a path of [Declarative.Settings], nil where there is none.
func (d *Declarative) At(path string) *Declarative {
	var found *Declarative
	d.walk("", func(p string, part *Declarative) {
		if found == nil && strings.EqualFold(p, path) {
			found = part
		}
	})
	return found
}

func (d *Declarative) walk(path string, visit func(string, *Declarative)) {
	visit(path, d)
	for _, name := range slices.Sorted(maps.Keys(d.Members)) {
		d.Members[name].walk(joinPath(path, name), visit)
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// memberOf finds a part by its name: names that differ by case alone are one.
func memberOf[T any](members map[string]T, name string) (string, T, bool) {
	if v, ok := members[name]; ok {
		return name, v, true
	}
	for known, v := range members {
		if strings.EqualFold(known, name) {
			return known, v, true
		}
	}
	var none T
	return name, none, false
}
