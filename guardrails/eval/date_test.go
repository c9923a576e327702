package eval

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// https://www.w3.org/TR/NOTE-datetime
func TestDates(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"2026", "2026-01-01T00:00:00Z"},
		{"2026-11", "2026-11-01T00:00:00Z"},
		{"2026-11-22", "2026-11-22T00:00:00Z"},
		{"2026-11-22T10:30Z", "2026-11-22T10:30:00Z"},
		{"2026-11-22T10:30+01:00", "2026-11-22T09:30:00Z"},
		{"2026-11-22T10:30:00-05:30", "2026-11-22T16:00:00Z"},
		{"2026-11-22T10:30:00.250Z", "2026-11-22T10:30:00.25Z"},
		{"2026-11-22T10:30:00", "2026-11-22T10:30:00Z"},
		{"1700000000", "2023-11-14T22:13:20Z"},
		{"1700000000.5", "2023-11-14T22:13:20.5Z"},
		{"0", "1970-01-01T00:00:00Z"},
		{"-1", "1969-12-31T23:59:59Z"},
		{"-0.5", "1969-12-31T23:59:59.5Z"},
		{"2024-02-29", "2024-02-29T00:00:00Z"},
	} {
		a, okA := parseInstant(c.a)
		b, okB := parseInstant(c.b)
		if !okA || !okB || a.compare(b) != 0 {
			t.Errorf("%s is %v %v, %s is %v %v", c.a, a, okA, c.b, b, okB)
		}
	}
	for _, s := range []string{
		"", "today", "2026-13-01", "2026-00-01", "2026-02-30", "2025-02-29", "2026-1-1", "2026-11-22T", "2026-11-22T24:00:00Z", "2026-11-22T10:60Z",
		"2026-11-22T10:30:60Z", "2026-11-22T10:30:00.Z", "2026-11-22 10:30:00Z", "2026-11-22t10:30:00z", "20261122T103000Z", "2026-11-22T10:30:00+0100",
		"2026-11-22T10:30:00+24:00", "2026-11-22Z", "1700000000s", "-", "1.", "12345678901234567890", "2026-11-22T10:30:00Z ", "+5",
	} {
		if at, ok := parseInstant(s); ok {
			t.Errorf("%q is taken for %v", s, at)
		}
	}
}

func TestDatesCompareAsTimes(t *testing.T) {
	at := rapid.Custom(func(t *rapid.T) time.Time {
		sec := rapid.Int64Range(0, 4_000_000_000).Draw(t, "seconds")
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "minutes")*60)
		return time.Unix(sec, rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).In(zone)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := at.Draw(t, "a"), at.Draw(t, "b")
		x, okX := parseInstant(a.Format(time.RFC3339Nano))
		y, okY := parseInstant(b.Format(time.RFC3339Nano))
		if !okX || !okY || x.compare(y) != a.Compare(b) {
			t.Fatalf("%v, %v: %v %v", a, b, x, y)
		}
	})
}
