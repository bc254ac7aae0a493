package cli

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/fault"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// DidYouMean asks whether a similar word was meant, with a prefix; "" if none is similar.
func DidYouMean(word, before string, words []string) string {
	if near := text.Nearest(word, words); near != "" {
		return ", did you mean " + before + near + "?"
	}
	return ""
}

// flagError says what is wrong with the flags of a command line.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &value):
		return badValue(cmd, value.GetFlag(), value.GetValue())
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return Usage(fmt.Errorf("%w%s", err, DidYouMean(unknown.GetSpecifiedName(), "--", flagNames(cmd))), "")
	case errors.As(err, &syntax):
		return Usage(fmt.Errorf("%q: want a flag like --seed 42", syntax.GetSpecifiedFlag()), "")
	}
	return Usage(err, "")
}

// badValue is the error of a flag's value that cannot be parsed.
func badValue(cmd *cobra.Command, f *pflag.Flag, value string) error {
	want, like := "a value", ""
	switch t := f.Value.Type(); {
	case t == "bool":
		want, like = "true or false", "true"
	case t == "duration":
		want, like = "a duration like 2s or 1m30s", "2s"
	case strings.HasPrefix(t, "float"):
		want, like = "a number", "1.5"
	case strings.HasPrefix(t, "int"):
		want, like = "a whole number", "42"
	case strings.HasPrefix(t, "uint"):
		want, like = "a whole number from 0", "42"
		if f.Name == "sdkappid" {
			want, like = "a whole number from 0 to 4294967295", fmt.Sprint(DefaultApp)
		}
	}
	hint := cmd.CommandPath() + " --" + f.Name + "=" + like
	return Usage(fmt.Errorf("--%s: %q: want %s", f.Name, value, want), hint)
}

// BadWord is the error of a word that a flag cannot have, with the word that was probably
// meant. The hint begins with a command.
func BadWord(command, flag, got string, words []string, why error) error {
	return BadPart(command, flag, [3]string{1: got}, words, why, command+" --help")
}

// CheckWord refuses a word that is not in the list of a flag.
func CheckWord(command, flag, got string, words []string) error {
	if slices.Contains(words, got) {
		return nil
	}
	last := len(words) - 1
	return BadWord(command, flag, got, words, fmt.Errorf("%q: want %s or %s", got, strings.Join(words[:last], ", "), words[last]))
}

var saysNear = regexp.MustCompile(`did you mean (.+?)\?`)

// BadPart is the error of a flag's value whose middle one of three parts is wrong, with
// the word that was probably meant. The hint has that word, or is the one given.
func BadPart(command, flag string, value [3]string, words []string, why error, otherwise string) error {
	near, ask := text.Nearest(value[1], words), ""
	if said := saysNear.FindStringSubmatch(why.Error()); said != nil {
		near = said[1]
	} else {
		ask = DidYouMean(value[1], "", words)
	}
	hint := otherwise
	if near != "" {
		hint = command + " --" + flag + " " + text.Shell(value[0]+near+value[2])
	}
	return Usage(fmt.Errorf("--%s: %w%s", flag, why, ask), hint)
}

// Words that several commands take.
var (
	Levels          = []string{"must", "should"}
	GenerationWords = []string{wire.V1.String(), wire.V4.String(), wire.Both.String()}
)

// ParseWords reads --subscribe.
func ParseWords(command string, names []string) (wire.Words, error) {
	words, err := wire.ParseWords(names)
	if err == nil {
		return words, nil
	}
	var all []string
	for _, w := range wire.AllWords() {
		all = append(all, w.String())
	}
	wrong, hint := "", "" // the first of the words that there are not, and all others
	for _, name := range names {
		switch {
		case slices.Contains(all, name):
			hint += " --subscribe " + name
		case wrong == "":
			wrong = name
		}
	}
	return 0, BadPart(command, "subscribe", [3]string{1: wrong}, all, err, command+cmp.Or(hint, " --help"))
}

// badDialect says what is wrong with a choice of --dialect.
func badDialect(choice string, why error) error {
	name, value, _ := strings.Cut(choice, "=")
	var names []string
	for _, k := range wire.Keys() {
		if k.Name == name {
			return BadPart("ringback call", "dialect", [3]string{name + "=", value}, k.Values, why, "ringback dialects")
		}
		names = append(names, k.Name)
	}
	return BadPart("ringback call", "dialect", [3]string{1: name, 2: choice[len(name):]}, names, why, "ringback dialects")
}

// badFault says what is wrong with a --fault.
func badFault(spec string, why error) error {
	name := spec
	if i := strings.IndexAny(spec, "=:@#"); i >= 0 {
		name = spec[:i]
	}
	var names []string
	for _, f := range fault.List() {
		if f.Name == name { // another part is wrong
			before, word, _ := strings.Cut(spec, "@")
			return BadPart("ringback call", "fault", [3]string{before + "@", word}, nil, why, "ringback call --fault "+text.Shell(f.Example))
		}
		names = append(names, f.Name)
	}
	return BadPart("ringback call", "fault", [3]string{1: name, 2: spec[len(name):]}, names, why, "ringback faults")
}

var namesFlag = regexp.MustCompile(`^--([a-z0-9-]+): `)

// fromSource returns the text of an error about a flag. If the value is from a variable
// or a file, it names that instead of the flag.
func fromSource(cmd *cobra.Command, why string) string {
	m := namesFlag.FindStringSubmatch(why)
	if m == nil || cmd == nil {
		return why
	}
	f := cmd.Flags().Lookup(m[1])
	if f == nil || len(f.Annotations[sourceAnnotation]) == 0 {
		return why
	}
	return f.Annotations[sourceAnnotation][0] + ": " + why[len(m[0]):]
}

// DefaultApp is the app whose callbacks are sent if no other is named.
const DefaultApp = 1400000001
