package eval

import "time"

// An instant is a moment in seconds since 1970 and nanoseconds of the second.
type instant struct {
	seconds int64
	nanos   int32
}

func (a instant) compare(b instant) int {
	switch {
	case a.seconds != b.seconds:
		return sign(a.seconds < b.seconds)
	case a.nanos != b.nanos:
		return sign(a.nanos < b.nanos)
	}
	return 0
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// parseInstant reads what date operators compare: the forms of ISO 8601 that
// the W3C's note keeps (a year, a month, a day, or a day and a time of day in
// minutes, seconds or parts of seconds, with Z or an offset), or seconds since
// 1970. Four digits are a year. A time of day without Z or offset is in UTC.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
// https://www.w3.org/TR/NOTE-datetime
func parseInstant(s string) (instant, bool) {
	n := digits(s)
	if n != 4 || len(s) > 4 && s[4] == '.' {
		return parseEpoch(s)
	}
	p := dateParser{s: s, ok: true}
	year, month, day := p.number(4), 1, 1
	var hour, minute, second, nanos, offset int
	if p.skip('-') {
		month = p.number(2)
		if p.skip('-') {
			day = p.number(2)
			if p.skip('T') {
				hour = p.number(2)
				p.ok = p.skip(':') && p.ok
				minute = p.number(2)
				if p.skip(':') {
					second = p.number(2)
					if p.skip('.') {
						nanos = p.fraction()
					}
				}
				offset = p.offset()
			}
		}
	}
	if !p.ok || p.s != "" || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return instant{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return instant{}, false // 30 February
	}
	return instant{t.Unix() - int64(offset), int32(nanos)}, true
}

// parseEpoch reads seconds since 1970, with parts of a second or without.
func parseEpoch(s string) (instant, bool) {
	negative := s != "" && s[0] == '-'
	if negative {
		s = s[1:]
	}
	n := digits(s)
	if n == 0 || n > 18 {
		return instant{}, false
	}
	p := dateParser{s: s, ok: true}
	at := instant{seconds: int64(p.number(n))}
	if p.skip('.') {
		at.nanos = int32(p.fraction())
	}
	if negative {
		at.seconds = -at.seconds
		if at.nanos > 0 {
			at.seconds, at.nanos = at.seconds-1, 1_000_000_000-at.nanos
		}
	}
	return at, p.ok && p.s == ""
}

// A dateParser takes a date from the front of s.
type dateParser struct {
	s  string
	ok bool
}

// number takes exactly n digits.
func (p *dateParser) number(n int) int {
	if len(p.s) < n || digits(p.s[:n]) < n {
		p.ok = false
		return 0
	}
	v := 0
	for i := range n {
		v = v*10 + int(p.s[i]-'0')
	}
	p.s = p.s[n:]
	return v
}

func (p *dateParser) skip(c byte) bool {
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

// fraction takes one or more digits of a part of a second, in nanoseconds.
func (p *dateParser) fraction() int {
	n := digits(p.s)
	p.ok = p.ok && n > 0
	v := 0
	for i := range 9 {
		v *= 10
		if i < n {
			v += int(p.s[i] - '0')
		}
	}
	p.s = p.s[n:]
	return v
}

// offset takes Z, +hh:mm or -hh:mm, in seconds; nothing is 0.
func (p *dateParser) offset() int {
	if p.s == "" || p.skip('Z') {
		return 0
	}
	direction := 1
	if !p.skip('+') {
		p.ok = p.skip('-') && p.ok
		direction = -1
	}
	hours := p.number(2)
	p.ok = p.skip(':') && p.ok
	minutes := p.number(2)
	p.ok = p.ok && hours < 24 && minutes < 60
	return direction * (hours*3600 + minutes*60)
}
