package pack

import (
	"slices"
)

// maxParts bounds what one statement may become. It is far above what any node
// takes; more is refused before it costs time.
const maxParts = 1000

// split makes parts of the statements that are too long for a document: of
// their actions, and of their resources where one action with all of them is
// too long. What one guardrail wants stays in one part, if it can.
func (p *packer) split(units []*unit) []*unit {
	var out []*unit
	for _, u := range units {
		if p.size(u) <= p.room() {
			out = append(out, u)
			continue
		}
		parts := p.parts(u)
		if parts == nil {
			p.tooMany(units, p.MaxDocuments+1)
			return nil
		}
		out = append(out, parts...)
	}
	return out
}

// parts are a unit in pieces that fit; nil if there were too many of them.
func (p *packer) parts(u *unit) []*unit {
	rows := []*unit{u}
	least := *u // with the longest of its actions alone
	if u.actions.splits() {
		least.actions = u.actions.only(p.longest(u.actions))
	}
	if p.size(&least) > p.room() {
		lists := p.cut(u.resources, p.room()-brackets-p.without(&least, &least.resources))
		if lists == nil {
			return nil
		}
		rows = rows[:0]
		for _, l := range lists {
			row := *u
			row.resources = l
			rows = append(rows, &row)
		}
	}
	var out []*unit
	for _, row := range rows {
		if p.size(row) <= p.room() {
			out = append(out, row)
			continue
		}
		lists := p.cut(row.actions, p.room()-p.without(row, &row.actions))
		if lists == nil || len(out)+len(lists) > maxParts {
			return nil
		}
		for _, l := range lists {
			part := *row
			part.actions = l
			out = append(out, &part)
		}
	}
	for i, part := range out {
		part.part = i + 1
		part.holds = part.wantedBy()
	}
	return out
}

// without is the size of a unit but for the values of one of its lists.
func (p *packer) without(u *unit, l *list) int {
	all := l.values
	l.values = nil
	n := p.size(u)
	l.values = all
	return n
}

// cut makes lists of the values of one, each of which takes up to room
// characters; nil if there were too many.
func (p *packer) cut(l list, room int) []list {
	items := make([]item, len(l.values))
	for i, v := range l.values {
		items[i] = item{v.holds[0].Guardrail, v.text, p.quoted(v.text) + len(",")}
	}
	if leastBins(items, p.room()) > p.MaxDocuments {
		return nil
	}
	bins, ok := assign(items, room+len(","), maxParts)
	if !ok {
		return nil
	}
	var out []list
	for _, bin := range bins {
		if len(bin) == 0 {
			continue
		}
		slices.Sort(bin)
		part := l
		part.values = nil
		for _, i := range bin {
			part.values = append(part.values, l.values[i])
		}
		out = append(out, part)
	}
	return out
}

// wantedBy are the statements that want both an action and a resource of a
// part: all that it holds, if none wants both alone.
func (u *unit) wantedBy() []ID {
	in := func(l list) map[ID]bool {
		m := map[ID]bool{}
		for _, v := range l.values {
			for _, id := range v.holds {
				m[id] = true
			}
		}
		return m
	}
	actions, resources := in(u.actions), in(u.resources)
	var out []ID
	for _, id := range u.holds {
		if (len(actions) == 0 || actions[id]) && (len(resources) == 0 || resources[id]) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return u.holds
	}
	return out
}
