package compile

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/compare"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// asFound leaves policies as they are in AWS: their descriptions, and their
// texts while these mean what is wanted.
func (k *compiler) asFound() {
	for i := range k.o.AsFound {
		f := &k.o.AsFound[i]
		at := slices.IndexFunc(k.plan.Policies, func(p guardrails.Policy) bool { return p.Name == f.Name })
		if at < 0 {
			k.ds.Warnf(f.Range, "GR319", "nothing in the file comes to a policy named %q", f.Name).Hint = "take it out of asFound"
			continue
		}
		p := &k.plan.Policies[at]
		if f.HasDescription {
			p.Description = f.Description
		}
		if f.Source == nil {
			continue
		}
		kind := policy.Kind(p.Type)
		var ds diag.Diagnostics
		if kind.IsDeclarative() {
			_, ds = policy.CheckDeclarative(f.File, f.Source, kind)
		} else {
			_, ds = policy.Check(f.File, f.Source, kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		}
		var text bytes.Buffer
		if ds.HasErrors() || json.Compact(&text, f.Source) != nil {
			k.ds = append(k.ds, ds...)
			continue
		}
		found := guardrails.Text(text.String())
		content, err := p.Content.Fill(k.plan.IDs)
		switch {
		case err == nil && content == text.String():
		case err != nil || len(found.Refs()) > 0 || !compare.Same(kind, content, text.String()):
			k.ds.Warnf(f.Range, "GR319", "the policy %q will not keep the text of %s: the file asks for something else", f.Name, f.File).Hint =
				"that is right after a change of its guardrails: take the file out of asFound when the change is deployed"
		default:
			p.AsFound = found
		}
	}
}
