package live

import (
	"context"
	"fmt"
	"time"
)

// An Object is something that a deployment was about to make: its Pulumi type
// and the inputs it was to be made from.
type Object struct {
	Type   string
	Inputs map[string]any
	// Since, by this machine's clock, leaves out what was made before; the zero
	// time leaves out nothing. Units, Organizations policies and attachments do
	// not tell when they were made.
	Since time.Time
}

// clockSlack is how exactly AWS's clock is known: it is told in seconds.
const clockSlack = 3 * time.Second

func (o Object) tooOld(made *time.Time) bool {
	return !o.Since.IsZero() && made != nil && made.Before(o.Since.Add(-clockSlack))
}

func (o Object) text(name string) string {
	s, _ := o.Inputs[name].(string)
	return s
}

// Find looks an object up by its name. It returns the id by which Pulumi
// imports it; "" when AWS has no such object, or when making it again does no
// harm, as with a password policy. The session must be one in the object's
// account and region.
func (s *Session) Find(ctx context.Context, o Object) (string, error) {
	find := finders[o.Type]
	if find == nil {
		return "", nil
	}
	if !o.Since.IsZero() {
		o.Since = o.Since.Add(s.clock())
	}
	id, err := find(s, ctx, o)
	if isGone(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for %s %s: %w", o.Type, o.name(), err)
	}
	return id, nil
}

func (o Object) name() string {
	for _, n := range []string{"name", "analyzerName", "ruleName", "servicePrincipal", "policyId", "email"} {
		if v := o.text(n); v != "" {
			return v
		}
	}
	return ""
}

// finders are the types that cannot be made twice. The others
// (AccountPasswordPolicy, OrganizationsFeatures, RolePolicyAttachmentsExclusive,
// GroupPolicyAttachment) can.
var finders = map[string]func(*Session, context.Context, Object) (string, error){
	"aws:organizations/organizationalUnit:OrganizationalUnit":         (*Session).findUnit,
	"aws:organizations/account:Account":                               (*Session).findAccount,
	"aws:organizations/policy:Policy":                                 (*Session).findPolicy,
	"aws:organizations/policyAttachment:PolicyAttachment":             (*Session).findAttachment,
	"aws:organizations/delegatedAdministrator:DelegatedAdministrator": (*Session).findAdministrator,
	"aws:iam/policy:Policy":                                           (*Session).findManagedPolicy,
	"aws:iam/role:Role":                                               (*Session).findRole,
	"aws:iam/group:Group":                                             (*Session).findGroup,
	"aws:accessanalyzer/analyzer:Analyzer":                            (*Session).findAnalyzer,
	"aws:accessanalyzer/archiveRule:ArchiveRule":                      (*Session).findArchiveRule,
}

func isGone(err error) bool {
	switch code(err) {
	case "NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException", "ParentNotFoundException", "TargetNotFoundException",
		"PolicyNotFoundException", "AccountNotFoundException", "AccountNotRegisteredException", "AWSOrganizationsNotInUseException":
		return true
	}
	return false
}
