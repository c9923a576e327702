package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orgrails/orgrails/guardrails/catalog"
	"github.com/orgrails/orgrails/internal/sheet"
)

// families are how the catalogue is ordered, and the rows that belong to each:
// the longest name that a row begins with decides.
var families = []struct {
	title string
	rows  []string
}{
	{"Organization, account and billing", []string{"org", "acct", "bill", "gov", "tag"}},
	{"Root and identity", []string{"root", "iam", "sts", "cli", "chat"}},
	{"Regions", []string{"region"}},
	{"Logging and security services", []string{"ct", "cfg", "gd", "sh", "macie", "cw", "logs", "flowlogs", "events", "sns", "lambda-protect", "kinesis", "cfn", "ssm", "logarchive", "shield", "backup", "stacks"}},
	{"Data", []string{"kms", "cloudhsm", "s3", "glacier", "ram", "share", "rds", "efs", "ebs", "comprehend", "ai"}},
	{"Compute and network", []string{"ec2", "vpc", "nfw", "r53", "lambda", "appsync", "sagemaker", "nonvpc", "bedrock", "cognito"}},
	{"Data perimeter", []string{"dp"}},
}

const otherFamily = "Other guardrails"

// family is where a template stands in the index.
func family(t *catalog.Template) string {
	switch t.Type {
	case catalog.PermissionsBoundary:
		return "Permissions boundaries"
	case catalog.PasswordPolicyPreset:
		return "Password policies"
	}
	row := t.CatalogueRow
	if actions := sheet.Actions(t); row == "" && len(actions) > 0 {
		row, _, _ = strings.Cut(actions[0], ":") // the service that it is about
	}
	best, longest := otherFamily, 0
	for _, f := range families {
		for _, name := range f.rows {
			if len(name) > longest && (row == name || strings.HasPrefix(row, name+"-")) {
				best, longest = f.title, len(name)
			}
		}
	}
	return best
}

// kinds are the types as a reader calls them. Another is called by its name.
var kinds = map[catalog.Type]string{
	catalog.ServiceControlPolicy:   "SCP",
	catalog.ResourceControlPolicy:  "RCP",
	catalog.DeclarativePolicyEC2:   "declarative EC2",
	catalog.AIServicesOptOutPolicy: "AI opt-out",
	catalog.TagPolicy:              "tag policy",
	catalog.BackupPolicy:           "backup policy",
	catalog.PermissionsBoundary:    "boundary",
	catalog.PasswordPolicyPreset:   "password policy",
}

func kind(t catalog.Type) string {
	if k, ok := kinds[t]; ok {
		return k
	}
	return strings.ToLower(strings.ReplaceAll(string(t), "_", " "))
}

