package templates_test

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
)

// unreal are vectors that ask what AWS is not known to ask, and why they are
// kept. The key is "id: name".
var unreal = map[string]string{
	"deny-confused-deputy: a role, whatever source stands in its request, is no service": "AWS gives the source of calls of services alone; the template asks for a service all the same, and this is what it would spare",
}

// Every vector is a request that AWS may ask policies about: the action takes
// its resource, which carries its context, and its principal and its context can
// come together.
func TestVectorsAreRequests(t *testing.T) {
	seen := map[string]bool{}
	for _, tm := range load(t).All() {
		for _, v := range tm.Vectors {
			name := tm.ID + ": " + v.Name
			for _, mistake := range slices.Concat(misplaced(v), contradictions(v)) {
				if seen[name] = true; unreal[name] == "" {
					t.Errorf("%s: %s", name, mistake)
				}
			}
		}
	}
	for name := range unreal {
		if !seen[name] {
			t.Errorf("it is named as no real request, and is one: %s", name)
		}
	}
}

// misplaced says why AWS would not ask about the action of a vector on its
// resource, or not with its context. AWS asks about each resource that a call
// names, of which a vector has one; where there is none to name, or only such
// as may be left out, it asks about "*".
func misplaced(v catalog.Vector) []string {
	a, ok := awsdata.Action(v.Action)
	if !ok || awsdata.NewerResource(v.Action, v.Resource) {
		return nil // TestActionsAndKeysAreAWSs has the actions, and the keys of what is newer
	}
	if v.Resource == "" || v.Resource == "*" {
		i := slices.IndexFunc(a.Resources, func(r awsdata.ActionResource) bool { return r.Required })
		if i < 0 || ofRootItself(v, a.Resources[i]) {
			return nil
		}
		return []string{fmt.Sprintf("%s is always about a resource, such as one of the type %s", v.Action, a.Resources[i].Type)}
	}
	types := typesOf(v.Action, v.Resource)
	var taken []awsdata.ActionResource
	for _, r := range a.Resources {
		if slices.Contains(types, r.Type) {
			taken = append(taken, r)
		}
	}
	if len(taken) == 0 {
		return []string{fmt.Sprintf("%s takes no resource such as %s, of the types %q", v.Action, v.Resource, types)}
	}
	var found []string
	mayBeAll := makes.MatchString(a.Name) || a.Level == awsdata.List || a.Level == awsdata.Read
	if strings.ContainsAny(v.Resource, "*?") && !(mayBeAll && wholeID.MatchString(v.Resource)) {
		found = append(found, fmt.Sprintf("%s is about one resource, and %s is none", v.Action, v.Resource))
	}
	for _, key := range slices.Sorted(maps.Keys(v.Context)) {
		if !awsdata.NewerKey(v.Action, key) && !slices.ContainsFunc(taken, func(r awsdata.ActionResource) bool { return carriedOn(a, &r, key) }) {
			found = append(found, fmt.Sprintf("%s does not carry %s on %s", v.Action, key, v.Resource))
		}
	}
	return found
}

// wholeID matches an ARN in which * stands for nothing less than an id.
var wholeID = regexp.MustCompile(`^[^*?]*[:/]\*([:/][^*?]*)?$`)

// makes are the actions whose resource is not there yet, so that AWS puts * for
// its id; a call that lists may be about all of a type too. An endpoint for
// services of other regions needs vpce:AllowMultiRegion when it is made.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-for-amazon-ec2.html#EC2_ARN_Format
var makes = regexp.MustCompile(`^[a-z0-9-]+:(Create|Import|Request|Run|Start)|^vpce:AllowMultiRegion$`)

// ofRootItself reports whether a request is about the root user, who asks. The
// root user is no user of IAM, and AWS does not say which resource its
// credentials belong to.
func ofRootItself(v catalog.Vector, r awsdata.ActionResource) bool {
	return strings.HasSuffix(v.Principal, ":root") && strings.HasPrefix(v.Action, "iam:") && r.Type == "user"
}

