// Package access speaks of permissions as AWS's reviews do, by service and
// access level. It turns "list and read of S3" into the actions of a policy, and
// a policy document into what it allows and denies of each service.
//
// What it knows of actions is awsdata's, and as old as that. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
package access

import (
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/awsdata"
)

// Levels are the access levels as the organization file spells them, in AWS's
// order.
func Levels() []string {
	var out []string
	for _, l := range awsdata.AccessLevels() {
		out = append(out, spelled(l))
	}
	return out
}

// spelled is permissions-management for Permissions management.
func spelled(l awsdata.AccessLevel) string {
	return strings.ReplaceAll(strings.ToLower(string(l)), " ", "-")
}

// Missing are those of the levels, spelled as in the file, that no action of the
// service has.
func Missing(service string, levels []string) []string {
	return slices.DeleteFunc(slices.Clone(levels), func(l string) bool {
		return slices.ContainsFunc(awsdata.Actions(service), func(a awsdata.ActionInfo) bool { return spelled(a.Level) == l })
	})
}

// Actions are the actions of a service that have one of the levels, as the
// action list of a policy: the shortest that matches exactly these, sorted.
//
// All actions of the service are s3:*. What lists or reads is shortened to the
// first word of its name, ec2:Describe*, where every action of that first word
// lists or reads and is asked for. Every other action stands in full, so that no
// action which changes something is granted before somebody has read its name.
func Actions(service string, levels []string) []string {
	all := awsdata.Actions(service)
	wanted := map[string]bool{}
	for _, a := range all {
		if slices.Contains(levels, spelled(a.Level)) {
			wanted[a.Name] = true
		}
	}
	if len(wanted) == len(all) && len(all) > 0 {
		prefix, _, _ := strings.Cut(all[0].Name, ":")
		return []string{prefix + ":*"}
	}
	harmless := func(a awsdata.ActionInfo) bool {
		return wanted[a.Name] && (a.Level == awsdata.List || a.Level == awsdata.Read)
	}
	out := []string{}
	covered := func(name string) bool {
		return slices.ContainsFunc(out, func(p string) bool {
			stem, wide := strings.CutSuffix(p, "*")
			return wide && len(name) >= len(stem) && strings.EqualFold(name[:len(stem)], stem)
		})
	}
	for _, a := range all { // sorted, so that the shorter first words come first
		word, ok := firstWord(a.Name)
		if !ok || !harmless(a) || covered(a.Name) {
			continue
		}
		same := awsdata.MatchActions(word + "*")
		if len(same) > 1 && !slices.ContainsFunc(same, func(b awsdata.ActionInfo) bool { return !harmless(b) }) {
			out = append(out, word+"*")
		}
	}
	for _, a := range all {
		if wanted[a.Name] && !covered(a.Name) {
			out = append(out, a.Name)
		}
	}
	slices.Sort(out)
	return out
}

// firstWord is ec2:Describe for ec2:DescribeInstances; a name of one word has none.
func firstWord(name string) (string, bool) {
	begin := strings.IndexByte(name, ':') + 1
	for i := begin + 1; i < len(name); i++ {
		if isUpper(name[i]) && !isUpper(name[i-1]) {
			return name[:i], true
		}
	}
	return "", false
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// Takes reports whether an action of a service with one of the levels takes
// resources whose ARN has the service field of, as s3:GetObject takes
// arn:aws:s3:::logs/today.
func Takes(service string, levels []string, of string) bool {
	s, _ := awsdata.LookupService(service)
	return slices.ContainsFunc(s.Actions, func(a awsdata.ActionInfo) bool {
		return slices.Contains(levels, spelled(a.Level)) && slices.ContainsFunc(a.Resources, func(r awsdata.ActionResource) bool {
			t, _ := s.Resource(r.Type)
			return slices.ContainsFunc(t.ARNs, func(arn string) bool {
				fields := strings.SplitN(arn, ":", 4)
				return len(fields) > 2 && strings.EqualFold(fields[2], of)
			})
		})
	})
}

// ServiceNamed is the service whose name, not whose prefix, somebody wrote:
// states for step-functions, logs for cloudwatchlogs. Of several it is the one
// with the shortest name.
func ServiceNamed(text string) (awsdata.Service, bool) {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, strings.ToLower(s))
	}
	var best awsdata.Service
	text = letters(text)
	for _, s := range awsdata.ServiceAuthorization().Value.Services {
		if len(text) >= 4 && strings.Contains(letters(s.Name), text) && (best.Name == "" || len(s.Name) < len(best.Name)) {
			best = s
		}
	}
	return best, best.Name != ""
}
