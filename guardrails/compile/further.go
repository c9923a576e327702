package compile

import (
	"slices"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/org"
)

// ownMistakes are the codes that only compiling finds and that do not follow
// from another mistake: sizes, and actions that an exception cannot have.
var ownMistakes = []string{"GR306", "GR312", "GR320", "GR344", "GR353"}

// Further says what compiling finds in an organization whose file has mistakes
// already, so that one run shows them all. Parts of such an organization are
// missing: what may follow from that is left out, and where too much is
// missing to compile at all there is nothing to say.
func Further(o *org.Organization, c *catalog.Catalog, opts Options) (ds diag.Diagnostics) {
	if o == nil || c == nil || o.Root == nil || o.Management == nil {
		return nil
	}
	defer func() {
		if recover() != nil { // a part that Compile may rely on is missing; the file's own mistakes say which
			ds = nil
		}
	}()
	_, ds = Compile(o, c, opts)
	return slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
		return d.Severity != diag.Error || !slices.Contains(ownMistakes, d.Code)
	})
}
