package observed

import (
	"regexp"
	"strings"
)

// The message that AWS services give, with what differs between them:
//
//	User: arn:aws:iam::777788889999:user/JohnDoe is not authorized to perform:
//	codecommit:ListRepositories on resource: … because no service control
//	policy allows the codecommit:ListRepositories action
//
//	User: … is not authorized to perform: ec2:RunInstances on resource: …
//	with an explicit deny in a service control policy: arn:aws:organizations::…
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
var (
	denied   = regexp.MustCompile(`(?:User: |user )?(anonymous|arn:aws[a-z-]*:[^ ]+|[a-z0-9.-]+\.amazonaws\.com) is not authorized to perform: ?([a-z0-9-]+:[A-Za-z0-9]+)(.*)`)
	on       = regexp.MustCompile(`^,? on resource: ?(.*?)(?: with an explicit deny| because no |$)`)
	explicit = regexp.MustCompile(`with an explicit deny in (?:an? |the )?(.*?policy|permissions boundary)\b`)
	implicit = regexp.MustCompile(`because no (.*?policy|permissions boundary)\b`)
)

// layers are AWS's words for the kinds of policy.
var layers = []struct{ words, layer string }{
	{"service control", "scp"},
	{"resource control", "rcp"},
	{"identity-based", "identity"},
	{"role trust", "resource"},
	{"resource-based", "resource"},
	{"permissions boundary", "boundary"},
	{"session", "session"},
	{"vpc endpoint", "vpce"},
}

// message reads the first AccessDenied message of a text.
func message(text string) (r *Request, ok bool) {
	m := denied.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	if m == nil {
		return nil, false
	}
	who, rest := m[1], m[3]
	r = &Request{Action: m[2], Context: map[string][]string{}}
	switch {
	case strings.HasPrefix(who, "arn:"):
		r.session(who)
	case strings.HasSuffix(who, ".amazonaws.com"):
		r.Principal = who
	}
	if s := on.FindStringSubmatch(rest); s != nil {
		r.resource(s[1])
	}
	if r.Resource == "" {
		r.note("the message does not name the resource")
	} else if parts := strings.SplitN(r.Resource, ":", 6); len(parts) == 6 && parts[3] != "" {
		r.set("aws:RequestedRegion", parts[3])
		r.note("the Region is taken to be that of the resource")
	}
	r.Denial = denial(rest)
	return r, true
}

// resource takes the resource as messages write it: with or without quotes,
// with a sentence behind it.
func (r *Request) resource(s string) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		s, _, _ = strings.Cut(quoted, `"`)
	} else {
		s, _, _ = strings.Cut(s, " ")
		s = strings.TrimRight(s, ".,;\"'")
	}
	r.Resource, r.Owner = s, accountIn(s)
}

// denial is AWS's reason, where the message has one.
func denial(text string) Denial {
	for _, p := range []struct {
		pattern  *regexp.Regexp
		explicit bool
	}{{explicit, true}, {implicit, false}} {
		m := p.pattern.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		d := Denial{Explicit: p.explicit, Text: m[0]}
		for _, l := range layers {
			if strings.Contains(strings.ToLower(m[1]), l.words) {
				d.Layer = l.layer
				break
			}
		}
		return d
	}
	return Denial{}
}