// typesOf are the resource types, of those of the action's service, that an ARN
// is of. arn:aws:s3:::logs/1 has the form of a bucket's, too; that of an object
// says more of it.
func typesOf(action, arn string) []string {
	prefix, _, _ := strings.Cut(action, ":")
	service, _ := awsdata.LookupService(prefix)
	most, types := 0, []string(nil)
	for _, r := range service.Resources {
		for _, form := range r.ARNs {
			switch said, ok := awsdata.MatchARN(form, arn); {
			case ok && said > most:
				most, types = said, []string{r.Name}
			case ok && said == most:
				types = append(types, r.Name)
			}
		}
	}
	return types
}

var (
	isAccount   = regexp.MustCompile(`^[0-9]{12}$`)
	isService   = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	isOrg       = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	isOrgPath   = regexp.MustCompile(`^o-[a-z0-9]{10,32}/r-[a-z0-9]{4,32}/(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}/)*$`)
	isViaRegion = regexp.MustCompile(`^[a-z0-9-]+\.([a-z0-9-]+)\.amazonaws\.com$`)
)

// several are keys that the reference gives one value, where a call names
// several of what the key is named after: the instance types of a group, the
// principals of a policy that is put as a whole.
var several = []string{"autoscaling:InstanceTypes", "lambda:Principal"}

// contradictions says what of a vector's principal, resource and context cannot
// come together, or cannot be at all.
func contradictions(v catalog.Vector) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(v.Context)) {
		known, _ := awsdata.LookupConditionKey(key)
		kind, takesList := strings.CutPrefix(known.Type, "ArrayOf")
		values, isList := valuesOf(v.Context[key])
		if isList && known.Type != "" && !takesList && !slices.Contains(several, key) {
			found = append(found, fmt.Sprintf("%s has one value, and not %v", key, values))
		}
		for _, value := range values {
			if !isOf(kind, value) {
				found = append(found, fmt.Sprintf("%s is %q, where AWS has a %s", key, value, kind))
			}
			if !fitsIn(v, strings.ToLower(key), value) {
				found = append(found, fmt.Sprintf("%s cannot be %q in a request of %q about %q", key, value, v.Principal, v.Resource))
			}
		}
	}
	return found
}

// valuesOf are the values of a context key, and whether they are a list.
func valuesOf(v any) (values []string, isList bool) {
	list, isList := v.([]any)
	if !isList {
		return []string{v.(string)}, false
	}
	for _, item := range list {
		values = append(values, item.(string))
	}
	return values, true
}

// isOf reports whether a value is one of a key's type.
func isOf(kind, value string) bool {
	var err error
	switch kind {
	case "Bool":
		return value == "true" || value == "false"
	case "Numeric":
		_, err = strconv.ParseFloat(value, 64)
	case "IPAddress":
		_, err = netip.ParseAddr(value)
	case "ARN":
		return isARN(value)
	}
	return err == nil
}

// isARN reports whether a value is an ARN, of a region that there is and of an
// account, of AWS, or of nobody.
func isARN(value string) bool {
	f := strings.SplitN(value, ":", 6)
	return len(f) == 6 && f[0] == "arn" && f[1] == "aws" &&
		(f[3] == "" || isRegion(f[3])) && (f[4] == "" || f[4] == "aws" || isAccount.MatchString(f[4]))
}

func isRegion(name string) bool { return slices.Contains(awsdata.RegionNames("aws"), name) }

