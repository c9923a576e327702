package awsdata

import "slices"

// A Partition is a group of regions that share accounts and ARNs.
type Partition struct {
	Name         string // aws, aws-us-gov: the second field of an ARN
	DNSSuffix    string // of service endpoints
	GlobalRegion string // region that single-endpoint global services report
	SAMLAudience string // SAML:aud of console sign-in; "" where it was not read
	Regions      []Region
}

// A Region is one region of a partition.
type Region struct {
	Name  string
	OptIn bool // an account must enable it first
}

// Partitions are the partitions and regions that are open to customers.
// Regions that AWS introduced after 20 March 2019 must be opted in to.
var Partitions = Datum[[]Partition]{
	Value: []Partition{
		{
			Name: "aws", DNSSuffix: "amazonaws.com", GlobalRegion: "us-east-1", SAMLAudience: "https://signin.aws.amazon.com/saml",
			Regions: []Region{
				{"af-south-1", true}, {"ap-east-1", true}, {"ap-east-2", true},
				{"ap-northeast-1", false}, {"ap-northeast-2", false}, {"ap-northeast-3", false},
				{"ap-south-1", false}, {"ap-south-2", true},
				{"ap-southeast-1", false}, {"ap-southeast-2", false}, {"ap-southeast-3", true}, {"ap-southeast-4", true},
				{"ap-southeast-5", true}, {"ap-southeast-6", true}, {"ap-southeast-7", true},
				{"ca-central-1", false}, {"ca-west-1", true},
				{"eu-central-1", false}, {"eu-central-2", true}, {"eu-north-1", false}, {"eu-south-1", true}, {"eu-south-2", true},
				{"eu-west-1", false}, {"eu-west-2", false}, {"eu-west-3", false},
				{"il-central-1", true}, {"me-central-1", true}, {"me-south-1", true}, {"mx-central-1", true},
				{"sa-east-1", false},
				{"us-east-1", false}, {"us-east-2", false}, {"us-west-1", false}, {"us-west-2", false},
			},
		},
		{
			Name: "aws-cn", DNSSuffix: "amazonaws.com.cn", GlobalRegion: "cn-north-1", SAMLAudience: "https://signin.amazonaws.cn/saml",
			Regions: []Region{{"cn-north-1", false}, {"cn-northwest-1", false}},
		},
		{
			Name: "aws-eusc", DNSSuffix: "amazonaws.eu", GlobalRegion: "eusc-de-east-1",
			Regions: []Region{{"eusc-de-east-1", false}},
		},
		{
			Name: "aws-us-gov", DNSSuffix: "amazonaws.com", GlobalRegion: "us-gov-west-1", SAMLAudience: "https://signin.amazonaws-us-gov.com/saml",
			Regions: []Region{{"us-gov-east-1", false}, {"us-gov-west-1", false}},
		},
	},
	Source: "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html github.com/aws/aws-sdk-go-v2@v1.47.7/internal/endpoints/awsrulesfn/partitions.json https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html",
	Read:   "2026-11-22",
}

// PartitionOf is the partition that a region belongs to.
func PartitionOf(region string) (Partition, bool) {
	for _, p := range Partitions.Value {
		if slices.ContainsFunc(p.Regions, func(r Region) bool { return r.Name == region }) {
			return p, true
		}
	}
	return Partition{}, false
}

// LookupPartition is the partition of a name.
func LookupPartition(name string) (Partition, bool) {
	i := slices.IndexFunc(Partitions.Value, func(p Partition) bool { return p.Name == name })
	if i < 0 {
		return Partition{}, false
	}
	return Partitions.Value[i], true
}

// RegionNames are the names of the regions of a partition, sorted; none for an
// unknown partition, all regions for "".
func RegionNames(partition string) []string {
	names := []string{}
	for _, p := range Partitions.Value {
		if p.Name == partition || partition == "" {
			for _, r := range p.Regions {
				names = append(names, r.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}