// index is the page that the folder opens with.
func index(ts []*catalog.Template, coverages []sheet.Coverage) string {
	var b strings.Builder
	vectors, settings := 0, 0
	count := map[catalog.Type]int{}
	for _, t := range ts {
		vectors += len(t.Vectors)
		settings += len(t.Settings)
		count[t.Type]++
	}
	b.WriteString(generated)
	fmt.Fprintf(&b, "# The catalogue\n\n%s, proved by %s that they must deny or let through and %s that must come out. "+
		"`orgrails catalog` looks them up, with parameters of your own; `orgrails test --catalog` puts the requests again.\n\n",
		plural(len(ts), "template"), plural(vectors, "request"), plural(settings, "setting"))
	types := newTable("type", "templates")
	for _, t := range catalog.Types() {
		if count[t] > 0 {
			types.row(code(string(t)), fmt.Sprint(count[t]))
		}
	}
	b.WriteString(types.String())

	b.WriteString("## By family\n\n")
	order := []string{}
	for _, f := range families {
		order = append(order, f.title)
	}
	for _, title := range append(order, otherFamily, "Permissions boundaries", "Password policies") {
		t := newTable("template", "type", "severity", "")
		rows := 0
		for _, tm := range ts {
			if family(tm) == title {
				t.row(link("", tm.ID), kind(tm.Type), string(tm.Severity), text(tm.Title))
				rows++
			}
		}
		if rows > 0 {
			fmt.Fprintf(&b, "### %s\n\n%s", title, t)
		}
	}

	b.WriteString("## By framework\n\n" +
		"*Prevented* are controls that a template serves because a source states it: the template's page names the source. Whether what it " +
		"stops is all that a control asks for is for your assessor to say. *Only detectable* are controls that no template serves and a " +
		"configuration check can tell; *not covered* are those for which no check is known either.\n\n")
	sum := newTable("framework", "prevented", "only detectable", "not covered")
	for _, c := range coverages {
		name, detectable, neither := text(title(c)), "not known", "not known"
		if len(c.Controls) > 0 {
			name = fmt.Sprintf("[%s](frameworks/%s.md)", name, c.ID)
			detectable = fmt.Sprint(len(c.Detectable))
		}
		if listsMore(c) {
			neither = fmt.Sprint(len(c.Neither))
		}
		sum.row(name, fmt.Sprint(len(c.Served)), detectable, neither)
	}
	b.WriteString(sum.String())
	for _, c := range coverages {
		if len(c.Served) == 0 {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n", text(title(c)))
		if len(c.Controls) > 0 {
			fmt.Fprintf(&b, "What is only detectable or not covered: [the other controls](frameworks/%s.md).\n\n", c.ID)
		}
		b.WriteString(served(c, ""))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// listsMore reports whether a framework's list holds controls that nothing
// detects; one that holds none says nothing of them.
func listsMore(c sheet.Coverage) bool {
	return c.Whole || slices.ContainsFunc(c.Controls, func(k catalog.FrameworkControl) bool { return !k.Detectable() })
}

// titles are those of frameworks whose controls are not listed anywhere.
var titles = map[string]string{
	"control-tower":             "AWS Control Tower",
	"aws-foundational-security": "AWS Foundational Security Best Practices",
	"practice":                  "Practices",
}

func title(c sheet.Coverage) string {
	if c.Title != "" {
		return c.Title
	}
	if t := titles[c.ID]; t != "" {
		return t
	}
	return c.ID
}

func served(c sheet.Coverage, up string) string {
	t := newTable("control", "templates")
	for _, s := range c.Served {
		t.row(control(s.ID), links(up, s.Templates))
	}
	return t.String()
}

// control is the id of a control.
func control(id string) string {
	if strings.Contains(id, "_") {
		return code(id)
	}
	return text(id)
}

// blocks are parts of the organization file that make a check of Prowler pass
// without a template.
var blocks = map[string]string{
	"accessanalyzer_enabled":                  "[accessAnalyzer](../../organization-file.md#accessanalyzer)",
	"iam_root_credentials_management_enabled": "[centralizedRootAccess](../../organization-file.md#organization)",
}

// framework is the page of one framework whose controls are known.
func framework(c sheet.Coverage) string {
	known := catalog.Frameworks()
	var b strings.Builder
	b.WriteString(generated)
	fmt.Fprintf(&b, "# %s\n\n", text(c.Title))
	extent := "Only controls that a check can tell are listed; the framework has others."
	switch {
	case c.Whole:
		extent = "Prowler lists every control of the framework, also those that it does not check."
	case listsMore(c):
		extent = "The framework may have controls that are not listed."
	}
	prowler, hub, _ := strings.Cut(known.Source, " ")
	if hasHub := slices.ContainsFunc(c.Controls, func(k catalog.FrameworkControl) bool { return len(k.SecurityHub) > 0 }); hasHub {
		extent += fmt.Sprintf(" The controls of AWS Security Hub are those that [AWS maps](%s).", hub)
	} else {
		hub = ""
	}
	fmt.Fprintf(&b, "Controls and checks are those of [Prowler](%s), read on %s. %s What a template serves is stated, with its source, on the "+
		"template's page.\n\n", prowler, known.Read, extent)
	b.WriteString("## Prevented\n\n")
	if len(c.Served) == 0 {
		b.WriteString("None.\n\n")
	} else {
		b.WriteString(served(c, "../"))
	}
	columns := func(control, checks, theirs, ours string) []string {
		if hub == "" {
			return []string{control, checks, ours}
		}
		return []string{control, checks, theirs, ours}
	}
	b.WriteString("## Only detectable\n\n")
	if len(c.Detectable) == 0 {
		b.WriteString("None.\n\n")
	} else {
		t := newTable(columns("control", "checks of Prowler", "AWS Security Hub", "orgrails makes it so")...)
		for _, k := range c.Detectable {
			checks := ""
			if k.Checks > 0 {
				checks = plural(k.Checks, "check")
			}
			if len(k.Named) > 0 {
				checks = codes(k.Named, ", ")
			}
			var by []string
			for _, name := range k.Named {
				if block := blocks[name]; block != "" {
					by = append(by, block)
				}
			}
			t.row(columns(control(k.ID), checks, strings.Join(k.SecurityHub, ", "), strings.Join(by, ", "))...)
		}
		b.WriteString(t.String())
	}
	b.WriteString("## Not covered\n\n")
	if !listsMore(c) {
		b.WriteString("Not known: see above.\n")
		return b.String()
	}
	if len(c.Neither) == 0 {
		b.WriteString("None that is listed.\n")
	} else {
		var ids []string
		for _, k := range c.Neither {
			ids = append(ids, k.ID)
		}
		b.WriteString("No template serves them, and no check that is named here tells: " + strings.Join(ids, ", ") + ".\n")
	}
	return b.String()
}
