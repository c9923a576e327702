package live

import (
	"fmt"
	"net/url"
	"strings"
)

const synthTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::100000000001:root"},"Action":"sts:AssumeRole"}]}`

// synthIAM is the same in every account: a role that can be assumed, one of a
// service, and the boundary of the first.
func synthIAM(op, account string, params map[string]any) string {
	result := func(inner string) string {
		return "<" + op + "Response><" + op + "Result>" + inner + "</" + op + "Result></" + op + "Response>"
	}
	arn := func(rest string) string { return "arn:aws:iam::" + account + ":" + rest }
	enc := url.PathEscape
	switch op {
	case "AssumeRole":
		of := strings.Split(fmt.Sprint(params["RoleArn"]), ":")[4]
		return strings.ReplaceAll(assumed, "ASIA", "ASIA"+of)
	case "ListOrganizationsFeatures":
		return result(`<OrganizationId>` + synthOrg + `</OrganizationId><EnabledFeatures><member>RootSessions</member></EnabledFeatures>`)
	case "GetAccountPasswordPolicy":
		return result(`<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true</RequireSymbols></PasswordPolicy>`)
	case "GetAccountAuthorizationDetails":
		return result(`<RoleDetailList>
<member><Arn>` + arn("role/Auditor") + `</Arn><RoleName>Auditor</RoleName><Path>/</Path><AssumeRolePolicyDocument>` + enc(synthTrust) + `</AssumeRolePolicyDocument>
<PermissionsBoundary><PermissionsBoundaryArn>` + arn("policy/edge") + `</PermissionsBoundaryArn></PermissionsBoundary>
<AttachedManagedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/SecurityAudit</PolicyArn></member></AttachedManagedPolicies><RolePolicyList/></member>
<member><Arn>` + arn("role/aws-service-role/x") + `</Arn><RoleName>x</RoleName><Path>/aws-service-role/</Path><AssumeRolePolicyDocument>` + enc(strings.Replace(synthTrust, `"AWS":"arn:aws:iam::100000000001:root"`, `"Service":"ec2.amazonaws.com"`, 1)) + `</AssumeRolePolicyDocument></member>
</RoleDetailList><GroupDetailList/><Policies><member><Arn>` + arn("policy/edge") + `</Arn><PolicyName>edge</PolicyName><Path>/</Path><PolicyVersionList><member><IsDefaultVersion>true</IsDefaultVersion><Document>` + enc(`{"Version":"2012-10-17","Statement":[]}`) + `</Document></member></PolicyVersionList></member></Policies><IsTruncated>false</IsTruncated>`)
	case "ListRoles":
		return result(`<Roles><member><Arn>` + arn("role/Auditor") + `</Arn><RoleName>Auditor</RoleName><Description>reads</Description><MaxSessionDuration>7200</MaxSessionDuration></member></Roles><IsTruncated>false</IsTruncated>`)
	case "GetPolicy":
		return result(`<Policy><Description>the edge</Description></Policy>`)
	}
	return `{"__type":"UnknownOperation","message":"` + op + `"}`
}
