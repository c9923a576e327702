package compile

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// environment is what templates may know of the organization.
func (k *compiler) environment() {
	rcp := make([]string, 0, len(awsdata.RCPServices.Value))
	for _, s := range awsdata.RCPServices.Value {
		rcp = append(rcp, s+":*")
	}
	identity := []string{}
	if id := k.o.Identity; id != nil && id.Source == "iam" && id.Account != nil {
		identity = append(identity, ref(id.Account))
	}
	required := []string{}
	for _, b := range k.o.PermissionBoundaries {
		if b.Required {
			required = append(required, b.Name)
		}
	}
	accounts := map[string]string{}
	for _, a := range append([]*org.Account{k.o.Management}, k.o.Accounts...) {
		if a == nil {
			continue
		}
		accounts[a.Key] = ref(a)
		if a.ID != "" {
			accounts[string(a.ID)] = ref(a)
		}
	}
	k.env = catalog.Env{
		Partition: k.o.Partition, DeployRole: k.o.DeployRole, Accounts: accounts,
		Values: map[string]any{
			"organization.id":                string(guardrails.Ref("organization")),
			"organization.homeRegion":        k.o.HomeRegion,
			"organization.regions":           k.o.Regions,
			"organization.managementAccount": string(guardrails.Ref("account:" + org.ManagementSelector)),
			"organization.identityAccounts":  identity,
			"organization.exemptPrincipals":  k.exemptPatterns(),
			"organization.boundaries":        sortedUnique(required),
			"organization.breakGlassRoles":   k.breakGlassPatterns(),
			"data.globalServices":            awsdata.GlobalServiceActions(),
			"data.rcpServices":               rcp,
		},
	}
}

// exemptPatterns are the roles that protect-roles protects unless it is told
// otherwise: those that guardrails exempt, and those of the file.
func (k *compiler) exemptPatterns() []string {
	patterns := []string{"role/" + k.o.DeployRole}
	for _, x := range k.spared {
		for _, p := range x.Principals {
			if protectable(p.Pattern) == "" && !onlyAWS(p.Pattern) {
				patterns = append(patterns, p.Pattern)
			}
		}
	}
	for _, r := range k.o.Roles {
		patterns = append(patterns, rolePattern(r))
	}
	return sortedUnique(patterns)
}

// breakGlassPatterns are the roles that have to work when nothing else does.
func (k *compiler) breakGlassPatterns() []string {
	var patterns []string
	for _, r := range k.o.Roles {
		if r.BreakGlass {
			patterns = append(patterns, rolePattern(r))
		}
	}
	return sortedUnique(patterns)
}

// rolePattern is a role's ARN behind the account.
func rolePattern(r org.Role) string { return "role" + rolePath(r.Path) + r.Name }

func rolePath(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// An instance is what one template and its parameters, or one document of the
// user's own, become. Uses that ask for the same share it.
type instance struct {
	key        string // of what it is made from: two instances differ in it
	guardrail  string // template id, or path of the document
	typ        catalog.Type
	statements []policy.Statement
	declared   *policy.Declarative // in place of statements, for the declarative types
	failed     bool
	compact    string // what the template says of wildcards
	chars      int    // of its statements in a document; 0 until asked
	allows     bool   // some statement allows: two of them are not the same as one
}

// template makes the statements of a template, once for all equal uses. A
// mistake in the parameters is said for each use. A template of a type that is
// not wanted there is refused.
func (k *compiler) template(id string, params map[string]org.Parameter, use diag.Range, more map[string]any, want ...catalog.Type) (*instance, bool) {
	key := "template\x00" + id + "\x00" + canonical(params)
	for _, name := range sortedKeys(more) {
		key += "\x00" + name + "=" + more[name].(string)
	}
	in := k.instances[key]
	if in != nil && !in.failed {
		return in, true
	}
	t, ok := k.catalog.Lookup(id)
	if !ok {
		k.unknown(id, use, want)
		return nil, false
	}
	if !slices.Contains(want, t.Type) {
		k.ds.Errorf(use, "GR303", "%s is a %s and no %s", id, spoken(t.Type), spoken(want[0])).Hint = "name it where one is asked for: " + place(t.Type)
		return nil, false
	}
	env := k.env
	if len(more) > 0 {
		env.Values = maps.Clone(env.Values)
		maps.Copy(env.Values, more)
	}
	in = &instance{key: key, guardrail: id, typ: t.Type, compact: t.Compact}
	var ds diag.Diagnostics
	if t.Type.IsDeclarative() {
		in.declared, ds = t.Declare(env, params, use)
	} else {
		var statements []policy.Statement
		statements, ds = t.Instantiate(env, params, use)
		in.hold(statements)
	}
	k.ds = append(k.ds, ds...)
	in.failed = ds.HasErrors()
	k.instances[key] = in
	return in, !in.failed
}

func (k *compiler) unknown(id string, use diag.Range, want []catalog.Type) {
	var ids []string
	for _, t := range want {
		ids = append(ids, k.catalog.IDs(t)...)
	}
	k.ds.Errorf(use, "GR303", "no %s has the id %q", spoken(want[0]), id).Hint = diag.DidYouMean(id, ids)
}

// own reads a document of the user's own, once for all uses.
func (k *compiler) own(file, typ string, source []byte) (*instance, bool) {
	key := "file\x00" + typ + "\x00" + file
	if in := k.instances[key]; in != nil {
		return in, !in.failed
	}
	// Named in diagnostics as the user would type it, from where the file is.
	shown := filepath.Join(filepath.Dir(k.o.File), filepath.FromSlash(file))
	in := &instance{key: key, guardrail: file, typ: catalog.Type(typ)}
	var ds diag.Diagnostics
	if kind := policy.Kind(typ); kind.IsDeclarative() {
		in.declared, ds = policy.CheckDeclarative(shown, source, kind)
	} else {
		var doc policy.Document
		doc, ds = policy.Check(shown, source, kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		in.hold(doc.Statements)
	}
	k.ds = append(k.ds, ds...)
	in.failed = ds.HasErrors()
	k.instances[key] = in
	return in, !in.failed
}

func (in *instance) hold(statements []policy.Statement) {
	in.statements = statements
	for _, s := range statements {
		in.allows = in.allows || s.Effect == policy.Allow
	}
}
