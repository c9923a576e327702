package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Diff compares what the program asks for with the state, as the bridge over
// Terraform does: not with the inputs of last time.
func (p *Provider) Diff(ctx context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	k, err := p.kind(req.URN, req.Type)
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	old, in := propsOf(req.OldOutputs), propsOf(req.NewInputs)
	if len(old) == 0 {
		old = propsOf(req.OldInputs)
	}
	out := plugin.DiffResponse{Changes: plugin.DiffNone, DetailedDiff: map[string]plugin.PropertyDiff{}}
	nameChanges, named := false, false
	for _, name := range slices.Sorted(maps.Keys(k.fields)) {
		f, key := k.fields[name], resource.PropertyKey(name)
		if f.auto {
			named = !slices.Contains(propsOf(req.OldInputs).list(defaultsKey), name)
		}
		if slices.Contains(req.IgnoreChanges, name) || !f.changes(old, in, req.NewInputs, key) {
			continue
		}
		d := plugin.PropertyDiff{Kind: plugin.DiffUpdate}
		if empty(old[name]) {
			d.Kind = plugin.DiffAdd
		} else if v, given := req.NewInputs[key]; !given || v.IsNull() {
			d.Kind = plugin.DiffDelete
		}
		out.Changes = plugin.DiffSome
		out.ChangedKeys = append(out.ChangedKeys, key)
		if f.replace {
			d = d.ToReplace()
			out.ReplaceKeys = append(out.ReplaceKeys, key)
			nameChanges = nameChanges || f.auto
		}
		out.DetailedDiff[name] = d
	}
	// Two resources cannot have one name: the published provider deletes
	// first where it would name the resource itself, and was told a name that
	// stays. (pkg/tfbridge: nameRequiresDeleteBeforeReplace.)
	out.DeleteBeforeReplace = len(out.ReplaceKeys) > 0 && named && !nameChanges
	for _, name := range append(slices.Clone(k.outputs), "id") {
		out.StableKeys = append(out.StableKeys, resource.PropertyKey(name))
	}
	return out, nil
}

// changes says whether an input asks for something else than there is.
func (f field) changes(old, in props, raw resource.PropertyMap, key resource.PropertyKey) bool {
	v, given := raw[key]
	was := old[string(key)]
	switch {
	case given && v.ContainsUnknowns():
		return true
	case !given || v.IsNull():
		return !f.computed && !f.auto && !empty(was)
	}
	return !f.same(was, in[string(key)])
}

func (f field) same(a, b any) bool {
	switch {
	case f.equivalent != nil:
		return f.equivalent(a, b)
	case empty(a) && empty(b):
		return true
	case f.set:
		return equalSets(a, b)
	}
	return equal(a, b)
}

// preview is what a resource will look like, as far as that is known.
func (k *kind) preview(in, old resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for name, f := range k.fields {
		key := resource.PropertyKey(name)
		switch {
		case given(in, key):
			out[key] = in[key]
		case given(old, key) && (f.computed || f.auto):
			out[key] = old[key]
		case f.computed || f.auto:
			out[key] = resource.MakeComputed(resource.NewProperty(""))
		}
	}
	for _, name := range k.outputs {
		key := resource.PropertyKey(name)
		if given(old, key) {
			out[key] = old[key]
		} else {
			out[key] = resource.MakeComputed(resource.NewProperty(""))
		}
	}
	return out
}

func given(m resource.PropertyMap, key resource.PropertyKey) bool {
	v, ok := m[key]
	return ok && !v.IsNull()
}

// state is what the engine keeps: what was read, spelled as it was asked for
// where AWS does not mind the spelling, and what AWS never tells.
func (k *kind) state(in, out props, old resource.PropertyMap) resource.PropertyMap {
	s := props{}
	maps.Copy(s, out)
	for name, f := range k.fields {
		asked, has := in[name]
		if !has || asked == nil {
			continue
		}
		if f.unread {
			s[name] = asked
		} else if read, ok := out[name]; ok && (f.equivalent != nil || f.set) && f.same(read, asked) {
			s[name] = asked
		}
	}
	return s.propertyMap()
}

// inputs are what a program would have to ask for to get this state. After an
// import that is all that AWS tells; after a refresh, only what was asked for
// before.
func (k *kind) inputs(old, state resource.PropertyMap) resource.PropertyMap {
	in := resource.PropertyMap{}
	var filled []string
	for name, f := range k.fields {
		key := resource.PropertyKey(name)
		v, ok := state[key]
		if !ok || v.IsNull() {
			continue
		}
		if old != nil {
			if _, asked := old[key]; asked {
				in[key] = v
			}
			continue
		}
		if !empty(v.Mappable()) || f.required || f.def != nil {
			in[key] = v
		}
		if f.def != nil && equal(v.Mappable(), normal(f.def)) {
			filled = append(filled, name)
		}
	}
	if old != nil {
		if d, ok := old[defaultsKey]; ok {
			in[defaultsKey] = d
		}
	} else if len(filled) > 0 {
		slices.Sort(filled)
		in[defaultsKey] = resource.NewPropertyValue(filled)
	}
	return in
}
