package tui

import (
	"fmt"
	"strings"
)

// Markdown is the table of all keys for the README.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| key | name | where | does |\n|---|---|---|---|\n")
	for _, g := range groups {
		for _, k := range Bindings() {
			if k.Group != g {
				continue
			}
			where := "everywhere"
			if k.Panes != nil {
				where = paneList(k.Panes)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", strings.ReplaceAll(k.Help().Key, ", ", "` `"), k.Name, where, k.Help().Desc)
		}
	}
	return b.String()
}