// fitsIn reports whether a value of a key, in small letters, is possible beside
// the principal and the resource of a vector.
func fitsIn(v catalog.Vector, key, value string) bool {
	var region, owner string
	if f := strings.SplitN(v.Resource, ":", 6); len(f) == 6 {
		region, owner = f[3], f[4]
	}
	person := strings.HasPrefix(v.Principal, "arn:") // of an account: neither a service nor anonymous
	switch key {
	case "aws:principalarn":
		return person && value == v.Principal
	case "aws:principalaccount":
		return person && value == account(v)
	case "aws:principalorgid":
		return person && isOrg.MatchString(value)
	case "aws:principalorgpaths":
		return person && isOrgPath.MatchString(value)
	case "aws:username":
		return strings.Contains(v.Principal, ":user/") && strings.HasSuffix(v.Principal, "/"+value)
	case "aws:assumedroot":
		return value == "false" || strings.HasSuffix(v.Principal, ":root")
	case "aws:principalisawsservice":
		return (value == "true") == isService.MatchString(v.Principal)
	case "aws:principalservicename":
		return value == v.Principal
	case "aws:sourceaccount":
		return isService.MatchString(v.Principal) && isAccount.MatchString(value)
	case "aws:sourceorgid":
		return isService.MatchString(v.Principal) && isOrg.MatchString(value)
	case "aws:sourcearn":
		return isService.MatchString(v.Principal) && isARN(value)
	case "aws:resourceaccount":
		return isAccount.MatchString(value) && (owner == "" || owner == value)
	case "aws:resourceorgid", "aws:vpceorgid":
		return isOrg.MatchString(value)
	case "aws:vpceaccount":
		return isAccount.MatchString(value)
	case "aws:requestedregion":
		if value == "unspecified" { // of a model that a global inference profile calls
			return region == "" && strings.HasPrefix(v.Action, "bedrock:")
		}
		return isRegion(value) && awsdata.RegionOf("aws", value, v.Action) == value && (region == "" || region == value)
	case "account:targetregion", "s3:locationconstraint":
		return isRegion(value)
	case "kms:viaservice":
		m := isViaRegion.FindStringSubmatch(value)
		return m != nil && isRegion(m[1])
	case "iam:passedtoservice", "iam:awsservicename", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast":
		return isService.MatchString(value)
	}
	return true
}

