// Command count reads the output of go test -json. With -show it prints what
// a person wants to see while the tests run (packages, failures with their
// output, and what tests log behind "score: "); without, it reads the files named and ends with one line,
// "N passed, N failed, N skipped". It exits 1 when a test or a package failed,
// or when no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

type counts struct{ passed, failed, skipped int }

func main() {
	show := flag.Bool("show", false, "print packages and failures as they come on stdin")
	flag.Parse()
	if *show {
		if read(os.Stdin, true).failed > 0 {
			os.Exit(1)
		}
		return
	}
	var all counts
	for _, name := range flag.Args() {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		c := read(f, false)
		f.Close()
		all.passed, all.failed, all.skipped = all.passed+c.passed, all.failed+c.failed, all.skipped+c.skipped
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", all.passed, all.failed, all.skipped)
	if all.failed > 0 || all.passed == 0 {
		os.Exit(1)
	}
}

// read counts tests and their subtests; a package that fails to build or fails
// outside a test counts as one failure.
func read(r io.Reader, show bool) counts {
	var c counts
	output := map[string]*strings.Builder{}
	failedIn := map[string]bool{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<20), 1<<26)
	for sc.Scan() {
		var e event
		if json.Unmarshal(sc.Bytes(), &e) != nil {
			if show {
				fmt.Println(sc.Text())
			}
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "build-output":
			if show {
				fmt.Print(e.Output)
			}
		case "output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "pass", "fail", "skip":
			if e.Test == "" {
				if e.Action == "fail" && !failedIn[e.Package] {
					c.failed++
				}
				if show && e.Action != "skip" {
					fmt.Printf("%-4s %s (%.1fs)\n", map[string]string{"pass": "ok", "fail": "FAIL"}[e.Action], e.Package, e.Elapsed)
					if e.Action == "fail" && output[key] != nil {
						fmt.Print(output[key])
					}
				}
				continue
			}
			switch e.Action {
			case "pass":
				c.passed++
				if show {
					for line := range strings.Lines(text(output[key])) {
						if _, score, ok := strings.Cut(line, "score: "); ok {
							fmt.Printf("     %s: %s", e.Test, score)
						}
					}
				}
			case "skip":
				c.skipped++
				if show {
					fmt.Printf("skip %s %s\n%s", e.Package, e.Test, text(output[key]))
				}
			case "fail":
				c.failed++
				failedIn[e.Package] = true
				if show {
					fmt.Printf("FAIL %s %s\n%s", e.Package, e.Test, text(output[key]))
				}
			}
			delete(output, key)
		}
	}
	return c
}

func text(b *strings.Builder) string {
	if b == nil {
		return ""
	}
	return b.String()
}
