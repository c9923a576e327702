package config

import (
	"fmt"
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	p := os.Getenv("DUMP")
	if p == "" {
		return
	}
	_, ds, err := Load(p, Options{})
	fmt.Println(err)
	for _, d := range ds {
		fmt.Printf("%s-%d:%d: %s: %s [%s]\n  %s\n", d.Range, d.Range.End.Line, d.Range.End.Column, d.Severity, d.Summary, d.Code, d.Hint)
		for _, r := range d.Related {
			fmt.Printf("  %s: %s\n", r.Range, r.Message)
		}
	}
}
