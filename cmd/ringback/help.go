package main

import (
	"embed"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"ringback/cmd/cli"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
)

// pages are the help topics that belong to no single command. They are Markdown, since
// GitHub shows them, too.
//
//go:embed help/*.md
var pages embed.FS

// topics are the names of the pages.
func topics() (names []string) {
	files, err := pages.ReadDir("help")
	if err != nil {
		panic(err) // embedded
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".md"))
	}
	return names
}

// newHelp prints a page, or the help of a command. If a topic and a command share a name
// (faults), it prints the page, which has more.
func newHelp(w cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:       "help [COMMAND | TOPIC]",
		Short:     "Help about any command or topic: " + strings.Join(topics(), ", "),
		ValidArgs: topics(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(topics(), args[0]) {
				page, err := pages.ReadFile(path.Join("help", args[0]+".md"))
				if err != nil {
					return err
				}
				_, err = io.WriteString(w.Stdout, asText(string(page)))
				return err
			}
			about, rest, err := cmd.Root().Find(args)
			if err != nil || about == nil || len(rest) > 0 {
				name := strings.Join(args, " ")
				return cli.Usage(fmt.Errorf("help %q: want a command, or one of the topics %s", name, strings.Join(topics(), ", ")), "ringback --help")
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

var (
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	emphasis = regexp.MustCompile(`\*+([^*\n]+)\*+`)
)

// asText formats Markdown for a terminal: 80 columns wide, without markup, tables as
// lists.
func asText(page string) string {
	var b strings.Builder
	put := func(first, then, s string) {
		s = emphasis.ReplaceAllString(link.ReplaceAllString(s, "$1"), "$1")
		s = strings.NewReplacer("`", "", "-", "\u2011").Replace(s) // keeps flags on one line
		s = ansi.Wordwrap(s, 80-len(then), "")
		b.WriteString(first + strings.NewReplacer("\u2011", "-", "\n", "\n"+then).Replace(s) + "\n")
	}
	blocks := strings.Split(strings.TrimSpace(page), "\n\n")
	for i, block := range blocks {
		if i > 0 {
			b.WriteString("\n")
		}
		lines := strings.Split(block, "\n")
		switch {
		case strings.HasPrefix(block, "```"):
			for _, l := range lines[1 : len(lines)-1] {
				b.WriteString(strings.TrimRight("    "+l, " ") + "\n")
			}
		case strings.HasPrefix(block, "#"):
			b.WriteString(strings.ToUpper(strings.TrimLeft(block, "# ")) + "\n")
		case strings.HasPrefix(block, "|"):
			heads := columns(lines[0])
			for _, l := range lines[2:] {
				row := columns(l)
				put("  ", "  ", row[0])
				for k, cell := range row[1:] {
					if k > 0 {
						cell = heads[k+1] + ": " + cell
					}
					put("      ", "      ", cell)
				}
			}
		case strings.HasPrefix(block, "- "):
			for _, item := range strings.Split(strings.TrimPrefix(block, "- "), "\n- ") {
				put("  - ", "    ", strings.Join(strings.Fields(item), " "))
			}
		default:
			put("", "", strings.Join(strings.Fields(block), " "))
		}
	}
	return b.String()
}

// columns are the cells of a row of a table.
func columns(row string) []string {
	row = strings.ReplaceAll(strings.Trim(row, "| "), `\|`, "\x00")
	list := strings.Split(row, " | ")
	for i := range list {
		list[i] = strings.ReplaceAll(strings.TrimSpace(list[i]), "\x00", "|")
	}
	return list
}
