package features

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// answering asks what the answers look like.
var answering = []Step{
	{
		Pattern: `^every answer has HTTP status 200$`, Form: "every answer has HTTP status 200", Example: "every answer has HTTP status 200",
		About: "the last answer to each callback", handler: everyAnswerHasStatus200,
	},
	{
		Pattern: `^every answer is plain text$`, Form: "every answer is plain text", Example: "every answer is plain text",
		About: "not compressed", handler: everyAnswerIsPlainText,
	},
	{
		Pattern: `^every answer is one JSON object$`, Form: "every answer is one JSON object", Example: "every answer is one JSON object",
		About: "and nothing before or after it", handler: everyAnswerIsOneObject,
	},
	{
		Pattern: `^every answer has the (integer|string) (\w+)(?: (\S+))?$`, Form: "every answer has the {type} {key}[ {value}]", Example: "every answer has the integer ErrorCode 0",
		About: "the key is there, its value has that type, and is that if one is named", handler: everyAnswerHas,
		check: func(_ *draft, args []string) error {
			if args[0] == "integer" && args[2] != "" && !integer.MatchString(args[2]) {
				return fmt.Errorf("integer %s: want digits, like 0", args[2])
			}
			_, err := parseKey(args[1])
			return err
		},
	},
	{
		Pattern: `^every answer spells (\w+(?:(?:, | and )\w+)*) like that$`, Form: "every answer spells {keys} like that", Example: "every answer spells ErrorCode and ErrorMessage like that",
		About: "letter case included", handler: everyAnswerSpells,
		check: all(of(parseKeys)),
	},
	{
		Pattern: `^the answers have the documented form$`, Form: "the answers have the documented form", Example: "the answers have the documented form",
		About: "all keys are there, with their types", handler: theAnswersHaveTheDocumentedForm,
	},
	{
		Pattern: `^every answer comes within (\S+)$`, Form: "every answer comes within {duration}", Example: "every answer comes within 2s",
		About: "in wall time, from the dial to the last byte", handler: everyAnswerComesWithin,
		check: all(of(parseLimit)),
	},
}

// answers checks the last answer to each callback against a rule, which returns what is
// wrong with it.
func answers(ctx context.Context, wrong func(t *delivery.Try) error) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range list {
		if len(d.Tries) == 0 {
			errs = append(errs, notSent(d))
			continue
		}
		t := &d.Tries[len(d.Tries)-1]
		switch {
		case t.Verdict == nil:
			errs = append(errs, unanswered(d, t))
		case t.Verdict.Class == delivery.NoAnswer:
			errs = append(errs, unlike(d, t, *t.Verdict, "was not answered"))
		default:
			if err := wrong(t); err != nil {
				errs = append(errs, answered(d, t, err))
			}
		}
	}
	return few(errs)
}

// keyError is what is wrong with a key of an answer.
type keyError struct {
	key string
	error
}

// needless are the keys that the documents show, but that no rule needs, with the clause
// that asks for them.
var needless = map[wire.Generation]struct{ key, clause string }{
	wire.V1: {"ErrorMessage", "v1-ack-errormessage-string"},
	wire.V4: {"ErrorInfo", "v4-ack-errorinfo-string"},
}

// answered is a finding on a wrong answer. Its cause is the same as that of a callback
// which the answer does not acknowledge as documented.
func answered(d *delivery.Delivery, t *delivery.Try, wrong error) error {
	text := fmt.Sprintf("the answer %s to %s of %s %v", text.Quote(t.Answer, 200), d.Word, d.CallID, wrong)
	var of keyError
	form := needless[d.Generation]
	ofForm := errors.As(wrong, &of) && of.key == form.key
	if v := d.Documented(t); !v.Acked() && (ofForm || !v.LacksInfo()) {
		f := unlike(d, t, v, "")
		f.Text = text
		return f
	}
	f := about(d, t, "the answer "+wrong.Error(), "%s", text)
	f.varies = true
	if ofForm {
		f.Clauses = []string{form.clause}
	}
	return f
}

func isNeedless(key string) bool {
	return key == needless[wire.V1].key || key == needless[wire.V4].key
}

func everyAnswerHasStatus200(ctx context.Context) error {
	return answers(ctx, func(t *delivery.Try) error {
		if t.Verdict.Status != 200 {
			return fmt.Errorf("has HTTP status %d, want 200", t.Verdict.Status)
		}
		return nil
	})
}

func everyAnswerIsPlainText(ctx context.Context) error {
	return answers(ctx, func(t *delivery.Try) error {
		if strings.ContainsFunc(t.Answer, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r) }) {
			return errors.New("is not text, want it uncompressed: no other encoding was requested")
		}
		return nil
	})
}

func everyAnswerIsOneObject(ctx context.Context) error {
	return answers(ctx, func(t *delivery.Try) error {
		_, err := object(t)
		return err
	})
}

