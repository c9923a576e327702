package pack

import (
	"slices"
)

// maxParts bounds what one statement may become. It is far above what any node
// takes; more is refused before it costs time.
const maxParts = 200

// split makes parts of the statements that are too long for a document: of
// their actions, and of their resources where one action with all of them is
// too long. What one guardrail wants stays in one part, if it can.
func (p *packer) split(units []*unit) []*unit {
	var out []*unit
	for _, u := range units {
		if u = p.compact(u); p.size(u) <= p.room() {
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
	if room := p.rowRoom(u); room > 0 {
		lists := p.cut(u.resources, room)
		if lists == nil {
			return nil
		}
		rows = rows[:0]
		for _, l := range lists {
			row := u.copied()
			row.resources = l
			rows = append(rows, row)
		}
	}
	var out []*unit
	for _, row := range rows {
		if p.size(row) <= p.room() {
			out = append(out, row)
			continue
		}
		var lists []list
		if row.actions.splits() {
			bare := row.copied()
			bare.actions.values = nil
			lists = p.cut(row.actions, p.room()-p.size(bare)+brackets)
		}
		if lists == nil || len(out)+len(lists) > maxParts {
			return nil
		}
		for _, l := range lists {
			part := row.copied()
			part.actions = l
			out = append(out, part)
		}
	}
	for i, part := range out {
		part.part = i + 1
		part.holds = part.wantedBy()
	}
	return out
}

// rowRoom is what each part has for its resources; 0 where they stay together.
// Where both lists are long, half and half makes the fewest parts.
func (p *packer) rowRoom(u *unit) int {
	if !u.resources.splits() {
		return 0
	}
	bare := u.copied()
	bare.resources.values = nil
	actions, longest := 0, 0
	if u.actions.splits() {
		bare.actions.values = nil
		actions, longest = p.total(u.actions)
	}
	room := p.room() - p.size(bare)
	resources, least := p.total(u.resources)
	if max(room-actions, room/2) >= resources {
		return 0
	}
	return brackets + min(max(room-actions, room/2, least), room-longest)
}

// total is the characters of the values of a list, with their commas, and those
// of the longest.
func (p *packer) total(l list) (sum, longest int) {
	for _, v := range l.values {
		n := p.quoted(v.text) + len(",")
		sum += n
		longest = max(longest, n)
	}
	return sum, longest
}

// cut makes lists of the values of one, each of which takes up to room
// characters, brackets included; nil if there were too many.
func (p *packer) cut(l list, room int) []list {
	items := make([]item, len(l.values))
	for i, v := range l.values {
		items[i] = item{v.holds[0].Guardrail, v.text, p.quoted(v.text) + len(",")}
	}
	additive := func(bin []int) int { return sum(items, bin) }
	least := leastBins(items, room-brackets+len(","), additive)
	if leastBins(items, p.room(), additive) > p.MaxDocuments || least > maxParts {
		return nil
	}
	bins, ok := assign(items, room-brackets+len(","), least, maxParts, nil)
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
