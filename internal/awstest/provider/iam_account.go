package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

var iamAccountKinds = []*kind{
	{
		// UpdateAccountPasswordPolicy replaces the whole policy; there is one
		// per account, and creating it overwrites what is there.
		token: "aws:iam/accountPasswordPolicy:AccountPasswordPolicy", label: "IAM Account Password Policy",
		docs: []string{registry + "iam/accountpasswordpolicy/", terraform + "iam_account_password_policy"},
		fields: map[string]field{
			"allowUsersToChangePassword": {def: true},
			"hardExpiry":                 {computed: true},
			"maxPasswordAge":             {computed: true},
			"minimumPasswordLength":      {def: 6},
			"passwordReusePrevention":    {computed: true},
			"requireLowercaseCharacters": {computed: true},
			"requireNumbers":             {computed: true},
			"requireSymbols":             {computed: true},
			"requireUppercaseCharacters": {computed: true},
		},
		outputs: []string{"expirePasswords"},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			if err := putPasswordPolicy(ctx, c, "", nil, in); err != nil {
				return "", err
			}
			return passwordPolicyID, nil
		},
		read: readPasswordPolicy, update: putPasswordPolicy,
		delete: func(ctx context.Context, c *clients, _ string, _ props) error {
			_, err := c.iam.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})
			return err
		},
	},
	{
		token: "aws:iam/organizationsFeatures:OrganizationsFeatures", label: "IAM Organizations Features",
		docs: []string{registry + "iam/organizationsfeatures/", terraform + "iam_organizations_features"},
		fields: map[string]field{
			"enabledFeatures": {required: true, set: true},
		},
		create: func(ctx context.Context, c *clients, in props) (string, error) {
			return c.setFeatures(ctx, nil, in.list("enabledFeatures"))
		},
		read: func(ctx context.Context, c *clients, id string, _ props) (props, bool, error) {
			out, err := c.iam.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
			if gone(err) {
				return nil, false, nil
			} else if err != nil {
				return nil, false, err
			}
			var features []string
			for _, f := range out.EnabledFeatures {
				features = append(features, string(f))
			}
			slices.Sort(features)
			return props{"id": aws.ToString(out.OrganizationId), "enabledFeatures": anys(features)}, len(features) > 0, nil
		},
		update: func(ctx context.Context, c *clients, _ string, old, in props) error {
			_, err := c.setFeatures(ctx, old.list("enabledFeatures"), in.list("enabledFeatures"))
			return err
		},
		delete: func(ctx context.Context, c *clients, _ string, old props) error {
			_, err := c.setFeatures(ctx, old.list("enabledFeatures"), nil)
			return err
		},
		stateID: func(out props) string { return out.string("id") },
	},
}

const passwordPolicyID = "iam-account-password-policy"

func putPasswordPolicy(ctx context.Context, c *clients, _ string, _, in props) error {
	input := &iam.UpdateAccountPasswordPolicyInput{
		AllowUsersToChangePassword: in.bool("allowUsersToChangePassword"),
		RequireLowercaseCharacters: in.bool("requireLowercaseCharacters"),
		RequireNumbers:             in.bool("requireNumbers"),
		RequireSymbols:             in.bool("requireSymbols"),
		RequireUppercaseCharacters: in.bool("requireUppercaseCharacters"),
	}
	if in.bool("hardExpiry") {
		input.HardExpiry = aws.Bool(true)
	}
	for name, field := range map[string]**int32{
		"maxPasswordAge": &input.MaxPasswordAge, "minimumPasswordLength": &input.MinimumPasswordLength, "passwordReusePrevention": &input.PasswordReusePrevention,
	} {
		if n := in.int32(name); n != 0 {
			*field = &n
		}
	}
	_, err := c.iam.UpdateAccountPasswordPolicy(ctx, input)
	return err
}

func readPasswordPolicy(ctx context.Context, c *clients, _ string, _ props) (props, bool, error) {
	out, err := c.iam.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	if gone(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	p := out.PasswordPolicy
	return props{
		"allowUsersToChangePassword": p.AllowUsersToChangePassword, "expirePasswords": p.ExpirePasswords, "hardExpiry": aws.ToBool(p.HardExpiry),
		"maxPasswordAge": float64(aws.ToInt32(p.MaxPasswordAge)), "minimumPasswordLength": float64(aws.ToInt32(p.MinimumPasswordLength)),
		"passwordReusePrevention":    float64(aws.ToInt32(p.PasswordReusePrevention)),
		"requireLowercaseCharacters": p.RequireLowercaseCharacters, "requireNumbers": p.RequireNumbers,
		"requireSymbols": p.RequireSymbols, "requireUppercaseCharacters": p.RequireUppercaseCharacters,
	}, true, nil
}

// setFeatures switches features on and off, and returns the organization's id.
func (c *clients) setFeatures(ctx context.Context, had, wanted []string) (string, error) {
	for _, f := range missing(wanted, had) {
		var err error
		switch types.FeatureType(f) {
		case types.FeatureTypeRootCredentialsManagement:
			_, err = c.iam.EnableOrganizationsRootCredentialsManagement(ctx, &iam.EnableOrganizationsRootCredentialsManagementInput{})
		case types.FeatureTypeRootSessions:
			_, err = c.iam.EnableOrganizationsRootSessions(ctx, &iam.EnableOrganizationsRootSessionsInput{})
		default:
			err = fmt.Errorf("unknown feature")
		}
		if err != nil {
			return "", fmt.Errorf("enabling %s: %w", f, err)
		}
	}
	for _, f := range missing(had, wanted) {
		var err error
		switch types.FeatureType(f) {
		case types.FeatureTypeRootCredentialsManagement:
			_, err = c.iam.DisableOrganizationsRootCredentialsManagement(ctx, &iam.DisableOrganizationsRootCredentialsManagementInput{})
		case types.FeatureTypeRootSessions:
			_, err = c.iam.DisableOrganizationsRootSessions(ctx, &iam.DisableOrganizationsRootSessionsInput{})
		}
		if err != nil {
			return "", fmt.Errorf("disabling %s: %w", f, err)
		}
	}
	out, err := c.iam.ListOrganizationsFeatures(ctx, &iam.ListOrganizationsFeaturesInput{})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.OrganizationId), nil
}
