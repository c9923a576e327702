package policy

import "fmt"

var principalKinds = []string{"AWS", "Service", "Federated", "CanonicalUser"}

func (p *parser) principal(n node, element string) *Principal {
	pr := &Principal{}
	switch {
	case n.kind == kindString && n.str == "*":
		pr.Everyone = true
	case n.kind == kindString:
		p.errorf(n.start, n.end, "GR109", fmt.Sprintf(`a principal is "*" or stands under its kind, such as {"AWS": %q}`, n.str),
			"%s is a bare string", element)
	case n.kind == kindObject:
		p.members(n, element, principalKinds, func(m member) {
			*pr.kind(m.name) = p.values(m.value, m.name, false)
		})
	default:
		p.wrongType(n, element, `"*" or an object with the elements AWS, Service, Federated or CanonicalUser`)
	}
	return pr
}

// kind is the place of the values of one kind of principal.
func (pr *Principal) kind(name string) *Values {
	switch name {
	case "AWS":
		return &pr.AWS
	case "Service":
		return &pr.Service
	case "Federated":
		return &pr.Federated
	case "CanonicalUser":
		return &pr.CanonicalUser
	}
	panic("no kind of principal is named " + name)
}

func (p *parser) conditions(n node) Conditions {
	if n.kind != kindObject {
		p.wrongType(n, "Condition", "an object of operators")
		return nil
	}
	cs := make(Conditions, len(n.children))
	p.members(n, "Condition", nil, func(m member) {
		if m.value.kind != kindObject {
			p.wrongType(m.value, m.name, "an object of condition keys and values")
			return
		}
		keys := make(map[string]Values, len(m.value.children))
		p.members(m.value, m.name, nil, func(k member) {
			keys[k.name] = p.values(k.value, k.name, true)
		})
		cs[m.name] = keys
	})
	return cs
}
