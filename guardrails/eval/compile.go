package eval

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// A layerID numbers the layers in the order of their names, in which results
// list them.
type layerID uint8

const (
	boundaryLayer layerID = iota
	identityLayer
	rcpLayer
	resourceLayer
	scpLayer
	sessionLayer
	vpceLayer
	layerCount
)

var layers = [layerCount]Layer{Boundary, Identity, RCP, Resource, SCP, Session, VPCE}

// blockers has, for each set of layers, the list of them.
var blockers = func() (lists [1 << layerCount][]Layer) {
	for set := range lists {
		for id, layer := range layers {
			if set&(1<<id) != 0 {
				lists[set] = append(lists[set], layer)
			}
		}
		lists[set] = slices.Clip(lists[set])
	}
	return lists
}()

// A scope is where one statement that allows is enough: a level of SCPs, or a
// whole layer.
type scope struct {
	layer layerID
	level string
}

// A Set is policies made ready for requests. It is safe for use by several
// goroutines at once.
type Set struct {
	org      Organization
	accounts map[string]struct{}
	rcp      map[string]struct{} // services that RCPs reach

	keys     keyTable
	services serviceTable
	scopes   []scope
	levels   []int32           // scopes of which each must allow
	only     [layerCount]int32 // the scope of a layer that has one; -1 where there is none
	present  uint32            // a bit for each layer of which there are policies
	bounded  bool

	statements []*statement   // all, in the order of explanations
	wild       []*statement   // those that may match actions of any service
	byService  [][]*statement // the others, by the services of their actions

	actionCount, conditionCount int // of different ones
}

// A builder is a Set in the making, with what is in it already.
type builder struct {
	*Set
	actions    map[string]*actions
	conditions map[string]*condition
}

// Compile makes policies ready. The error names the statement that means
// nothing: an unknown condition operator, an element that its layer does not
// have, or none of an element that it must have. The documents must not change
// while the Set is in use.
func Compile(org Organization, p Policies) (*Set, error) {
	s := &Set{
		org: org, accounts: map[string]struct{}{}, rcp: rcpServices(),
		keys: newKeyTable(), services: serviceTable{ids: map[string]int32{}},
		bounded: len(p.Boundary) > 0,
	}
	for _, a := range org.Accounts {
		s.accounts[a] = struct{}{}
	}
	for i := range s.only {
		s.only[i] = -1
	}
	b := builder{s, map[string]*actions{}, map[string]*condition{}}
	for i := range p.SCP {
		if err := b.add(scpLayer, p.SCP[i].ID, p.SCP[i].Policies); err != nil {
			return nil, err
		}
	}
	for i := range p.RCP {
		if err := b.add(rcpLayer, p.RCP[i].ID, p.RCP[i].Policies); err != nil {
			return nil, err
		}
	}
	for _, l := range []struct {
		layer layerID
		docs  []Document
	}{
		{vpceLayer, p.VPCE}, {resourceLayer, one(p.Resource)}, {identityLayer, p.Identity},
		{boundaryLayer, p.Boundary}, {sessionLayer, one(p.Session)},
	} {
		if len(l.docs) == 0 {
			continue
		}
		if err := b.add(l.layer, "", l.docs); err != nil {
			return nil, err
		}
	}
	b.index()
	s.actionCount, s.conditionCount = len(b.actions), len(b.conditions)
	return s, nil
}

func one(d *Document) []Document {
	if d == nil {
		return nil
	}
	return []Document{*d}
}

// rcpServices are the services whose actions RCPs reach, and whose resources.
var rcpServices = sync.OnceValue(func() map[string]struct{} {
	m := map[string]struct{}{}
	for _, s := range awsdata.RCPServices.Value {
		m[s] = struct{}{}
	}
	return m
})

// add takes the documents of one scope.
func (b builder) add(layer layerID, level string, docs []Document) error {
	b.present |= 1 << layer
	at := int32(len(b.scopes))
	b.scopes = append(b.scopes, scope{layer, level})
	b.only[layer] = at
	if layer == scpLayer || layer == vpceLayer {
		b.levels = append(b.levels, at)
	}
	for i := range docs {
		for j := range docs[i].Policy.Statements {
			st, err := b.newStatement(layer, &docs[i], j)
			if err != nil {
				where := string(layers[layer])
				if level != "" {
					where += " of " + level
				}
				return fmt.Errorf("%s, document %d%s, statement %d: %w", where, i+1, quoted(docs[i].Name), j+1, err)
			}
			st.scope = at
			b.statements = append(b.statements, st)
		}
	}
	return nil
}

func quoted(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (%q)", name)
}

// spelled is a key that no other flag, list and texts have: each text stands
// behind its length.
func spelled(flag bool, list []string, texts ...string) string {
	key := make([]byte, 0, 128)
	key = strconv.AppendBool(key, flag)
	for _, part := range [...][]string{texts, list} {
		key = strconv.AppendInt(append(key, '|'), int64(len(part)), 10)
		for _, text := range part {
			key = strconv.AppendInt(append(key, ' '), int64(len(text)), 10)
			key = append(append(key, ' '), text...)
		}
	}
	return string(key)
}

// index sorts the statements by the services that they are about. Of RCPs,
// which are allowed everything anyhow, those that allow are left out.
func (b builder) index() {
	b.byService = make([][]*statement, len(b.services.ids))
	for _, st := range b.statements {
		if st.layer == rcpLayer && !st.deny {
			continue
		}
		ids := st.actions.services()
		if ids == nil {
			b.wild = append(b.wild, st)
		}
		for _, id := range ids {
			b.byService[id] = append(b.byService[id], st)
		}
	}
}
