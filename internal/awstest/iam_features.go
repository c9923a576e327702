package awstest

import (
	"net/http"
	"slices"
	"strings"
)

// iamFeatureCalls are centralized root access, which moto lacks.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html
var iamFeatureCalls = map[string]func(e *Emulator, q *request) *answer{
	"EnableOrganizationsRootCredentialsManagement":  setFeature("RootCredentialsManagement", true),
	"EnableOrganizationsRootSessions":               setFeature("RootSessions", true),
	"DisableOrganizationsRootCredentialsManagement": setFeature("RootCredentialsManagement", false),
	"DisableOrganizationsRootSessions":              setFeature("RootSessions", false),
	"ListOrganizationsFeatures":                     setFeature("", false),
}

// setFeature switches a feature, and answers with those that are on.
func setFeature(feature string, on bool) func(e *Emulator, q *request) *answer {
	return func(e *Emulator, q *request) *answer {
		o := e.organizationOf(q.account)
		if o == nil {
			return refuse("OrganizationNotFoundException", "The request was rejected because no organization is associated with your account.").as(http.StatusNotFound).answer(q)
		}
		o.mu.Lock()
		_, trusted := o.services[iamService]
		o.mu.Unlock()
		if !trusted {
			return refuse("ServiceAccessNotEnabledException", "The request was rejected because trusted access is not enabled for IAM in Organizations.").as(http.StatusBadRequest).answer(q)
		}
		if !o.administers(q.account, iamService) {
			return refuse("AccountNotManagementOrDelegatedAdministratorException", "The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.").as(http.StatusForbidden).answer(q)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		if has := slices.Contains(o.features, feature); on && !has {
			o.features = append(o.features, feature)
			slices.Sort(o.features)
		} else if !on && has {
			o.features = slices.DeleteFunc(o.features, func(f string) bool { return f == feature })
		}
		var b strings.Builder
		b.WriteString("<EnabledFeatures>")
		for _, f := range o.features {
			b.WriteString("<member>" + f + "</member>")
		}
		b.WriteString("</EnabledFeatures><OrganizationId>" + escape(o.id) + "</OrganizationId>")
		return okXML(q, b.String())
	}
}
