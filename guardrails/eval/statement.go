package eval

import (
	"errors"
	"fmt"

	"github.com/orgrails/orgrails/guardrails/policy"
)

// A statement is one of a document, made ready, with its place.
type statement struct {
	layer layerID
	scope int32 // index into Set.scopes
	deny  bool

	actions       *actions
	notResource   bool
	everywhere    bool // every resource matches, whatever the request
	resources     []pattern
	anyone        bool // there is neither Principal nor NotPrincipal
	principals    *principals
	notPrincipals *principals
	conditions    []*condition

	source *policy.Statement
	doc    *Document
	index  int
}

// newStatement makes a statement ready for its layer. What AWS refuses in a
// document of the layer, and what has no meaning, is an error.
func (b builder) newStatement(layer layerID, doc *Document, i int) (*statement, error) {
	src := &doc.Policy.Statements[i]
	variables := doc.Policy.Version == policy.Version2012
	st := &statement{layer: layer, deny: src.Effect == policy.Deny, source: src, doc: doc, index: i}
	if !st.deny && src.Effect != policy.Allow {
		return nil, fmt.Errorf("the Effect %q is neither Allow nor Deny", string(src.Effect))
	}
	if src.Action == nil && src.NotAction == nil {
		return nil, errors.New("there is neither Action nor NotAction")
	}
	if src.Action != nil && src.NotAction != nil || src.Resource != nil && src.NotResource != nil || src.Principal != nil && src.NotPrincipal != nil {
		return nil, errors.New("an element and its Not form stand together")
	}
	st.actions = b.newActions(src.Action, src.NotAction)
	if err := b.resources(st, src, variables); err != nil {
		return nil, err
	}
	if err := st.addPrincipals(src); err != nil {
		return nil, err
	}
	var err error
	st.conditions, err = b.newConditions(src.Condition, variables)
	return st, err
}

// resources reads Resource and NotResource. Only a policy that hangs on a
// resource may do without: a trust policy has none, as it is about its role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (b builder) resources(st *statement, src *policy.Statement, variables bool) error {
	list := src.Resource
	if src.NotResource != nil {
		list, st.notResource = src.NotResource, true
	}
	if list == nil {
		if st.layer != resourceLayer {
			return errors.New("there is neither Resource nor NotResource")
		}
		st.everywhere = true
		return nil
	}
	for _, text := range list {
		p := parsePattern(text, Syntax{Wildcards: true, Variables: variables, Resource: true}, b.keys.intern)
		if p.form == everything && !st.notResource {
			st.everywhere = true
		}
		st.resources = append(st.resources, p)
	}
	return nil
}

// addPrincipals reads Principal and NotPrincipal. Resource control policies
// and endpoint policies without one mean everyone, which is all that the
// former may say.
func (st *statement) addPrincipals(src *policy.Statement) error {
	st.principals, st.notPrincipals = newPrincipals(src.Principal), newPrincipals(src.NotPrincipal)
	has := st.principals != nil || st.notPrincipals != nil
	st.anyone = !has
	switch st.layer {
	case resourceLayer:
		if !has {
			return errors.New("a resource policy names its principals, and there are none")
		}
	case rcpLayer, vpceLayer:
	default:
		if has {
			return fmt.Errorf("there is a Principal, which a policy of the layer %s does not have", layers[st.layer])
		}
	}
	return nil
}

// match says whether a statement matches the request, and for a resource
// policy's in which way it names the caller. Whatever is cheap is asked first.
func (e *evaluation) match(st *statement) (Truth, naming) {
	if !e.matchActions(st.actions) {
		return No, 0
	}
	n := directly
	if !st.anyone {
		if n = e.names(st); n == 0 {
			return No, 0
		}
	}
	t := e.matchResources(st)
	if t == No || len(st.conditions) == 0 {
		return t, n
	}
	for _, c := range st.conditions {
		if t = min(t, e.holds(c)); t == No {
			return No, 0
		}
	}
	return t, n
}

// names says how a statement names the caller; 0 is not at all. An Allow with
// NotPrincipal spares whom any of its values names. A Deny with NotPrincipal
// hits all who have a permissions boundary.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (e *evaluation) names(st *statement) naming {
	switch {
	case st.principals != nil:
		return st.principals.names(&e.caller)
	case st.anyone:
		return directly
	case st.deny && e.s.bounded && (e.caller.kind == user || e.caller.kind == role || e.caller.kind == roleSession):
		return directly
	case st.deny && st.notPrincipals.spares(&e.caller), !st.deny && st.notPrincipals.names(&e.caller) != 0:
		return 0
	}
	return directly
}

func (e *evaluation) matchResources(st *statement) Truth {
	if st.everywhere {
		return Yes
	}
	t := No
	for i := range st.resources {
		if t = max(t, e.matchPattern(&st.resources[i], e.resource)); t == Yes {
			break
		}
	}
	return t.flip(st.notResource)
}
