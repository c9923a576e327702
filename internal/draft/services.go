package draft

import (
	"fmt"
	"slices"
)

const (
	analyzerService = "access-analyzer.amazonaws.com"
	iamService      = "iam.amazonaws.com"
)

// needed are the services that the plan of the file wants to be trusted: those
// that an account administers, and those of what else the file has.
func (d *drafter) needed() []string {
	var list []string
	admins, _ := d.s.DelegatedAdministrators.Get()
	for _, a := range admins {
		if services, _ := a.Services.Get(); d.keyOfAccount(a.Account) != "" {
			list = append(list, services...)
		}
	}
	if features, _ := d.s.CentralizedRootAccess.Get(); len(features) > 0 {
		list = append(list, iamService)
	}
	if regions, _ := d.s.Analyzers.Get(); len(regions) > 0 {
		list = append(list, analyzerService)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// untrusted notes what the plan would turn on.
func (d *drafter) untrusted() {
	trusted, ok := d.s.TrustedServices.Get()
	admins, _ := d.s.DelegatedAdministrators.Get()
	for _, a := range admins {
		services, _ := a.Services.Get()
		for _, s := range services {
			if key := d.keyOfAccount(a.Account); ok && key != "" && !slices.Contains(trusted, s) {
				d.notef("trusted access of %s is off in AWS, and its plan turns it on, since the account %s administers the service", s, key)
			}
		}
	}
}

// servicesOut says which services are trusted besides: the file has no word for
// them, and a deployment leaves them on.
func (d *drafter) servicesOut(p *page) {
	trusted, _ := d.s.TrustedServices.Get()
	needed := d.needed()
	var others []string
	for _, s := range trusted {
		if !slices.Contains(needed, s) {
			others = append(others, s)
		}
	}
	if len(others) > 0 {
		p.comment(0, fmt.Sprintf("not in the file, and left on: trusted access of %s: %s", count(len(others), "service"), some(others)))
	}
}
