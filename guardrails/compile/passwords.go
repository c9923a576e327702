package compile

import (
	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// passwords gives each account the password policy of its nearest target, all
// nine fields: AWS replaces the whole policy, and what is left out falls to
// values weaker than having none.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
func (k *compiler) passwords() {
	policies := make([]*guardrails.PasswordPolicy, len(k.o.PasswordPolicies))
	for i := range k.o.PasswordPolicies {
		policies[i] = k.password(&k.o.PasswordPolicies[i])
	}
	of := k.o.PasswordPolicyOf()
	said := map[string]bool{}
	for _, a := range k.accounts() {
		as, ok := of[a]
		if !ok {
			continue
		}
		for _, tie := range as.Tied {
			one, other := &k.o.PasswordPolicies[as.Index], &k.o.PasswordPolicies[tie.Index]
			if key := one.Key + "\x00" + other.Key; !said[key] {
				said[key] = true
				d := k.ds.Errorf(other.Range, "GR330", "the password policies %s and %s are equally near to the account %s", one.Key, other.Key, a.Key)
				d.Hint = "name the account or its unit as a target of one of them, or exclude it from the other"
				d.Related = []diag.Related{{Range: one.Range, Message: one.Key + " stands here"}}
			}
		}
		k.placed[a].baseline.PasswordPolicy = policies[as.Index]
	}
}

func (k *compiler) password(p *org.PasswordPolicy) *guardrails.PasswordPolicy {
	var base *catalog.PasswordPolicy
	if p.Preset != "" {
		t, ok := k.catalog.Lookup(p.Preset)
		switch {
		case !ok:
			k.unknown(p.Preset, p.Range, []catalog.Type{catalog.PasswordPolicyPreset})
			return nil
		case t.PasswordPolicy == nil:
			k.ds.Errorf(p.Range, "GR303", "%s is a %s and no %s", p.Preset, spoken(t.Type), spoken(catalog.PasswordPolicyPreset)).Hint = "name it where one is asked for: " + place(t.Type)
			return nil
		}
		base = t.PasswordPolicy
	} else if unset := unsetFields(p); len(unset) > 0 {
		k.ds.Errorf(p.Range, "GR331", "the password policy %s has no preset and leaves %s unset", p.Key, list(unset)).Hint =
			"name a preset, or set all nine fields: AWS takes what is left out for its weakest value"
		return nil
	} else {
		base = &catalog.PasswordPolicy{}
	}
	return &guardrails.PasswordPolicy{
		MinimumPasswordLength:      or(p.MinimumLength, base.MinimumLength),
		RequireUppercaseCharacters: or(p.RequireUppercase, base.RequireUppercase),
		RequireLowercaseCharacters: or(p.RequireLowercase, base.RequireLowercase),
		RequireNumbers:             or(p.RequireNumbers, base.RequireNumbers),
		RequireSymbols:             or(p.RequireSymbols, base.RequireSymbols),
		MaxPasswordAge:             or(p.MaxAgeDays, base.MaxAgeDays),
		PasswordReusePrevention:    or(p.ReusePrevention, base.ReusePrevention),
		HardExpiry:                 or(p.HardExpiry, base.HardExpiry),
		AllowUsersToChangePassword: or(p.UsersMayChange, base.UsersMayChange),
		Origin:                     k.origin(p.Range),
	}
}

func or[T any](v *T, otherwise T) T {
	if v != nil {
		return *v
	}
	return otherwise
}

func unsetFields(p *org.PasswordPolicy) []string {
	var names []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"minimumLength", p.MinimumLength != nil}, {"requireUppercase", p.RequireUppercase != nil},
		{"requireLowercase", p.RequireLowercase != nil}, {"requireNumbers", p.RequireNumbers != nil},
		{"requireSymbols", p.RequireSymbols != nil}, {"maxAgeDays", p.MaxAgeDays != nil},
		{"reusePrevention", p.ReusePrevention != nil}, {"hardExpiry", p.HardExpiry != nil}, {"usersMayChange", p.UsersMayChange != nil},
	} {
		if !f.set {
			names = append(names, f.name)
		}
	}
	return names
}
