package policy

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/diag"
)

var (
	keyForm  = regexp.MustCompile(`^[^:\s]+:\S(.*\S)?$`)
	vpcForm  = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)
	vpceForm = regexp.MustCompile(`^vpce-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

func (v *validator) conditions(i int, cs Conditions) {
	operators := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(cs)) {
		at := func(rest ...any) path { return append(path{"Statement", i, "Condition", name}, rest...) }
		set, op, ifExists, ok := SplitOperator(name)
		if !ok {
			hint := diag.DidYouMean(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "ForAnyValue:"), "ForAllValues:"), "IfExists"), Operators())
			if strings.EqualFold(name, "NullIfExists") {
				hint = "Null asks itself whether the key exists"
			}
			v.errorf(at(), "GR110", hint, "no condition operator is named %q", name)
			continue
		}
		if other, twice := operators[strings.ToLower(name)]; twice {
			v.errorf(at(), "GR110", "keep one of them", "the operators %q and %q are the same", other, name)
		}
		operators[strings.ToLower(name)] = name
		keys := map[string]string{}
		for _, key := range slices.Sorted(maps.Keys(cs[name])) {
			if other, twice := keys[strings.ToLower(key)]; twice {
				v.errorf(at(key), "GR110", "keep one of them", "the condition keys %q and %q are the same", other, key)
			}
			keys[strings.ToLower(key)] = key
			v.key(at(key), key)
			vs := cs[name][key]
			if (op == "Bool" || op == "Null") && set == "" && len(vs) > 1 {
				v.errorf(at(key), "GR110", "keep one of them", "%s takes one value, and has %d", name, len(vs))
			}
			if ifExists && set != "" && len(vs) == 0 {
				v.warnf(at(key), "GR110", "remove the key", "%s of no value decides nothing", name)
			}
			private := 0
			for j, val := range vs {
				v.value(at(key, j), op, key, val)
				if p, err := netip.ParsePrefix(val); err == nil && p.Addr().IsPrivate() {
					private++
				} else if a, err := netip.ParseAddr(val); err == nil && a.IsPrivate() {
					private++
				}
			}
			if strings.EqualFold(key, "aws:SourceIp") && private > 0 && private == len(vs) {
				v.errorf(at(key), "GR110", "use aws:VpcSourceIp together with aws:SourceVpc", "aws:SourceIp is always a public address, and the values are private")
			}
		}
	}
}

func (v *validator) key(at path, key string) {
	if !keyForm.MatchString(key) {
		v.errorf(at, "GR110", "expected service:key, such as aws:PrincipalArn", "%q is no condition key", key)
		return
	}
	for _, tag := range []string{"aws:PrincipalTag", "aws:RequestTag", "aws:ResourceTag"} {
		if strings.EqualFold(strings.TrimSuffix(key, "/"), tag) {
			v.errorf(at, "GR110", "write "+tag+"/ and the key of the tag", "%s has no key of a tag", tag)
		}
	}
	if strings.EqualFold(key, "aws:ARN") {
		v.errorf(at, "GR110", "use aws:PrincipalArn", "the condition key aws:ARN is none of AWS's")
	}
}

// value checks one value for its operator.
func (v *validator) value(at path, op, key, val string) {
	v.variables(at, val)
	class := strings.TrimPrefix(strings.TrimPrefix(op, "Not"), "Ip")
	takesVariables := strings.HasPrefix(op, "String") || strings.HasPrefix(op, "Arn") || op == "Bool"
	if strings.Contains(val, "${") {
		if !takesVariables {
			v.errorf(at, "GR111", "variables stand in string, ARN and boolean conditions", "%s takes no policy variable", op)
		}
		return
	}
	switch {
	case op == "Null", op == "Bool":
		if !strings.EqualFold(val, "true") && !strings.EqualFold(val, "false") {
			v.warnf(at, "GR110", "expected true or false", "%s compares with %q", op, val)
		}
	case strings.HasPrefix(op, "Numeric"):
		if _, err := strconv.ParseFloat(val, 64); err != nil {
			v.warnf(at, "GR110", "expected a number", "%s compares with %q", op, val)
		}
	case strings.HasPrefix(op, "Date"):
		if !isDate(val) {
			v.warnf(at, "GR110", "expected a date such as 2026-11-22T00:00:00Z", "%s compares with %q", op, val)
		}
	case class == "Address":
		_, errPrefix := netip.ParsePrefix(val)
		_, errAddr := netip.ParseAddr(val)
		if errPrefix != nil && errAddr != nil {
			v.errorf(at, "GR110", "expected an address range such as 198.51.100.0/24", "%s compares with %q", op, val)
		}
	case strings.HasPrefix(op, "StringEquals") || strings.HasPrefix(op, "StringNotEquals"):
		if strings.EqualFold(key, "aws:SourceVpc") && !vpcForm.MatchString(val) || strings.EqualFold(key, "aws:SourceVpce") && !vpceForm.MatchString(val) {
			v.errorf(at, "GR110", "expected vpc- or vpce- and 8 or 17 hexadecimal digits", "%s compares with %q", key, val)
		}
	case strings.HasPrefix(op, "Arn") && val != "*":
		if len(SplitARN(val)) < 6 {
			v.warnf(at, "GR112", "ARN conditions compare six fields one by one", "%q has fewer than the six fields of an ARN", val)
		}
	}
}

// isDate takes what AWS does: W3C profiles of ISO 8601, or seconds since 1970.
func isDate(s string) bool {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// variables checks the policy variables in a resource or a condition value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (v *validator) variables(at path, s string) {
	first := true
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			return
		}
		if first && v.d.Version != Version2012 {
			v.errorf(at, "GR111", `write "Version": "2012-10-17"`, "policy variables need the version 2012-10-17; without it ${ is text")
		}
		first = false
		body, rest, closed := strings.Cut(s[i+2:], "}")
		s = rest
		if !closed {
			v.errorf(at, "GR111", "close it with }", "a policy variable is not closed")
			return
		}
		name, def, hasDefault := strings.Cut(body, ",")
		def = strings.TrimSpace(def)
		switch {
		case body == "*" || body == "?" || body == "$":
		case strings.TrimSpace(body) == "":
			v.errorf(at, "GR111", "name a condition key, such as ${aws:username}", "a policy variable is empty")
		case strings.ContainsAny(name, " \t"):
			v.errorf(at, "GR111", "remove the space", "the policy variable ${%s} holds a space", body)
		case hasDefault && (len(def) < 2 || def[0] != '\'' || def[len(def)-1] != '\''):
			v.errorf(at, "GR111", "put the default into single quotes: ${"+name+", 'default'}", "the default of the policy variable ${%s} is not in quotes", body)
		case !strings.Contains(name, ":") && !strings.EqualFold(name, "aws"):
			v.errorf(at, "GR111", "name a condition key, such as ${aws:username}; a literal is written ${*}, ${?} or ${$}", "${%s} is no condition key", body)
		}
	}
}
