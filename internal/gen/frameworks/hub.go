package frameworks

// hubPage is AWS's page that maps controls of Security Hub to requirements of
// the CIS benchmarks, read on 2026-11-22. It maps versions 5.0, 3.0, 1.4 and 1.2.
const hubPage = "https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html"

// hub are the controls of AWS Security Hub for the controls of a framework.
var hub = map[string]map[string][]string{
	"cis-aws-foundations-3.0": {
		"1.2":   {"Account.1"},
		"1.4":   {"IAM.4"},
		"1.5":   {"IAM.9"},
		"1.6":   {"IAM.6"},
		"1.8":   {"IAM.15"},
		"1.9":   {"IAM.16"},
		"1.10":  {"IAM.5"},
		"1.12":  {"IAM.22"},
		"1.14":  {"IAM.3"},
		"1.15":  {"IAM.2"},
		"1.17":  {"IAM.18"},
		"1.19":  {"IAM.26"},
		"1.20":  {"IAM.28"},
		"1.22":  {"IAM.27"},
		"2.1.1": {"S3.5"},
		"2.1.2": {"S3.20"},
		"2.1.4": {"S3.1", "S3.8"},
		"2.2.1": {"EC2.7"},
		"2.3.1": {"RDS.3"},
		"2.3.2": {"RDS.13"},
		"2.3.3": {"RDS.2"},
		"2.4.1": {"EFS.1"},
		"3.1":   {"CloudTrail.1"},
		"3.2":   {"CloudTrail.4"},
		"3.3":   {"Config.1"},
		"3.4":   {"CloudTrail.7"},
		"3.5":   {"CloudTrail.2"},
		"3.6":   {"KMS.4"},
		"3.7":   {"EC2.6"},
		"5.1":   {"EC2.21"},
		"5.2":   {"EC2.53"},
		"5.3":   {"EC2.54"},
		"5.4":   {"EC2.2"},
		"5.6":   {"EC2.8"},
	},
}
