package automation

// A Problem is why a run or a stack could not go on: an error about the world,
// with the way out. Its code has a section in docs/diagnostics/deploy.md.
type Problem struct {
	Code    string `json:"code"`
	Summary string `json:"summary"`        // lower case, without a full stop
	Hint    string `json:"hint,omitempty"` // the way out
	Err     error  `json:"-"`              // what it came from, whose text Summary has; may be nil
}

func (p *Problem) Error() string {
	s := p.Summary
	if p.Hint != "" {
		s += ": " + p.Hint
	}
	return s + " [" + p.Code + "]"
}

// Unwrap returns what the problem came from.
func (p *Problem) Unwrap() error { return p.Err }
