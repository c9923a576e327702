package awsdata

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// EncodeAuthorization writes the file of a reference, for
// [DecodeAuthorization]: the same bytes for the same reference. What is to be
// sorted must be sorted.
func EncodeAuthorization(a *Authorization) ([]byte, error) {
	var w bodyWriter
	for _, k := range a.Global {
		w.row("g", k.Type, k.Name)
	}
	actions := 0
	for _, s := range a.Services {
		w.service(s)
		actions += len(s.Actions)
	}
	if w.err != nil {
		return nil, fmt.Errorf("write the Service Authorization Reference: %w", w.err)
	}
	for _, text := range []string{a.Source, a.Version, a.Read, a.Licence} {
		if strings.Contains(text, authorizationEnd) || text != a.Licence && strings.Contains(text, "\n") {
			return nil, fmt.Errorf("write the Service Authorization Reference: %q does not fit its first lines", text)
		}
	}
	var file bytes.Buffer
	fmt.Fprintf(&file, "%s\nsource: %s\nversion: %s\nread: %s\nsha256: %x\nservices: %d\nactions: %d\n\n%s%s",
		authorizationTitle, a.Source, a.Version, a.Read, sha256.Sum256(w.b.Bytes()), len(a.Services), actions, a.Licence, authorizationEnd)
	pack, err := flate.NewWriter(&file, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := pack.Write(w.b.Bytes()); err != nil {
		return nil, err
	}
	if err := pack.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// A bodyWriter writes the lines of a body, and keeps its first mistake.
type bodyWriter struct {
	b   bytes.Buffer
	err error
}

func (w *bodyWriter) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

func (w *bodyWriter) row(fields ...string) {
	for _, f := range fields {
		if strings.ContainsAny(f, "\t\n\r") {
			w.fail("%q holds a tab or the end of a line", f)
		}
	}
	w.b.WriteString(strings.Join(fields, "\t") + "\n")
}

func (w *bodyWriter) service(s Service) {
	w.row("s", s.Prefix, s.Name)
	keys, resources := map[string]int{}, map[string]int{}
	for i, k := range s.Keys {
		keys[k.Name] = i
		w.row("k", k.Type, k.Name)
	}
	list := func(names []string) string {
		out := make([]string, len(names))
		for i, name := range names {
			n, ok := keys[name]
			if !ok {
				w.fail("%s has no condition key %s", s.Prefix, name)
			}
			out[i] = strconv.Itoa(n)
		}
		return strings.Join(out, ",")
	}
	for i, r := range s.Resources {
		resources[r.Name] = i
		w.row(append([]string{"r", r.Name, list(r.Keys)}, r.ARNs...)...)
	}
	numbers := map[string]int{} // of what actions take
	var actions []string
	for _, a := range s.Actions {
		var takes []string
		for _, r := range a.Resources {
			n, ok := resources[r.Type]
			if !ok {
				w.fail("%s has no resource type %s", s.Prefix, r.Type)
			}
			text := strconv.Itoa(n)
			if r.Required {
				text += "!"
			}
			if len(r.Keys) > 0 {
				text += "=" + list(r.Keys)
			}
			takes = append(takes, text)
		}
		take := list(a.Keys) + "\t" + strings.Join(takes, " ")
		n, ok := numbers[take]
		if !ok {
			n = len(numbers)
			numbers[take] = n
			w.b.WriteString("t\t" + take + "\n")
		}
		level := slices.Index(AccessLevels(), a.Level)
		name, mine := strings.CutPrefix(a.Name, s.Prefix+":")
		if level < 0 || !mine || name == "" || name[0] >= '0' && name[0] <= '9' || strings.ContainsAny(name, " \t\n") {
			w.fail("%s with the access level %q cannot be written as an action of %s", a.Name, a.Level, s.Prefix)
			continue
		}
		actions = append(actions, levelLetters[level:level+1]+strconv.Itoa(n)+name)
	}
	if len(actions) > 0 {
		w.row("a", strings.Join(actions, " "))
	}
}