func object(t *delivery.Try) (keys map[string]json.RawMessage, err error) {
	if err := json.Unmarshal([]byte(t.Answer), &keys); err != nil || keys == nil {
		return nil, errors.New("is not one JSON object")
	}
	return keys, nil
}

var integer = regexp.MustCompile(`^-?\d+$`)

func everyAnswerHas(ctx context.Context, kind, key, want string) error {
	return answers(ctx, func(t *delivery.Try) error {
		keys, err := object(t)
		if err != nil {
			return err
		}
		return has(keys, kind, key, want)
	})
}

// has says what is wrong with a key of an answer: its value must be of the kind, integer
// or string, and equal want if that is not empty.
func has(keys map[string]json.RawMessage, kind, key, want string) error {
	if err := hasValue(keys, kind, key, want); err != nil {
		return keyError{key, err}
	}
	return nil
}

func hasValue(keys map[string]json.RawMessage, kind, key, want string) error {
	raw, there := keys[key]
	got := string(raw)
	is := integer.MatchString(got)
	if kind == "string" {
		var s string
		is = json.Unmarshal(raw, &s) == nil && got != "null"
		got = s
	}
	switch {
	case !there:
		return fmt.Errorf("has no %s", key)
	case !is:
		return fmt.Errorf("has the %s %s, want %s %s", key, raw, article(kind), kind)
	case want != "" && got != want:
		return fmt.Errorf("has the %s %s, want %s", key, raw, want)
	}
	return nil
}

func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an"
	}
	return "a"
}

func everyAnswerSpells(ctx context.Context, keys string) error {
	want := splitList(keys)
	return answers(ctx, func(t *delivery.Try) error {
		got, err := object(t)
		if err != nil {
			return err
		}
		for _, key := range want {
			if _, ok := got[key]; ok {
				continue
			}
			for other := range got {
				if strings.EqualFold(other, key) {
					return keyError{key, fmt.Errorf("has the key %s, want %s: keys are case-sensitive", other, key)}
				}
			}
			if !isNeedless(key) { // no other spelling was found
				return keyError{key, fmt.Errorf("has no %s", key)}
			}
		}
		return nil
	})
}

// forms are the keys of an acknowledgement, each with the kind of its value.
var forms = map[wire.Generation][][2]string{
	wire.V1: {{"integer", "ErrorCode"}, {"string", "ErrorMessage"}},
	wire.V4: {{"string", "ActionStatus"}, {"string", "ErrorInfo"}, {"integer", "ErrorCode"}},
}

func theAnswersHaveTheDocumentedForm(ctx context.Context) error {
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range list {
		if err := acknowledged(d); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, formOf(d))
	}
	return few(errs)
}

// formOf compares the last answer with the documented keys and kinds.
func formOf(d *delivery.Delivery) error {
	t := &d.Tries[len(d.Tries)-1]
	keys, err := object(t)
	if err != nil {
		return answered(d, t, err)
	}
	var errs []error
	for _, f := range forms[d.Generation] {
		if err := has(keys, f[0], f[1], ""); err != nil {
			errs = append(errs, answered(d, t, err))
		}
	}
	return few(errs)
}

func everyAnswerComesWithin(ctx context.Context, limit string) error {
	within, err := parseLimit(limit)
	if err != nil {
		return err
	}
	list, err := worldOf(ctx).judged(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range list {
		if len(d.Tries) == 0 {
			errs = append(errs, notSent(d))
		}
		for i := range d.Tries {
			t := &d.Tries[i]
			switch took := fmt.Sprintf("took %s, want %s at most", t.Took.Round(time.Millisecond), within); {
			case t.Verdict == nil:
				errs = append(errs, unanswered(d, t))
			case t.Verdict.Failure == delivery.TimedOut:
				errs = append(errs, unlike(d, t, *t.Verdict, took))
			case t.Took > within:
				errs = append(errs, about(d, t, fmt.Sprintf("an answer takes longer than %s", within), "the answer to %s of %s %s", d.Word, d.CallID, took))
			}
		}
	}
	return few(errs)
}

// parseKey reads a key of an answer. A receiver may have keys of its own, but none that
// resembles a documented one.
func parseKey(arg string) (string, error) {
	var words []string
	for _, keys := range forms {
		for _, k := range keys {
			words = append(words, k[1])
		}
	}
	slices.Sort(words)
	if meant := text.Meant(arg, words); meant != "" && !slices.Contains(words, arg) {
		return "", fmt.Errorf("key %s: is none that the documents have%s", text.Quote(arg, maxQuoted), meant)
	}
	return arg, nil
}

func parseKeys(arg string) (keys []string, err error) {
	for _, key := range splitList(arg) {
		if _, err := parseKey(key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}
