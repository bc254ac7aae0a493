package tui

import (
	"fmt"
	"strings"
	"testing"
)

// A line is edited with the keys that shells know.
func TestLine(t *testing.T) {
	for _, tt := range []struct{ text, keys, want string }{
		{"", "a b space c", "ab c|"},
		{"alice", "left left backspace x", "alx|ce"},
		{"alice", "home delete end y", "licey|"},
		{"alice", "ctrl+a right ctrl+k", "a|"},
		{"alice", "left ctrl+u", "|e"},
		{"alice, bob", "ctrl+w z", "alice, z|"},
		{"alice, bob  ", "alt+backspace", "alice, |"},
		{"alice, bob", "ctrl+left", "alice, |bob"},
		{"alice, bob", "ctrl+a alt+f !", "alice,!| bob"},
		{"alice, bob", "ctrl+a alt+d", "| bob"},
		{"alice", "home left backspace", "|alice"},
		{"alice", "right delete alt+d ctrl+k", "alice|"},
		{"界", "left é", "é|界"},
		{"a", "up down tab f1 ctrl+c", "a|"},
	} {
		l := newLine(tt.text)
		for _, k := range strings.Fields(tt.keys) {
			msg, err := keyOf(k)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.key(msg); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(l.text[:l.at]) + "|" + string(l.text[l.at:]); got != tt.want {
			t.Errorf("%q and %s: %q, want %q", tt.text, tt.keys, got, tt.want)
		}
	}
	full := newLine(strings.Repeat("x", maxLine-1))
	if err := full.insert("yz"); err == nil || full.value() != strings.Repeat("x", maxLine-1) {
		t.Errorf("of a text that is too long, a part: %d characters, %v", len(full.text), err)
	}
	if err := full.insert("y"); err != nil || len(full.text) != maxLine {
		t.Errorf("%d characters, %v", len(full.text), err)
	}
}

// The names of keys in scripts are a contract, and Bubble Tea knows the same
// keys by them.
func TestKeyNames(t *testing.T) {
	names := strings.Fields(`enter tab shift+tab esc backspace delete insert up down left right home end pgup pgdown
		ctrl+@ ctrl+\ ctrl+] ctrl+^ ctrl+_ ctrl+pgup ctrl+pgdown`)
	for c := 'a'; c <= 'z'; c++ {
		if c != 'i' && c != 'm' { // these are tab and enter
			names = append(names, "ctrl+"+string(c))
		}
	}
	for _, k := range []string{"up", "down", "left", "right", "home", "end"} {
		names = append(names, "ctrl+"+k, "shift+"+k, "ctrl+shift+"+k)
	}
	for n := range 20 {
		names = append(names, fmt.Sprintf("f%d", n+1))
	}
	for c := '!'; c <= '~'; c++ {
		names = append(names, string(c))
	}
	names = append(names, "é", "界")
	for _, name := range names {
		if k, err := keyOf(name); err != nil || k.String() != name {
			t.Errorf("%s: %q, %v", name, k, err)
		}
	}
	if k, err := keyOf("space"); err != nil || k.String() != "space" || k.Text != " " {
		t.Errorf("space: %q, %v", k, err)
	}
	for _, name := range []string{"", "nonsense", "runes", "ctrl+", "shift+a", "ctrl+nonsense", "Enter", "f21"} {
		if k, err := keyOf(name); err == nil {
			t.Errorf("%q is no key, but %q", name, k)
		}
	}
}

// What is copied goes into the clipboard of a terminal, if there is one.
func TestClipboard(t *testing.T) {
	for _, clipboard := range []bool{true, false} {
		m := New(NewRecording(Events(nil), nil), Config{Clipboard: clipboard})
		m.commands.waiting = make([]asked, 1)
		_, cmd := m.Update(done{asked{Command: Copy{Name: "last-curl.sh", Text: "curl"}}, Done{Note: "written to last-curl.sh"}})
		var got string
		if cmd != nil {
			got = fmt.Sprintf("%v", cmd())
		}
		want, told := map[bool]string{true: "curl"}[clipboard], map[bool]string{true: "copied (OSC 52), and written to last-curl.sh", false: "written to last-curl.sh"}[clipboard]
		if got != want || m.toast.text != told {
			t.Errorf("clipboard %t: %q, %q", clipboard, got, m.toast.text)
		}
	}
}
