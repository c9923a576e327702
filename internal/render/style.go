package render

// Options say how text is laid out. The zero value is right for a file or a
// pipe: no colour, and lines that nothing has to fit.
type Options struct {
	Color bool // colour, for a terminal that has it
	Width int  // columns of the terminal; 0 means DefaultWidth
	// Stacks are listed at the end of a plan, in the order of deployment; none
	// are listed where it is empty.
	Stacks []Stack
	// Proof is what a proof of the plan came to; nil where it was not proved.
	Proof *Proof
}

// Proof is what a proof that nobody is locked out came to, in numbers.
type Proof struct {
	Accounts, Requests int
	Lost               []string // ids of requests that are lost and were not accepted, sorted
	Accepted           []string // ids of those that were, sorted
	InDoubt            int      // how many hang on what is not known of a request
	DependOn           []string // the condition keys that they hang on, sorted
}

// A Stack is one deployment unit of a plan, as [PlanText] lists it.
type Stack struct {
	Name string
	Kind string // stacks of one kind that follow each other are listed together
}

// DefaultWidth is what text is laid out for where the terminal does not say.
const DefaultWidth = 100

func (o Options) width() int {
	if o.Width <= 0 {
		return DefaultWidth
	}
	return max(o.Width, 30)
}

// A style is a terminal's attribute for a piece of text.
type style string

const (
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// paint sets s in a style where colour is wanted. s holds no escape sequence:
// whatever comes from outside has gone through [Escape].
func (o Options) paint(st style, s string) string {
	if !o.Color || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}
