package adopttest

import "testing"

// What was deployed and lost from the state is adopted: nothing is written to
// AWS, nothing is left to change, doing it again does nothing, and `up`
// changes nothing.
func TestAdopt(t *testing.T) {
	for name, example := range map[string]string{"small": small, "acme": acme} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, example)
			p.forget()
			out := p.run(0, "adopt", "--yes")
			p.noWrites()
			p.contains("adopt", out.Stdout, "nothing is left to change", "nothing left to change")
			t.Log(out.Stderr + out.Stdout)
			out = p.run(0, "preview")
			p.noWrites()
			p.contains("preview", out.Stdout, "0 changes to make")
			out = p.run(0, "adopt", "--yes")
			p.noWrites()
			p.contains("adopt again", out.Stdout, "adopt: 0 things", "nothing is left to change")
			p.run(0, "up", "--yes")
			p.noWrites()
			out = p.run(0, "up", "--yes")
			p.noWrites()
			p.contains("a second up", out.Stdout, "up: 0 changes")
		})
	}
}
