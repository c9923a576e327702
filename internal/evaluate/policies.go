package evaluate

import (
	"errors"
	"slices"
	"strconv"

	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/eval"
	"github.com/orgrails/orgrails/guardrails/org"
	"github.com/orgrails/orgrails/guardrails/policy"
)

// compile reads the organization and the policies of a case, as they are
// spelled in it.
func (c *caches) compile(organization, policies string) (*eval.Set, error) {
	d := decoder{caches: c}
	d.reset(organization)
	o := d.readOrganization()
	if err := d.problem(); err != nil {
		return nil, err
	}
	d.reset(policies)
	p := d.readPolicies()
	if err := d.problem(); err != nil {
		return nil, err
	}
	return eval.Compile(o, p)
}

func (d *decoder) problem() error {
	if d.err != "" {
		return errors.New(d.err)
	}
	if d.mistake != "" {
		return errors.New(d.mistake)
	}
	return nil
}

func (d *decoder) readOrganization() eval.Organization {
	var o eval.Organization
	if !d.is('{', "org", "an object") {
		return o
	}
	var has members
	d.object(func(name string) {
		switch name {
		case "id":
			d.once(&has, 1, "org.id")
			o.ID = d.nonEmpty("org.id")
		case "managementAccount":
			d.once(&has, 2, "org.managementAccount")
			o.ManagementAccount = d.account("org.managementAccount")
		case "accounts":
			d.once(&has, 4, "org.accounts")
			if d.is('[', "org.accounts", "a list of strings") {
				d.list(func(int) { o.Accounts = append(o.Accounts, d.account("org.accounts")) })
			}
		default:
			d.value()
		}
	})
	d.need(has, 1, "org.id")
	d.need(has, 2, "org.managementAccount")
	d.need(has, 4, "org.accounts")
	return o
}

func (d *decoder) account(path string) string {
	id := d.nonEmpty(path)
	if _, err := org.ParseAccountID(id); err != nil {
		d.wrong("%s: %v", path, err)
	}
	return id
}

// null skips null, which stands for what is not there.
func (d *decoder) null() bool {
	if d.peek() == 'n' {
		d.value()
		return true
	}
	return false
}

func (d *decoder) readPolicies() eval.Policies {
	var p eval.Policies
	if !d.is('{', "policies", "an object") {
		return p
	}
	var has members
	d.object(func(name string) {
		path := "policies." + name
		switch name {
		case "identity":
			d.once(&has, 1, path)
			p.Identity = d.documents(path)
		case "scp":
			d.once(&has, 2, path)
			p.SCP = d.levels(path)
		case "rcp":
			d.once(&has, 4, path)
			p.RCP = d.levels(path)
		case "resource":
			d.once(&has, 8, path)
			p.Resource = d.maybe(path)
		case "boundary":
			d.once(&has, 16, path)
			p.Boundary = d.documents(path)
		case "session":
			d.once(&has, 32, path)
			p.Session = d.maybe(path)
		case "vpce":
			d.once(&has, 64, path)
			p.VPCE = d.documents(path)
		default:
			d.value()
		}
	})
	return p
}

// documents are a list of documents: nil where there is none, which is not the
// same as an empty one.
func (d *decoder) documents(path string) []eval.Document {
	if d.null() || !d.is('[', path, "a list of policy documents") {
		return nil
	}
	docs := []eval.Document{}
	d.list(func(i int) { docs = append(docs, d.document(path+"["+strconv.Itoa(i)+"]")) })
	return docs
}

func (d *decoder) maybe(path string) *eval.Document {
	if d.null() {
		return nil
	}
	doc := d.document(path)
	return &doc
}

func (d *decoder) levels(path string) []eval.Level {
	if d.null() || !d.is('[', path, "a list of levels, from the root to the account") {
		return nil
	}
	levels := []eval.Level{}
	d.list(func(i int) {
		var l eval.Level
		at := path + "[" + strconv.Itoa(i) + "]"
		if d.is('{', at, `an object with "id" and "policies"`) {
			var has members
			d.object(func(name string) {
				switch name {
				case "id":
					d.once(&has, 1, at+".id")
					l.ID = d.nonEmpty(at + ".id")
				case "policies":
					d.once(&has, 2, at+".policies")
					l.Policies = d.documents(at + ".policies")
				default:
					d.value()
				}
			})
			d.need(has, 1, at+".id")
			d.need(has, 2, at+".policies")
		}
		levels = append(levels, l)
	})
	return levels
}

// document reads one policy document, which may stand in {"name", "policy"}.
// One without a name is called by its place in the case.
func (d *decoder) document(path string) eval.Document {
	doc := eval.Document{Name: path}
	if !d.is('{', path, "a policy document") {
		return doc
	}
	start := d.off
	var inner, label string
	var has members
	wrapped := true
	d.object(func(name string) {
		switch name {
		case "name":
			d.once(&has, 1, path+".name")
			label = d.nonEmpty(path + ".name")
		case "policy":
			d.once(&has, 2, path+".policy")
			d.peek()
			inner = d.value()
		case "Statement":
			wrapped = false
			d.value()
		default:
			d.value()
		}
	})
	src := d.text[start:d.off]
	if wrapped && inner != "" {
		src = inner
		path += ".policy"
		if label != "" {
			doc.Name = label
		}
	}
	if d.problem() != nil {
		return doc
	}
	parsed := d.caches.document(src)
	if parsed.wrong != "" {
		d.wrong("%s%s", path, parsed.wrong)
	}
	doc.Policy = parsed.policy
	return doc
}

func parse(src string) document {
	p, ds := policy.Parse("", []byte(src))
	if i := slices.IndexFunc(ds, func(x diag.Diagnostic) bool { return x.Severity == diag.Error }); i >= 0 {
		return document{wrong: ds[i].Range.String() + ": " + ds[i].Summary}
	}
	return document{policy: p}
}
