package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/control"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/secret"
	"ringback/sim/wire"
)

// Secrets are the secrets in what the operator typed: in arguments, variables of the
// environment, and files that these name. They are hidden in all output and files of a
// command except journals. It is safe for concurrent use, and nil has none.
type Secrets struct {
	mu    sync.RWMutex
	set   secret.Set
	typed secret.Set // without those of a settings file
}

// wantsSecret reports whether a flag may hold a secret.
func wantsSecret(flag string) bool {
	return slices.Contains([]string{"target", "probe", "callback", "attach", "probe-header", "app", "key", "token", "sign"}, flag)
}

// valuesOf are what a flag is set to, each value of a list by itself.
func valuesOf(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}

// Learn adds the secrets in the value of a flag. Any name is allowed; "" is an argument.
func (t *Secrets) Learn(flag, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch flag {
	case "target", "probe", "callback", "attach":
		t.set.AddURL(value)
	case "probe-header":
		t.set.AddHeader(value)
	case "app":
		t.set.AddApp(value)
	case "key", "token", "sign":
		t.set.AddToken(value)
	}
	t.set.AddAny(value) // a secret may be typed in the wrong place
}

// learnArgs adds the secrets of a command line, before anything is printed about it.
func (t *Secrets) learnArgs(args []string) {
	flag := ""
	for _, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "--")
		name, value, joined := strings.Cut(name, "=")
		switch {
		case isFlag && joined:
			t.Learn(name, value)
			flag = ""
		case isFlag:
			flag = name
		default:
			t.Learn(flag, arg)
			flag = ""
		}
	}
}

// Keys and values as most lines of a settings file have them.
var (
	settingsLine = regexp.MustCompile(`^[\s-]*["']?([A-Za-z][A-Za-z-]*)["']?\s*:(?:\s+|$)(.*)$`)
	settingsWord = regexp.MustCompile(`[^\s,\[\]{}"']+`)
)

// learnSettings adds the secrets of a settings file, even if it is malformed: errors
// quote words of it.
func (t *Secrets) learnSettings(data []byte) {
	t.mu.Lock()
	t.typed.AddSet(&t.set)
	t.mu.Unlock()
	key := ""
	for line := range strings.Lines(string(data)) {
		value := strings.TrimSpace(line)
		if m := settingsLine.FindStringSubmatch(value); m != nil {
			key, value = m[1], m[2]
		}
		value = strings.TrimSpace(strings.TrimLeft(value, "-|> "))
		t.Learn(key, strings.Trim(value, `"'`))
		for _, word := range settingsWord.FindAllString(value, -1) {
			t.Learn(key, word)
		}
	}
}

// settled adds the secrets of a command's flags once all are set. A command that makes
// its own data does not hide the secrets of a settings file that was read: they do not
// reach it, and may be words of its data.
func (t *Secrets) settled(cmd *cobra.Command, fromFile bool) {
	t.mu.Lock()
	alone := true
	cmd.Flags().VisitAll(func(f *pflag.Flag) { alone = alone && !wantsSecret(f.Name) && f.Name != "listen" })
	if fromFile && alone {
		t.set = t.typed
	}
	t.set.AddOwn(ownWords(cmd)...)
	t.mu.Unlock()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, v := range valuesOf(f) {
			t.Learn(f.Name, v)
			if f.Name == "sign" || f.Name == "token" {
				if token, err := KeyText(v, "token"); err == nil { // else the command says so
					t.Learn(f.Name, token)
				}
			}
		}
	})
}

// ownWords returns the words that a command prints itself: names of commands, flags,
// events, faults and clauses, the words of steps, and the values of its flags.
func ownWords(cmd *cobra.Command) (words []string) {
	var named func(c *cobra.Command)
	named = func(c *cobra.Command) {
		words = append(words, c.Name())
		c.Flags().VisitAll(func(f *pflag.Flag) { words = append(words, f.Name) })
		for _, sub := range c.Commands() {
			named(sub)
		}
	}
	named(cmd.Root())
	words = append(words, journal.Kinds()...)
	for _, f := range fault.List() {
		words = append(words, f.Name)
	}
	for _, k := range wire.Keys() {
		words = append(append(words, k.Name), k.Values...)
	}
	words = append(words, stepWords()...)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, v := range valuesOf(f) {
			if !wantsSecret(f.Name) && !holdsSecret(f.Name, v) {
				words = append(append(words, v), stepWord.FindAllString(v, -1)...)
			}
		}
	})
	return words
}

var stepWords = sync.OnceValue(func() (words []string) {
	for _, s := range script.Steps() {
		words = append(words, stepWord.FindAllString(s.Form+" "+s.About, -1)...)
	}
	return words
})

var stepWord = regexp.MustCompile(`[\pL\pN_-]+`)

// LearnApps takes in keys that files held.
func (t *Secrets) LearnApps(apps []control.App) {
	for _, a := range apps {
		t.Learn("app", fmt.Sprintf("%d:%s", a.ID, a.Key))
	}
}

// Hide returns a text without the secrets, and without UserSigs.
func (t *Secrets) Hide(text string) string {
	if t == nil {
		return text
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.set.HidePrinted(text)
}

// All returns the secrets learned so far, to hide them in text before it is laid out.
func (t *Secrets) All() *secret.Set {
	set := new(secret.Set)
	if t != nil {
		t.mu.RLock()
		defer t.mu.RUnlock()
		set.AddSet(&t.set)
	}
	return set
}

// holdsSecret reports whether the value of a flag is not to be shown.
func holdsSecret(flag, value string) bool {
	var t Secrets
	t.Learn(flag, value)
	return !t.set.Empty()
}
