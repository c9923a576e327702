package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/diag"
	"github.com/orgrails/orgrails/guardrails/pack"
	"github.com/orgrails/orgrails/guardrails/policy"
	"github.com/orgrails/orgrails/internal/render"
)

// packTypes are the types of documents that pack takes, and what their files
// are called.
var packTypes = []struct {
	kind  policy.Kind
	short string
}{
	{policy.ServiceControlPolicy, "scp"}, {policy.ResourceControlPolicy, "rcp"}, {policy.IdentityPolicy, "policy"},
	{policy.PermissionsBoundary, "boundary"}, {policy.TrustPolicy, "trust"},
}

// A packing is what pack was asked.
type packing struct {
	dir     string
	options pack.Options
	size    limit
	most    limit
	compact choice
	json    bool
}

// A limit is a flag of a whole number from 1 up; 0 stands for AWS's own.
type limit struct{ howMany }

func (l *limit) Set(s string) error {
	n := 0
	if _, err := fmt.Sscanf(s+"\n", "%d\n", &n); err != nil || n < 1 || n > 1_000_000 {
		return &valueError{"expected a whole number from 1 to 1000000"}
	}
	l.howMany = howMany(n)
	return nil
}

func (c *Command) pack() *cobra.Command {
	var kinds []string
	for _, t := range packTypes {
		kinds = append(kinds, string(t.kind))
	}
	kind := &choice{kinds[0], kinds}
	q := packing{compact: choice{string(pack.Never), []string{string(pack.Exact), string(pack.Never)}}}
	cmd := &cobra.Command{
		Use:   "pack [-o folder] file...",
		Short: "Put policy documents of anyone's into the fewest that mean the same",
		Long: `Puts the statements of policy documents, all of one type and for one place (a root,
unit or account; a role), into few documents that allow and deny the same, each
within AWS's size. Statements that another one says already are left out; those
that differ in their actions or in their resources alone are merged; lists that
are too long are split. Neither AWS nor the network is used.

The same statements give the same documents, and changing one file rewrites few
of them. With -o they are written to a folder, beside an index.json. A second run
removes what the first wrote and touches nothing else in the folder.`,
		Example: `  orgrails pack -o packed scps/*.json
  orgrails pack --type RESOURCE_CONTROL_POLICY --json rcps/*.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"pack needs policy documents", `name their files, as in "orgrails pack -o packed scps/*.json"`}
			}
			q.options.Kind = policy.Kind(kind.value)
			q.options.MaxSize, q.options.MaxDocuments = int(q.size.howMany), int(q.most.howMany)
			return c.packFiles(&q, args)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&q.dir, "output", "o", "", "`folder` to write to: new, empty, or written by orgrails before")
	f.Var(kind, "type", "what the documents are")
	f.Var(&q.size, "max-size", "characters that a document takes (default AWS's number)")
	f.Var(&q.most, "max-documents", "documents that may be attached (default AWS's number, without its own)")
	f.Var(&q.compact, "compact", "exact: wildcards for two or more actions of a Deny, where they match no other action of today")
	f.BoolVar(&q.options.DropSids, "drop-sids", false, "leave out the names of statements, which decide nothing")
	f.BoolVar(&q.json, "json", false, "print what became of the statements as JSON")
	return cmd
}

// packFiles reads the files, packs them, writes the documents and says so.
func (c *Command) packFiles(q *packing, files []string) error {
	sources := map[string][]byte{}
	var statements []pack.Statement
	var ds diag.Diagnostics
	before := packedTotal{Documents: len(files)}
	for _, file := range files {
		if sources[file] != nil {
			return &usageError{fmt.Sprintf("%s is named twice", file), "name each file once"}
		}
		src, err := os.ReadFile(c.path(file))
		if err != nil {
			return fmt.Errorf("read a policy document: %w", err)
		}
		sources[file] = append([]byte{}, src...)
		d, more := policy.Check(file, src, q.options.Kind, policy.Rules{RCPServices: awsdata.RCPServices.Value})
		if d.Version != policy.Version2012 && strings.Contains(d.JSON(), "${") {
			more.Errorf(diag.Range{File: file}, "GR108", "in the policy language of 2008 ${ is text, and in the documents that are written it begins a variable").Hint =
				`write "Version": "2012-10-17", and ${$} for a dollar sign`
		}
		ds = append(ds, more...)
		ranges := policy.StatementRanges(file, src)
		for i, s := range d.Statements {
			statements = append(statements, pack.Statement{ID: pack.ID{Guardrail: file, Position: i}, Statement: s, Compact: pack.Compact(q.compact.value), Range: ranges[i]})
		}
		before.Statements += len(d.Statements)
		before.Size += policy.Size(d.JSON())
	}
	var p *pack.Packing
	if !ds.HasErrors() {
		var more diag.Diagnostics
		p, more = pack.Pack(statements, q.options)
		ds = append(ds, more...)
	}
	if len(ds) > 0 {
		if err := render.Diagnostics(c.Stderr, ds, sources, c.look(c.Stderr)); err != nil {
			return err
		}
		if fmt.Fprintf(c.Stderr, "\n%s: %s\n", count(len(files), "file"), render.Summary(ds)); p == nil {
			return errFindings
		}
	}
	out := newPacked(q.options.Kind, p, before, statements)
	if q.dir != "" {
		if err := render.Folder(out.documents, c.path(q.dir)); err != nil {
			return err
		}
	}
	if q.json {
		return c.writeJSON(out)
	}
	return c.writePacked(q, out)
}

// A packed is what pack did, as its JSON has it.
type packed struct {
	Type      policy.Kind      `json:"type"`
	Before    packedTotal      `json:"before"`
	After     packedTotal      `json:"after"`
	Documents []packedDocument `json:"documents"`
	Dropped   []pack.Dropped   `json:"dropped"`

	documents []render.Document
}

// A packedTotal counts documents, statements, and characters without white space
// between them.
type packedTotal struct {
	Documents  int `json:"documents"`
	Statements int `json:"statements"`
	Size       int `json:"size"`
}

type packedDocument struct {
	File       string            `json:"file"`
	Size       int               `json:"size"`
	Statements []packedStatement `json:"statements"`
}

type packedStatement struct {
	Sid   string    `json:"sid"`
	Holds []pack.ID `json:"holds"`
}

func newPacked(kind policy.Kind, p *pack.Packing, before packedTotal, statements []pack.Statement) *packed {
	short := ""
	for _, t := range packTypes {
		if t.kind == kind {
			short = t.short
		}
	}
	places := map[pack.ID]string{}
	for _, s := range statements {
		places[s.ID] = s.Range.String()
	}
	out := &packed{Type: kind, Before: before, After: packedTotal{Documents: len(p.Documents)}, Documents: []packedDocument{}, Dropped: p.Dropped}
	for _, d := range p.Documents {
		name := fmt.Sprintf("%s-%d", short, d.Number)
		doc := packedDocument{File: name + ".json", Size: d.Size}
		file := render.Document{
			Name: name, Type: string(kind), File: doc.File, Size: d.Size, Text: d.Content,
			Targets: []string{}, Templates: []string{}, Origins: []string{}, References: []string{},
		}
		for _, s := range d.Statements {
			doc.Statements = append(doc.Statements, packedStatement{s.Sid, s.Holds})
			for _, id := range s.Holds {
				file.Templates = append(file.Templates, id.Guardrail)
				file.Origins = append(file.Origins, places[id])
			}
		}
		slices.Sort(file.Templates)
		slices.Sort(file.Origins)
		file.Templates, file.Origins = slices.Compact(file.Templates), slices.Compact(file.Origins)
		out.Documents = append(out.Documents, doc)
		out.documents = append(out.documents, file)
		out.After.Statements += len(d.Statements)
		out.After.Size += d.Size
	}
	return out
}

// writePacked says what pack did, as text.
func (c *Command) writePacked(q *packing, out *packed) error {
	for i, d := range out.Documents {
		fmt.Fprintf(c.Stdout, "%s  %d characters, %s of %s\n", d.File, d.Size, count(len(d.Statements), "statement"), count(len(out.documents[i].Templates), "file"))
	}
	for _, d := range out.Dropped {
		fmt.Fprintf(c.Stdout, "left out: statement %d of %s, as statement %d of %s says it\n",
			d.ID.Position+1, render.Escape(d.ID.Guardrail), d.By.Position+1, render.Escape(d.By.Guardrail))
	}
	_, err := fmt.Fprintf(c.Stdout, "%s become %s\n", out.Before, out.After)
	if q.dir != "" && err == nil {
		c.notef("wrote %s to %s", count(len(out.Documents), "document"), q.dir)
	}
	return err
}

func (t packedTotal) String() string {
	return fmt.Sprintf("%s (%s, %d characters)", count(t.Documents, "document"), count(t.Statements, "statement"), t.Size)
}
