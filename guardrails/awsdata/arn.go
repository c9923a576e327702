package awsdata

import (
	"slices"
	"strings"
)

// MatchARN reports whether an ARN has the form that the reference gives for a
// resource type, such as arn:${Partition}:s3:::${BucketName}/${ObjectName}, and
// how many of its characters the form says: of two forms that an ARN has, it is
// of the one that says more. A region is one of the partition and an account
// twelve digits; any other ${…} is some text, and a * of the form any.
func MatchARN(form, arn string) (said int, ok bool) {
	forms, fields := strings.SplitN(form, ":", 6), strings.SplitN(arn, ":", 6)
	if len(forms) < 6 || len(fields) < 6 || fields[0] != "arn" || !slices.ContainsFunc(Partitions.Value, func(p Partition) bool { return p.Name == fields[1] }) {
		return 0, false
	}
	for i := 2; i < 6; i++ {
		switch variable := strings.HasPrefix(forms[i], "${"); {
		case i == 3 && variable:
			p, known := PartitionOf(fields[i])
			ok = known && p.Name == fields[1]
		case i == 4 && variable:
			ok = len(fields[i]) == 12 && strings.Trim(fields[i], "0123456789") == ""
		default:
			ok = hasForm(forms[i], fields[i], false)
		}
		if !ok {
			return 0, false
		}
		said += literals(forms[i])
	}
	return said, true
}

// hasForm reports whether a text has a form. open says that more of it may
// belong to the ${…} or * before.
func hasForm(form, text string, open bool) bool {
	switch {
	case form == "" && text == "":
		return true
	case strings.HasPrefix(form, "${"):
		_, rest, _ := strings.Cut(form, "}")
		return text != "" && hasForm(rest, text[1:], true) || open && text != "" && hasForm(form, text[1:], true)
	case strings.HasPrefix(form, "*"):
		return hasForm(form[1:], text, true)
	case form != "" && strings.HasPrefix(text, form[:1]) && hasForm(form[1:], text[1:], false):
		return true
	}
	return open && text != "" && hasForm(form, text[1:], true)
}

// literals counts the characters that a form says.
func literals(form string) int {
	n := 0
	for form != "" {
		if strings.HasPrefix(form, "${") {
			_, form, _ = strings.Cut(form, "}")
			continue
		}
		if form[0] != '*' {
			n++
		}
		form = form[1:]
	}
	return n
}
