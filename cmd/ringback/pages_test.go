package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
)

// markdown is each page of the project, by its path from the root.
func markdown(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		case filepath.Ext(path) != ".md":
			return nil
		}
		page, err := os.ReadFile(path)
		name, _ := filepath.Rel("../..", path)
		pages[filepath.ToSlash(name)] = string(page)
		return err
	})
	if err != nil || pages["README.md"] == "" {
		t.Fatal(err, len(pages))
	}
	return pages
}

// Each link of a page leads to a file or folder of the project.
func TestLinksOfPages(t *testing.T) {
	for name, page := range markdown(t) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(page, -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(name), to)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// Each command line that a page shows, in a block or in a sentence, has a command
// and flags that exist.
func TestCommandsOfPages(t *testing.T) {
	block := regexp.MustCompile(`(?m)^(?:\$ |- run: )?(?:go run \./cmd/)?(ringback [^|>#&\n]*)`)
	sentence := regexp.MustCompile("`(ringback [^`]*)`")
	found := 0
	for name, page := range markdown(t) {
		if name == "CHANGELOG.md" {
			continue // it tells of what was
		}
		var lines []string
		for i, part := range strings.Split(page, "```") {
			form := sentence
			if i%2 == 1 {
				form, part = block, strings.ReplaceAll(part, "\\\n", " ")
			}
			for _, m := range form.FindAllStringSubmatch(part, -1) {
				lines = append(lines, strings.Join(strings.Fields(m[1]), " "))
			}
		}
		for _, line := range lines {
			if strings.HasPrefix(line, "ringback call  ") || line == "ringback COMMAND --help" {
				continue
			}
			if err := parses(words(line)); err != nil {
				t.Errorf("%s: %s: %v", name, line, err)
			}
			found++
		}
	}
	if found < 50 {
		t.Errorf("found %d command lines", found)
	}
}

// words splits what follows the program's name in a command line, as a shell does.
func words(line string) (args []string) {
	for _, m := range regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(line, -1)[1:] {
		if m != "..." {
			args = append(args, strings.NewReplacer("'", "", `"`, "").Replace(m))
		}
	}
	return args
}

// parses reports what is wrong with the arguments of a command line.
func parses(args []string) error {
	root := newRoot(cli.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: noEnv})
	root.InitDefaultHelpCmd()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	return cmd.ParseFlags(rest)
}

// What help prints of a topic.
func TestHelpTopics(t *testing.T) {
	for _, topic := range topics() {
		var out, errs bytes.Buffer
		if code := Main([]string{"help", topic}, cli.Env{Stdout: &out, Stderr: &errs, Lookup: noEnv}); code != cli.ExitOK || errs.Len() > 0 {
			t.Errorf("help %s: exit code %d, stderr %s", topic, code, errs.String())
		}
		golden.Compare(t, "help/topic_"+topic+".txt", out.String())
	}
}
