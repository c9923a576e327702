package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/orgrails/orgrails/guardrails"
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/proof"
	"github.com/orgrails/orgrails/internal/render"
	"github.com/orgrails/orgrails/internal/sheet"
)

// deployRole is what catalog show takes beside the ids of templates.
const deployRole = "deploy-role"

// A deployPolicy is one of the two policies, as JSON.
type deployPolicy struct {
	Document json.RawMessage `json:"document"`
	Size     int             `json:"size"`    // characters of the document
	Quota    int             `json:"quota"`   // characters that a managed policy may have
	Types    []string        `json:"types"`   // what is deployed, by Pulumi's tokens, and orgrails itself
	Sources  []string        `json:"sources"` // where the calls come from
	Widened  []string        `json:"widened"` // what is named by a pattern, for want of room
}

// deployPolicies are the policies of those who deploy.
type deployPolicies struct {
	File       string       `json:"file,omitempty"`   // the organization file that they are for
	Digest     string       `json:"digest,omitempty"` // of its plan
	DeployRole string       `json:"deployRole"`
	Read       string       `json:"read"` // the day that the calls are as of
	Member     deployPolicy `json:"member"`
	Management deployPolicy `json:"management"`
}

// showDeployRole writes the policies of those who deploy: for the plan of a
// file, or for everything.
func (c *Command) showDeployRole(file string, asOf time.Time, asJSON bool) error {
	out := deployPolicies{DeployRole: proof.DefaultDeployRole, Read: proof.ResourceTypeCalls.Read}
	var p *guardrails.Plan
	if file != "" {
		r, err := c.mustCompile([]string{file}, asOf)
		if err != nil {
			return err
		}
		p = r.plan
		out.File, out.Digest, out.DeployRole = file, p.Digest(), p.Organization.DeployRole
	}
	member, management := proof.DeployPolicies(p)
	if asJSON {
		out.Member, out.Management = deployPolicyJSON(member), deployPolicyJSON(management)
		return c.writeJSON(out)
	}
	t := render.NewText(c.Stdout, c.look(c.Stdout))
	forWhat := "everything that orgrails can deploy"
	if p != nil {
		forWhat = fmt.Sprintf("what the plan of %s deploys", file)
	}
	t.Title("deploy-role: the least that whoever deploys must be allowed, for " + forWhat)
	t.Paragraph("Whoever may change roles and attach policies to them can give themselves anything in that account: guard these principals as you guard an administrator.")
	if p != nil {
		t.Paragraph("What leaves the file is removed by its name: before a run that removes something, allow what the file before it needs, too.")
	}
	deployPolicyText(t, "Role "+out.DeployRole+" in member accounts", member)
	deployPolicyText(t, "Who runs orgrails in the management account", management)
	t.Title("The calls are as of " + out.Read + ", from")
	said := map[string]bool{}
	for _, s := range append(member.Sources, management.Sources...) {
		if !said[s] {
			said[s] = true
			t.Paragraph(s)
		}
	}
	return t.Flush()
}

func deployPolicyText(t *render.Text, who string, d proof.DeployPolicy) {
	t.Title(fmt.Sprintf("%s: %s of %s characters", who, sheet.Number(d.Size), sheet.Number(awsdata.IAMQuotas.Value.ManagedPolicySize)))
	if len(d.Widened) > 0 {
		t.Paragraph("The names of all " + strings.Join(d.Widened, ", ") + " have no room: they are allowed by a pattern.")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(d.Document.JSON()), "", "  "); err != nil {
		panic(fmt.Errorf("the policy of %s: %w", who, err)) // the encoder writes JSON
	}
	t.Block(b.String())
}

func deployPolicyJSON(d proof.DeployPolicy) deployPolicy {
	p := deployPolicy{Document: json.RawMessage(d.Document.JSON()), Size: d.Size, Quota: awsdata.IAMQuotas.Value.ManagedPolicySize,
		Types: d.Types, Sources: d.Sources, Widened: []string{}}
	if len(d.Widened) > 0 {
		p.Widened = d.Widened
	}
	return p
}
