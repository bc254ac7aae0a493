package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// keyCodes are the keys of scripts that have a name. Each may have ctrl+, alt+
// and shift+ before it, in this order; the names are part of the contract.
var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "space": tea.KeySpace,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "insert": tea.KeyInsert,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5,
	"f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10,
	"f11": tea.KeyF11, "f12": tea.KeyF12, "f13": tea.KeyF13, "f14": tea.KeyF14, "f15": tea.KeyF15,
	"f16": tea.KeyF16, "f17": tea.KeyF17, "f18": tea.KeyF18, "f19": tea.KeyF19, "f20": tea.KeyF20,
}

// keyOf parses the name of a key, or the character that it types.
func keyOf(s string) (tea.KeyPressMsg, error) {
	if r := []rune(s); len(r) == 1 {
		return letter(r[0]), nil
	}
	if s == "space" {
		return letter(' '), nil
	}
	k, name := tea.KeyPressMsg{}, s
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok && rest != "" {
			name, k.Mod = rest, k.Mod|m.mod
		}
	}
	if code, ok := keyCodes[name]; ok {
		k.Code = code
		return k, nil
	}
	if r := []rune(name); len(r) == 1 && k.Mod != 0 && !k.Mod.Contains(tea.ModShift) {
		k.Code = r[0]
		return k, nil
	}
	return k, fmt.Errorf("no such key; want a letter, or a name like enter, tab, esc, up, ctrl+c")
}

// letter is a key that types a character.
func letter(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Text: string(r)} }
