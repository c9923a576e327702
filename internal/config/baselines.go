package config

import (
	"github.com/orgrails/orgrails/guardrails/org"
)

// boundaries resolves the permission boundaries.
func (l *loader) boundaries() {
	for _, key := range sorted(l.doc.PermissionBoundaries) {
		in := l.doc.PermissionBoundaries[key]
		b := org.PermissionBoundary{
			Key:        string(key),
			Name:       or(string(in.Name), string(key)),
			Template:   in.Template,
			Parameters: l.parameters(&in.at, in.Parameters),
			File:       string(in.File),
			Targets:    l.targets(&in.at, "targets", in.Targets),
			Exclude:    l.targets(&in.at, "exclude", in.Exclude),
			Required:   in.Required,
			Range:      l.doc.keyRange("permissionBoundaries", string(key)),
		}
		if b.File != "" {
			b.Source, _ = l.document(b.File, in.rng("file"))
		}
		l.o.PermissionBoundaries = append(l.o.PermissionBoundaries, b)
	}
}

// passwords resolves the password policies.
func (l *loader) passwords() {
	for _, key := range sorted(l.doc.PasswordPolicies) {
		in := l.doc.PasswordPolicies[key]
		l.o.PasswordPolicies = append(l.o.PasswordPolicies, org.PasswordPolicy{
			Key:              string(key),
			Preset:           in.Preset,
			Targets:          l.targets(&in.at, "targets", in.Targets),
			Exclude:          l.targets(&in.at, "exclude", in.Exclude),
			MinimumLength:    in.MinimumLength,
			RequireUppercase: in.RequireUppercase,
			RequireLowercase: in.RequireLowercase,
			RequireNumbers:   in.RequireNumbers,
			RequireSymbols:   in.RequireSymbols,
			MaxAgeDays:       in.MaxAgeDays,
			ReusePrevention:  in.ReusePrevention,
			HardExpiry:       in.HardExpiry,
			UsersMayChange:   in.UsersMayChange,
			Range:            l.doc.keyRange("passwordPolicies", string(key)),
		})
	}
}
