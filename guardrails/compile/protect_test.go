package compile

import "testing"

// Roles that nobody but AWS can make need no protection.
func TestOnlyAWS(t *testing.T) {
	for pattern, want := range map[string]bool{
		"role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_*": true,
		"role/aws-service-role/ecs.amazonaws.com/*":              true,
		"role/aws:ec2-infrastructure":                            true,
		"role/aws:*":                                             false, // role/aws:x/anything is a role with a path
		"role/a:b/anything":                                      false,
		"role/anything":                                          false,
		"user/a:b":                                               false,
	} {
		if got := onlyAWS(pattern); got != want {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}
