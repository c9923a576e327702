package awstest

import (
	"net/http"
	"slices"
)

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html
func createOrganizationalUnit(e *Emulator, o *organization, q *request) (*answer, *problem) {
	name, parent := q.string("Name"), q.string("ParentId")
	if p := unitName(name); p != nil {
		return nil, p
	}
	siblings, p := e.units(o, parent)
	if p != nil {
		return nil, p
	}
	if slices.Contains(texts(siblings, "Name"), name) {
		return nil, refuse("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
	}
	depth, p := e.depth(o, parent)
	if p != nil {
		return nil, p
	}
	if depth >= e.options.Quotas.OrganizationalUnitPath {
		return nil, refuse("ConstraintViolationException", "You have exceeded the maximum depth of OUs in an organization.").
			with("Reason", "OU_DEPTH_LIMIT_EXCEEDED")
	}
	return nil, nil
}

func unitName(name string) *problem {
	if n := len([]rune(name)); n < 1 || n > 128 {
		return refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "MAX_LENGTH_EXCEEDED")
	}
	return nil
}

// units are the units directly below a parent, with the names AWS would show.
func (e *Emulator) units(o *organization, parent string) ([]map[string]any, *problem) {
	units, p := e.motoList(o.management, "ListOrganizationalUnitsForParent", "OrganizationalUnits", map[string]any{"ParentId": parent})
	e.orgs.mu.Lock()
	defer e.orgs.mu.Unlock()
	for _, u := range units {
		if real, ok := e.orgs.unitNames[text(u, "Name")]; ok {
			u["Name"] = real
		}
	}
	return units, p
}

// depth is 0 for the root, 1 for a unit below it, and so on.
func (e *Emulator) depth(o *organization, id string) (int, *problem) {
	for n := 0; ; n++ {
		if isRoot(id) || n > 20 {
			return n, nil
		}
		parents, p := e.motoList(o.management, "ListParents", "Parents", map[string]any{"ChildId": id})
		if p != nil || len(parents) == 0 {
			return n, p
		}
		id = text(parents[0], "Id")
	}
}

// updateOrganizationalUnit lets a unit have the name of any unit that is not
// its sibling. moto refuses a name that any unit has, the unit itself
// included.
func updateOrganizationalUnit(e *Emulator, o *organization, q *request) (*answer, *problem) {
	id, name := q.string("OrganizationalUnitId"), q.string("Name")
	if p := unitName(name); p != nil {
		return nil, p
	}
	parents, p := e.motoList(o.management, "ListParents", "Parents", map[string]any{"ChildId": id})
	if p != nil {
		return nil, p
	}
	if len(parents) == 1 {
		siblings, p := e.units(o, text(parents[0], "Id"))
		if p != nil {
			return nil, p
		}
		for _, s := range siblings {
			if text(s, "Id") != id && text(s, "Name") == name {
				return nil, refuse("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
			}
		}
	}
	fake := "unit " + id
	a := e.forward(q)
	switch {
	case a.status == http.StatusOK:
		e.orgs.rename(fake, "")
		return a, nil
	case a.code != "DuplicateOrganizationalUnitException":
		return a, nil
	}
	e.moto(o.management, "UpdateOrganizationalUnit", map[string]any{"OrganizationalUnitId": id, "Name": fake})
	e.orgs.rename(fake, name)
	out, p := e.moto(o.management, "DescribeOrganizationalUnit", map[string]any{"OrganizationalUnitId": id})
	if p != nil {
		return nil, p
	}
	return ok(q, out), nil
}

func (s *organizationStore) rename(fake, real string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unitNames == nil {
		s.unitNames = map[string]string{}
	}
	if real == "" {
		delete(s.unitNames, fake)
	} else {
		s.unitNames[fake] = real
	}
}

// deleteOrganizationalUnit also detaches what is attached: moto forgets the
// unit but not its attachments, and would call the policies in use for ever.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganizationalUnit.html
func deleteOrganizationalUnit(e *Emulator, o *organization, q *request) (*answer, *problem) {
	id := q.string("OrganizationalUnitId")
	for _, kind := range []string{"ACCOUNT", "ORGANIZATIONAL_UNIT"} {
		children, p := e.motoList(o.management, "ListChildren", "Children", map[string]any{"ParentId": id, "ChildType": kind})
		if p != nil {
			return nil, refuse("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
		}
		if len(children) > 0 {
			return nil, refuse("OrganizationalUnitNotEmptyException", "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.")
		}
	}
	for _, t := range policyTypes {
		attached, p := e.motoList(o.management, "ListPoliciesForTarget", "Policies", map[string]any{"TargetId": id, "Filter": t})
		if p != nil {
			continue
		}
		for _, a := range attached {
			e.moto(o.management, "DetachPolicy", map[string]any{"TargetId": id, "PolicyId": text(a, "Id")})
		}
	}
	e.orgs.rename("unit "+id, "")
	return nil, nil
}
