// Dist makes what is published of a release, without a network: for each system an
// archive with the program, its manual pages, completions and the licenses of all
// modules in it, a list of these modules (SBOM), and checksums of it all.
//
// The one invariant: the same commit gives the same bytes. Times in archives are the
// commit's, and names are sorted.
//
//	go run ./cmd/dist -out bin/dist
//	go run ./cmd/dist -extras bin/extras # pages, completions and licenses alone
//	go run ./cmd/dist -rehome example.com/you/ringback
//
// The last gives the module another path, wherever it is named.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

const targets = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

func main() {
	r := release{}
	out := flag.String("out", "bin/dist", "`folder` of the archives; what is in it is removed")
	extras := flag.String("extras", "", "write pages, completions and licenses to this `folder`, and end")
	home := flag.String("rehome", "", "give the module this `path`, in all files, and end")
	list := flag.String("targets", targets, "systems and `architectures`")
	flag.StringVar(&r.version, "version", "", "`version` of the release (default: the tag of the commit, or that in the source)")
	flag.Parse()
	moves := false
	flag.Visit(func(f *flag.Flag) { moves = moves || f.Name == "rehome" })
	err := r.describe()
	switch {
	case err != nil:
	case moves:
		err = rehome(*home)
	case *extras != "":
		err = r.extras(*extras)
	default:
		err = r.make(*out, strings.Fields(*list))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}
