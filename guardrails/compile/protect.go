package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

const protectRoles = "protect-roles"

// An exempted is a pattern of principals that some Deny spares.
type exempted struct {
	pattern  string // role/path/name
	accounts []*org.Account
	pinned   bool // only those accounts
	why      string
	at       diag.Range
}

// protectExempt sees to it that whoever a guardrail spares is protected itself:
// nobody but the deploy role may create, re-trust, re-policy, tag, delete or
// pass a role that matches. Otherwise a guardrail holds only for those who do
// not think of creating a role of the right name. What no protect-roles of the
// file covers gets one at the root.
func (k *compiler) protectExempt() {
	var missing []exempted
	for _, e := range k.exempted() {
		if onlyAWS(e.pattern) {
			continue
		}
		if problem := protectable(e.pattern); problem != "" {
			k.ds.Errorf(e.at, "GR314", "%s spares %s, which cannot be protected: %s", e.why, e.pattern, problem).Hint =
				"name roles: role/path/name, with wildcards behind some letters that are yours"
			continue
		}
		if !k.protected(e) {
			missing = append(missing, e)
		}
	}
	if len(missing) == 0 {
		return
	}
	at := missing[0].at
	var patterns []string
	for _, e := range missing {
		patterns = append(patterns, e.pattern)
	}
	patterns = slices.DeleteFunc(sortedUnique(patterns), func(p string) bool {
		return slices.ContainsFunc(patterns, func(wide string) bool { return wide != p && policy.Covers(wide, p, false) })
	})
	k.protect(k.byUnit[k.o.Root], protectRoles, "roles", patterns, at)
}

// exempted collects who is spared: by an exception, by an allow list, which
// allows everything to the deploy role and to break-glass roles, or by a template
// itself, which spares the deploy role and whom its parameters name. Exceptions
// come first: theirs is the line that asks for protection.
func (k *compiler) exempted() []exempted {
	var list []exempted
	for _, x := range k.spared {
		if what := k.undone(x); what != "" {
			k.refuse(x, x.Range, "GR314", "name the principals that may do so there",
				"the exception %s lets everybody in its accounts %s", x.Key, what)
		}
		if len(x.AccountIDs) > 0 && len(x.Accounts) == 0 {
			continue // roles of accounts that are not ours to protect
		}
		for _, p := range x.Principals {
			list = append(list, exempted{
				pattern: p.Pattern, accounts: x.Accounts, pinned: len(x.Accounts) > 0, why: "the exception " + x.Key, at: orRange(p.Range, x.Range),
			})
		}
	}
	seen := map[string]bool{}
	for _, n := range k.all {
		if l := n.allowList(); l != nil {
			for _, pattern := range append(k.breakGlassPatterns(), "role/"+k.o.DeployRole) {
				if !seen[pattern] {
					seen[pattern] = true
					list = append(list, exempted{pattern: pattern, why: "the allow list of " + n.selector(), at: l.Range})
				}
			}
		}
		for _, p := range n.pieces {
			if !p.template || seen[p.guardrail+"\x00"+p.origin.String()] {
				continue
			}
			seen[p.guardrail+"\x00"+p.origin.String()] = true
			for _, pattern := range k.sparedBy(p, nil) {
				if !seen[pattern] && !p.instance.protects(k.iamARN("*", pattern)) {
					seen[pattern] = true
					list = append(list, exempted{pattern: pattern, why: p.guardrail, at: p.origin})
				}
			}
		}
	}
	return list
}

// sparedBy are the patterns of our principals that the Deny statements of a
// piece spare, those of one account where one is given.
func (k *compiler) sparedBy(p *piece, of *org.Account) []string {
	var patterns []string
	for _, s := range p.statements {
		if s.Effect != policy.Deny {
			continue
		}
		for op, keys := range s.Condition {
			if name := strings.ToLower(op); !strings.HasPrefix(name, "arnnot") && !strings.HasPrefix(name, "stringnot") {
				continue
			}
			for key, values := range keys {
				if !strings.EqualFold(key, "aws:PrincipalArn") {
					continue
				}
				for _, v := range values {
					if pattern, ours := k.ours(v); ours && (of == nil || maybeOf(of, v)) {
						patterns = append(patterns, pattern)
					}
				}
			}
		}
	}
	return sortedUnique(patterns)
}

// maybeOf reports whether the account in an ARN pattern may be that one: it is,
// or is a pattern too.
func maybeOf(a *org.Account, arn string) bool {
	parts := arnParts(arn)
	return len(parts) < 6 || strings.ContainsAny(parts[4], "*?") || parts[4] == arnParts(ref(a))[0] || a.ID != "" && parts[4] == string(a.ID)
}

// arnParts splits an ARN pattern in which the account may be a reference.
func arnParts(arn string) []string {
	return strings.SplitN(strings.ReplaceAll(arn, "{{id:account:", "{{id_account_"), ":", 6)
}

