package awsdata

import (
	"slices"
	"strings"
)

// SingleEndpointServices are the prefixes of services that answer at one
// endpoint for all regions of a partition, whichever region a client is in:
// their requests have the partition's GlobalRegion as aws:RequestedRegion. It
// is those of which AWS's page of global services and their own pages of
// endpoints say so, and no more: another service has the client's region.
var SingleEndpointServices = Datum[[]string]{
	Value: []string{
		"account", "billing", "budgets", "ce", "cloudfront", "cur", "freetier", "globalaccelerator", "health", "iam",
		"invoicing", "networkmanager", "organizations", "payments", "route53", "route53domains", "shield", "support",
		"tax", "trustedadvisor",
	},
	Source: "https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html",
	Read:   "2026-11-22",
}

// SingleEndpointRegions are the regions of those of these services that answer
// in another region than the partition's GlobalRegion, by partition and prefix.
var SingleEndpointRegions = Datum[map[string]string]{
	Value:  map[string]string{"aws-cn organizations": "cn-northwest-1"},
	Source: "https://docs.aws.amazon.com/organizations/latest/userguide/region-support.html",
	Read:   "2026-11-29",
}

// RegionOf is the value of aws:RequestedRegion of a call that a client in a
// region of the partition makes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
func RegionOf(partition, region, action string) string {
	prefix, _, _ := strings.Cut(action, ":")
	i := slices.IndexFunc(Partitions.Value, func(p Partition) bool { return p.Name == partition })
	if i < 0 || Partitions.Value[i].GlobalRegion == "" || !slices.Contains(SingleEndpointServices.Value, strings.ToLower(prefix)) {
		return region
	}
	if region, ok := SingleEndpointRegions.Value[partition+" "+strings.ToLower(prefix)]; ok {
		return region
	}
	return Partitions.Value[i].GlobalRegion
}
