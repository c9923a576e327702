package config

import (
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails/diag"
)

// instant reads a date or a time of the file as the first instant at which
// what it limits no longer holds: a day ends when the next begins, in UTC.
// The zero time means that the file says nothing, or nothing readable, which
// has been reported then.
func (l *loader) instant(d Date, r diag.Range) time.Time {
	s := string(d)
	if s == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.AddDate(0, 0, 1)
	}
	if t, err := time.Parse(time.RFC3339Nano, strings.Replace(strings.ToUpper(s), " ", "T", 1)); err == nil {
		return t.UTC()
	}
	if matches(d, s) {
		l.ds.Errorf(r, "GR060", "there is no day or time %s", quote(s)).Hint = "write a day that the calendar has, such as 2027-03-31"
	}
	return time.Time{}
}

// duration reads a duration of the file; ok is false when there is none.
func (l *loader) duration(d Duration, r diag.Range) (length time.Duration, ok bool) {
	if d == "" || !matches(d, string(d)) {
		return 0, false
	}
	length, err := time.ParseDuration(string(d))
	if err != nil {
		l.ds.Errorf(r, "GR060", "%s is too long for a duration", quote(string(d))).Hint = "write a duration such as 1h or 15m"
		return 0, false
	}
	return length, true
}
