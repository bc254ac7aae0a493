package tui

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/text"
	"ringback/tui/draw"
)

// ParseKeys reads entries like give-up=ctrl+d, with the names of keys as of [Play] and
// blanks between several; without any the command has no key. No key may mean two things
// in one pane.
func ParseKeys(list []string) (Keymap, error) {
	keys := Keymap{}
	all := Bindings()
	for _, entry := range list {
		name, value, pair := strings.Cut(entry, "=")
		if name = strings.TrimSpace(name); !pair {
			return nil, fmt.Errorf("%s: want a command and its key, like give-up=ctrl+d", text.Quote(entry, 40))
		}
		if !slices.ContainsFunc(all, func(b Binding) bool { return b.Name == name }) {
			var names []string
			for _, b := range all {
				names = append(names, b.Name)
			}
			return nil, fmt.Errorf("no command %s; ringback tui lists all after :%s", text.Quote(name, 40), text.Meant(name, names))
		}
		keys[name] = []string{}
		for _, k := range strings.Fields(value) {
			msg, err := keyOf(k)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, text.Quote(k, 40), err)
			}
			keys[name] = append(keys[name], msg.String())
		}
	}
	return keys, unambiguous(keys.bindings())
}

// unambiguous refuses a key that means two things in one pane.
func unambiguous(list []Binding) error {
	for p := draw.Calls; p <= draw.Panes; p++ {
		for _, taped := range []bool{false, true} {
			meaning := map[string]string{}
			for i := range list {
				b := &list[i]
				if !b.works(p) || b.Taped != taped {
					continue
				}
				for _, k := range b.Keys() {
					if other := meaning[k]; other != "" {
						return fmt.Errorf("%s would mean both %s and %s in %s: give the other another key, too", k, other, b.Name, p)
					}
					meaning[k] = b.Name
				}
			}
		}
	}
	return nil
}

// bindings are all commands with these keys. ctrl+c always quits.
func (k Keymap) bindings() []Binding {
	list := Bindings()
	for i := range list {
		b := &list[i]
		keys, changed := k[b.Name]
		if !changed {
			continue
		}
		if b.Name == "quit" && !slices.Contains(keys, "ctrl+c") {
			keys = append(slices.Clone(keys), "ctrl+c")
		}
		b.SetKeys(keys...)
		shown := strings.Join(keys, ", ")
		if shown == "" && b.Letter != "" {
			shown = "c " + b.Letter
		}
		b.SetHelp(shown, b.Help().Desc)
	}
	return list
}
