package compile

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// maxFormer bounds the former paths of one unit: units that were renamed
// again and again inside units that were renamed again and again multiply.
const maxFormer = 100

// tree states units and accounts, and the ids that are known.
func (k *compiler) tree() {
	known := func(name, id string) {
		if id != "" {
			k.plan.IDs[name] = id
		}
	}
	known("organization", k.o.ID)
	known("root", k.o.Root.ID)
	if k.o.Management != nil {
		known("account:"+org.ManagementSelector, string(k.o.Management.ID))
	}
	former := map[*org.Unit][]string{} // all paths that a unit has or had, its own first
	former[k.o.Root] = []string{""}
	units := slices.Clone(k.o.Units)
	slices.SortStableFunc(units, func(a, b *org.Unit) int { return a.Depth() - b.Depth() })
	for _, u := range units {
		former[u] = k.formerPaths(u, former[u.Parent])
	}
	k.formerOnce(former)
	for _, u := range k.o.Units {
		known("unit:"+u.Path, u.ID)
		k.plan.Units = append(k.plan.Units, guardrails.Unit{
			Path: u.Path, Name: u.Name, Parent: u.Parent.Path, Origin: k.origin(u.Range),
			Was: sortedUnique(former[u][1:]),
		})
	}
	for _, a := range k.o.Accounts {
		known("account:"+a.Key, string(a.ID))
		k.plan.Accounts = append(k.plan.Accounts, guardrails.Account{
			Key: a.Key, Name: a.Name, Email: a.Email, Parent: a.Unit.Path, Origin: k.origin(a.Range),
		})
	}
}

// formerPaths are the paths of a unit: each of its keys in each of its
// parent's paths.
func (k *compiler) formerPaths(u *org.Unit, parents []string) []string {
	keys := append([]string{u.Key}, u.Was...)
	if len(keys)*len(parents) > maxFormer {
		k.ds.Errorf(u.Range, "GR301", "unit %s has had %d paths, and at most %d are followed", u.Path, len(keys)*len(parents), maxFormer).Hint =
			"deploy, then take former keys out of was"
		return []string{u.Path}
	}
	var paths []string
	for _, p := range parents {
		for _, key := range keys {
			paths = append(paths, strings.TrimPrefix(p+"/"+key, "/"))
		}
	}
	return paths
}

// formerOnce refuses a former path that is another unit's, present or former:
// nobody could tell which of the two it is.
func (k *compiler) formerOnce(former map[*org.Unit][]string) {
	owner := map[string]*org.Unit{}
	for _, u := range k.o.Units {
		owner[u.Path] = u
	}
	for _, u := range k.o.Units {
		for _, path := range former[u][1:] {
			other := owner[path]
			if other == nil {
				owner[path] = u
			} else if other != u {
				d := k.ds.Errorf(u.Range, "GR302", "unit %s was %s, which %s is or was as well", u.Path, path, other.Path)
				d.Hint = "take the former key out of one of the two"
				d.Related = []diag.Related{{Range: other.Range, Message: other.Path + " stands here"}}
			}
		}
	}
}
