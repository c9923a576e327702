// Command frameworks writes the table of compliance frameworks that
// guardrails/catalog embeds, from an unpacked Prowler:
//
//	pip download --no-deps prowler==5.39.1 && unzip prowler-*.whl
//	go run ./internal/gen/cmd/frameworks -version 5.39.1 -read 2026-11-22 prowler/compliance/aws
//
// It is run by hand when there is a newer Prowler, at the top of the repository.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/orgrails/orgrails/internal/gen/frameworks"
)

func main() {
	version := flag.String("version", "", "version of Prowler")
	read := flag.String("read", "", "the day it is read: 2026-11-22")
	out := flag.String("o", "guardrails/catalog/frameworks.json", "file to write")
	flag.Parse()
	if flag.NArg() != 1 || *version == "" || *read == "" {
		flag.Usage()
		os.Exit(2)
	}
	data, err := frameworks.Read(os.DirFS(flag.Arg(0)), *version, *read)
	if err == nil {
		err = os.WriteFile(*out, data, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "frameworks:", err)
		os.Exit(1)
	}
}