// ours is the part of a principal's ARN pattern behind the account, where the
// account may be one of the organization. The root user of an account, whom
// nobody can create, needs no protection.
func (k *compiler) ours(arn string) (pattern string, ok bool) {
	parts := arnParts(arn)
	if len(parts) < 6 {
		return arn, true // as wide as a pattern can be
	}
	account, resource := parts[4], parts[5]
	if parts[2] != "iam" && !strings.ContainsAny(parts[2], "*?") || resource == "root" {
		return "", false
	}
	if _, err := org.ParseAccountID(account); err == nil && k.env.Accounts[account] == "" {
		return "", false
	}
	return resource, true
}

// onlyAWS reports whether only AWS makes roles that match: those of Identity
// Center, service-linked ones, and those with a colon in the name, which
// CreateRole does not take, such as aws:ec2-infrastructure.
func onlyAWS(pattern string) bool {
	for _, path := range []string{"role/aws-reserved/", "role/aws-service-role/"} {
		if strings.HasPrefix(pattern, path) {
			return true
		}
	}
	// A colon may stand in a path, and a wildcard may take in a path.
	name := pattern[strings.LastIndexByte(pattern, '/')+1:]
	return strings.HasPrefix(pattern, "role/") && strings.Contains(name, ":") && !strings.ContainsAny(pattern, "*?")
}

// minLiteral is how many letters a pattern with wildcards needs so that
// protecting it does not freeze every role.
const minLiteral = 3

// protectable says why a pattern cannot be protected, or nothing.
func protectable(pattern string) string {
	name, ok := strings.CutPrefix(pattern, "role/")
	switch {
	case !ok && strings.HasPrefix(pattern, "user/"):
		return "users can be made by whoever may create users"
	case !ok:
		return "it matches more than roles"
	case strings.ContainsAny(name, "*?") && len(strings.Trim(strings.NewReplacer("*", "", "?", "", "/", "").Replace(name), " ")) < minLiteral:
		return "it would freeze every role"
	}
	return ""
}

// changes are the actions that a protection must deny to be one.
var changes = []string{
	"iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
	"iam:PassRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
}

// protected reports whether a protect-roles of the file covers the pattern, at
// the root, or above every account that the exemption is pinned to.
func (k *compiler) protected(e exempted) bool {
	if !e.pinned {
		return k.protectedAt(k.byUnit[k.o.Root], e.pattern)
	}
	for _, a := range e.accounts {
		if n := k.byAccount[a]; n != nil && !k.protectedAt(n, e.pattern) {
			return false
		}
	}
	return true
}

func (k *compiler) protectedAt(n *node, pattern string) bool {
	return k.keptAt(n, protectRoles, changes, k.iamARN("*", pattern))
}

// protects reports whether the statements keep everybody, but principals that
// they spare by ARN, from changing all roles that the ARN pattern matches.
func (in *instance) protects(arn string) bool { return in.keeps(changes, arn) }

// keeps reports whether the statements deny the actions on all that the ARN
// pattern matches to everybody, but principals that they spare by ARN.
func (in *instance) keeps(actions []string, arn string) bool {
	covers := func(wide policy.Values, narrow string, fold bool) bool {
		return slices.ContainsFunc(wide, func(w string) bool { return policy.Covers(w, narrow, fold) })
	}
	denied := func(action string) bool {
		return slices.ContainsFunc(in.statements, func(s policy.Statement) bool {
			return s.Effect == policy.Deny && covers(s.Action, action, true) && covers(s.Resource, arn, false) && onlyByARN(s.Condition)
		})
	}
	return !slices.ContainsFunc(actions, func(action string) bool { return !denied(action) })
}

// onlyByARN reports whether conditions do nothing but spare principals by ARN,
// and root sessions from the management account, which can change no role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
func onlyByARN(c policy.Conditions) bool {
	for op, keys := range c {
		for key, values := range keys {
			if strings.EqualFold(op, "Null") && strings.EqualFold(key, "aws:AssumedRoot") && slices.Equal(values, []string{"true"}) {
				continue
			}
			if !strings.EqualFold(op, "ArnNotLike") || !strings.EqualFold(key, "aws:PrincipalArn") {
				return false
			}
		}
	}
	return true
}

func orRange(r, otherwise diag.Range) diag.Range {
	if r.IsZero() {
		return otherwise
	}
	return r
}

// list is "a", "b" and 3 more.
func list(names []string) string {
	const shown = 3
	s := strings.Join(names[:min(shown, len(names))], ", ")
	if more := len(names) - shown; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// sentence is list within a sentence: "a", "b" and "c".
func sentence(names []string) string {
	if n := len(names); n == 2 || n == 3 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return list(names)
}