// The test above sees what it is there for.
func TestRequestsThatCannotBeAreSeen(t *testing.T) {
	role, user, root, service := "arn:aws:iam::222222222222:role/Admin", "arn:aws:iam::222222222222:user/alice", "arn:aws:iam::222222222222:root", "cloudtrail.amazonaws.com"
	app, object := "arn:aws:iam::222222222222:role/app", "arn:aws:s3:::logs/1.gz"
	with := func(key string, value any) map[string]any { return map[string]any{key: value} }
	for name, v := range map[string]catalog.Vector{
		"an object for a bucket":              {Principal: role, Action: "s3:PutBucketPolicy", Resource: object},
		"a bucket for an object":              {Principal: role, Action: "s3:PutObject", Resource: "arn:aws:s3:::logs"},
		"a role for a user":                   {Principal: role, Action: "iam:CreateAccessKey", Resource: app},
		"a resource where there is none":      {Principal: role, Action: "s3:ListAllMyBuckets", Resource: "arn:aws:s3:::logs"},
		"no resource where there is one":      {Principal: role, Action: "iam:CreateRole", Resource: "*"},
		"no resource, said by silence":        {Principal: role, Action: "iam:CreateRole"},
		"another service":                     {Principal: role, Action: "iam:CreateRole", Resource: "arn:aws:sts::222222222222:role/app"},
		"no account":                          {Principal: role, Action: "iam:CreateRole", Resource: "arn:aws:iam:::role/app"},
		"eleven digits":                       {Principal: role, Action: "iam:CreateRole", Resource: "arn:aws:iam::22222222222:role/app"},
		"a region too many":                   {Principal: role, Action: "iam:CreateRole", Resource: "arn:aws:iam:eu-central-1:222222222222:role/app"},
		"a region that there is not":          {Principal: role, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-middle-1:222222222222:jobs"},
		"many of what is one":                 {Principal: role, Action: "sqs:DeleteQueue", Resource: "arn:aws:sqs:eu-central-1:222222222222:*"},
		"part of an id":                       {Principal: role, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:eu-central-1:222222222222:instance/i-*"},
		"a key of another resource":           {Principal: role, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:eu-central-1:222222222222:volume/*", Context: with("ec2:MetadataHttpTokens", "required")},
		"a role's other name":                 {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:PrincipalArn", app)},
		"another account":                     {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:PrincipalAccount", "333333333333")},
		"an account of a service":             {Principal: service, Action: "s3:PutObject", Resource: object, Context: with("aws:PrincipalAccount", "222222222222")},
		"an organization of nobody":           {Action: "s3:GetObject", Resource: object, Context: with("aws:PrincipalOrgID", "o-a1b2c3d4e5")},
		"a short id of an organization":       {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:PrincipalOrgID", "o-a1b2")},
		"a path that does not end":            {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:PrincipalOrgPaths", []any{"o-a1b2c3d4e5/r-ab12"})},
		"a user name of a role":               {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:username", "Admin")},
		"a user name of another":              {Principal: user, Action: "iam:CreateRole", Resource: app, Context: with("aws:username", "bob")},
		"a central root session of a role":    {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:AssumedRoot", "true")},
		"the root user of something else":     {Principal: root, Action: "iam:CreateRole", Resource: "*"},
		"a role that is a service":            {Principal: role, Action: "s3:PutObject", Resource: object, Context: with("aws:PrincipalIsAWSService", "true")},
		"a service that is none":              {Principal: service, Action: "s3:PutObject", Resource: object, Context: with("aws:PrincipalIsAWSService", "false")},
		"the name of another service":         {Principal: service, Action: "s3:PutObject", Resource: object, Context: with("aws:PrincipalServiceName", "config.amazonaws.com")},
		"the source of a role":                {Principal: role, Action: "s3:PutObject", Resource: object, Context: with("aws:SourceAccount", "222222222222")},
		"the organization of a role's source": {Principal: role, Action: "s3:PutObject", Resource: object, Context: with("aws:SourceOrgID", "o-a1b2c3d4e5")},
		"a source that is no ARN":             {Principal: service, Action: "s3:PutObject", Resource: object, Context: with("aws:SourceArn", "org-trail")},
		"the account of another resource":     {Principal: role, Action: "sts:AssumeRole", Resource: app, Context: with("aws:ResourceAccount", "333333333333")},
		"an endpoint's account by its name":   {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:VpceAccount", "payments")},
		"a call in a region without it":       {Principal: role, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:eu-central-1:222222222222:jobs", Context: with("aws:RequestedRegion", "us-east-1")},
		"the region of a global service":      {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:RequestedRegion", "eu-central-1")},
		"a region of nobody":                  {Principal: role, Action: "s3:ListAllMyBuckets", Context: with("aws:RequestedRegion", "eu-middle-1")},
		"a region that is not said":           {Principal: role, Action: "s3:ListAllMyBuckets", Context: with("aws:RequestedRegion", "unspecified")},
		"a bucket's region":                   {Principal: role, Action: "s3:CreateBucket", Resource: "arn:aws:s3:::logs", Context: with("s3:locationconstraint", "eu-middle-1")},
		"a service that has no host":          {Principal: role, Action: "iam:PassRole", Resource: app, Context: with("iam:PassedToService", "lambda")},
		"a key's service without a region":    {Principal: role, Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-central-1:222222222222:key/a", Context: with("kms:ViaService", "ec2.amazonaws.com")},
		"a list of one":                       {Principal: role, Action: "iam:PassRole", Resource: app, Context: with("iam:PassedToService", []any{"lambda.amazonaws.com"})},
		"yes":                                 {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:SecureTransport", "yes")},
		"a number in words":                   {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:MultiFactorAuthAge", "an hour")},
		"a range for an address":              {Principal: role, Action: "s3:GetObject", Resource: object, Context: with("aws:SourceIp", "203.0.113.0/24")},
		"a name for an ARN":                   {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("iam:PermissionsBoundary", "developer")},
	} {
		if len(misplaced(v))+len(contradictions(v)) == 0 {
			t.Errorf("%s: no mistake is seen", name)
		}
	}
	for name, v := range map[string]catalog.Vector{
		"an object":                  {Principal: role, Action: "s3:PutObject", Resource: object},
		"what a launch makes":        {Principal: role, Action: "ec2:RunInstances", Resource: "arn:aws:ec2:eu-central-1:222222222222:instance/*", Context: with("ec2:MetadataHttpTokens", "required")},
		"all of a type":              {Principal: role, Action: "cloudwatch:DescribeAlarms", Resource: "arn:aws:cloudwatch:eu-central-1:222222222222:alarm:*"},
		"the root user itself":       {Principal: root, Action: "iam:CreateAccessKey", Resource: "*"},
		"a resource that is newer":   {Principal: role, Action: "states:InvokeHTTPEndpoint", Resource: "arn:aws:states:eu-central-1:222222222222:stateMachine:orders"},
		"a global service":           {Principal: role, Action: "iam:CreateRole", Resource: app, Context: with("aws:RequestedRegion", "us-east-1")},
		"a list of what are several": {Principal: role, Action: "lambda:PutResourcePolicy", Resource: "arn:aws:lambda:eu-central-1:222222222222:function:app", Context: with("lambda:Principal", []any{"*"})},
	} {
		if got := slices.Concat(misplaced(v), contradictions(v)); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
