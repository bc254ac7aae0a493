package main

import (
	"fmt"
	"io"
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

// typedSecrets are the secrets in what the operator typed: in arguments,
// variables of the environment, and files that these name. They are hidden in
// whatever a command prints or writes, but for journals. It is safe for concurrent
// use, and nil has none.
type typedSecrets struct {
	mu    sync.RWMutex
	set   secret.Set
	typed secret.Set // without those of a settings file
}

// wantsSecret reports whether a flag is one for secrets.
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

// learn takes in the value of a flag. The name may be any, or "" for an argument.
func (t *typedSecrets) learn(flag, value string) {
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
	t.set.AddAny(value) // it may be in the wrong place
}

// learnArgs takes in a command line, before anything is said of it.
func (t *typedSecrets) learnArgs(args []string) {
	flag := ""
	for _, arg := range args {
		name, isFlag := strings.CutPrefix(arg, "--")
		name, value, joined := strings.Cut(name, "=")
		switch {
		case isFlag && joined:
			t.learn(name, value)
			flag = ""
		case isFlag:
			flag = name
		default:
			t.learn(flag, arg)
			flag = ""
		}
	}
}

// Keys and values as most lines of a settings file have them.
var (
	settingsLine = regexp.MustCompile(`^[\s-]*["']?([A-Za-z][A-Za-z-]*)["']?\s*:(?:\s+|$)(.*)$`)
	settingsWord = regexp.MustCompile(`[^\s,\[\]{}"']+`)
)

// learnSettings takes in a settings file, however malformed: what is wrong with it
// is told with words that are in it.
func (t *typedSecrets) learnSettings(data []byte) {
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
		t.learn(key, strings.Trim(value, `"'`))
		for _, word := range settingsWord.FindAllString(value, -1) {
			t.learn(key, word)
		}
	}
}

// settled takes in what a command's flags are set to. A command that makes its own
// data has no use for the secrets of a settings file that was read: nobody says them
// to it, and they may be words of its data.
func (t *typedSecrets) settled(cmd *cobra.Command, fromFile bool) {
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
			t.learn(f.Name, v)
			if f.Name == "sign" {
				if token, err := keyText(v, "token"); err == nil { // else the command says so
					t.learn(f.Name, token)
				}
			}
		}
	})
}

// ownWords are what a command says itself: names of commands, flags, events, faults
// and clauses, the words of steps, and what its flags are set to.
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
	for _, s := range script.Steps() {
		words = append(words, stepWord.FindAllString(s.Form+" "+s.About, -1)...)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, v := range valuesOf(f) {
			if !wantsSecret(f.Name) && !holdsSecret(f.Name, v) {
				words = append(append(words, v), stepWord.FindAllString(v, -1)...)
			}
		}
	})
	return words
}

var stepWord = regexp.MustCompile(`[\pL\pN_-]+`)

// learnApps takes in keys that files held.
func (t *typedSecrets) learnApps(apps []control.App) {
	for _, a := range apps {
		t.learn("app", fmt.Sprintf("%d:%s", a.ID, a.Key))
	}
}

// hide is a text without them, and without UserSigs.
func (t *typedSecrets) hide(text string) string {
	if t == nil {
		return text
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.set.HidePrinted(text)
}

// all are those learned so far, for who hides them in texts that are laid out
// before they are printed.
func (t *typedSecrets) all() *secret.Set {
	set := new(secret.Set)
	if t != nil {
		t.mu.RLock()
		defer t.mu.RUnlock()
		set.AddSet(&t.set)
	}
	return set
}

// recovered says that a command broke, as the runtime does, without secrets.
func recovered(w world, cause any, stack []byte) int {
	say(w.stderr, "ringback: broken: %v\n\n%s", cause, painted(stack))
	return exitUsage
}

// plain is an output for a secret that was asked for as such.
func plain(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return plainOutput{o}
	}
	return w
}

type plainOutput struct{ *output }

func (o plainOutput) Write(b []byte) (int, error) { return o.writeShown(b, b, o.text.Clean) }

// spelled is the flags that were set, as on a command line, but for some. Values
// with a secret are read from the variables that could have set them.
func spelled(flags *pflag.FlagSet, without []string) (list []string) {
	hidden := map[string]int{}
	flags.VisitAll(func(f *pflag.Flag) {
		for _, skip := range without {
			if f.Name == skip {
				return
			}
		}
		if !f.Changed {
			return
		}
		for _, v := range valuesOf(f) {
			switch {
			case f.Value.Type() == "bool" && v == "true":
				list = append(list, "--"+f.Name)
			case f.Value.Type() == "bool":
				list = append(list, "--"+f.Name+"="+v)
			case holdsSecret(f.Name, v) && fromVariable(f): // it is still set
			case holdsSecret(f.Name, v):
				hidden[f.Name]++
				list = append(list, "--"+f.Name+" "+variable(flags.Name(), f.Name, hidden[f.Name]))
			default:
				list = append(list, "--"+f.Name+" "+quote(v))
			}
		}
	})
	return list
}

// fromVariable reports whether a flag was set by the environment.
func fromVariable(f *pflag.Flag) bool {
	source := f.Annotations[sourceAnnotation]
	return len(source) > 0 && strings.HasPrefix(source[0], "RINGBACK_")
}

// holdsSecret reports whether the value of a flag is not to be shown.
func holdsSecret(flag, value string) bool {
	var t typedSecrets
	t.learn(flag, value)
	return !t.set.Empty()
}

// variable is how a shell reads the n-th secret of a flag.
func variable(command, flag string, n int) string {
	name := envName(command, flag)
	if isCommon(flag) {
		name = envName(flag)
	}
	if n > 1 {
		name += fmt.Sprint("_", n)
	}
	return `"$` + name + `"`
}
