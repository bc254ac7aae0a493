package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ringback/sim/call"
	"ringback/sim/fault"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// fields is an operation as keys and values; a value is a string, a []string, an int or a
// bool.
type fields map[string]any

func (f fields) text(key string) string {
	s, _ := f[key].(string)
	return s
}

func (f fields) list(key string) []string {
	l, _ := f[key].([]string)
	return l
}

func (f fields) number(key string) int {
	n, _ := f[key].(int)
	return n
}

func (f fields) flag(key string) bool {
	b, _ := f[key].(bool)
	return b
}

// put sets a value, unless it is empty and optional.
func (f fields) put(v *verb, key string, value any) {
	if !blank(value) || slices.Contains(v.needs, key) {
		f[key] = value
	}
}

func blank(value any) bool {
	switch v := value.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case int:
		return v == 0
	case bool:
		return !v
	}
	return value == nil
}

// encode turns a deed into its verb and fields.
func encode(d Deed) (*verb, fields, Errors) {
	f := fields{}
	switch d := d.(type) {
	case Place:
		return d.encode(f)
	case Act:
		return d.encode(f)
	case Handling:
		return d.encode(f)
	case Faults:
		f["faults"] = []string(d)
		return findVerb("faults"), f, nil
	case Wait:
		return findVerb("wait"), f, nil
	}
	return nil, nil, wrong("do", "", "is %T; want a Place, Act, Handling, Faults or Wait", d)
}

func (p Place) encode(f fields) (*verb, fields, Errors) {
	v := findVerb("call")
	if p.Media > call.Video {
		return nil, nil, wrong("media", "media: video", "%d is unknown", p.Media)
	}
	if p.Generation > wire.Both {
		return nil, nil, wrong("generation", "generation: both", "%d is unknown", p.Generation)
	}
	f.put(v, "call", p.Call)
	f.put(v, "who", p.Caller)
	f.put(v, "whom", p.Callees)
	if p.Media != call.Audio {
		f["media"] = p.Media.String()
	}
	f.put(v, "group", p.Group)
	f.put(v, "busy", p.Busy)
	f.put(v, "unreachable", p.Unreachable)
	f.put(v, "room", p.Room)
	f.put(v, "user_data", p.UserData)
	f.put(v, "chat_group", p.ChatGroup)
	if p.Generation != 0 {
		f["generation"] = p.Generation.String()
	}
	f.put(v, "fails", p.Fails)
	f.put(v, "ring_later", p.RingLater)
	return v, f, nil
}

func (a Act) encode(f fields) (*verb, fields, Errors) {
	x := &a.Action
	v := acts[x.Do]
	switch {
	case x.Do == call.DoTimeout || x.Do == call.DoExpire:
		return nil, nil, unknownVerb(x.Do.String())
	case v == nil:
		return nil, nil, wrong("do", "do: accept", "%d is unknown", x.Do)
	case x.Media > call.Video:
		return nil, nil, wrong("media", "media: video", "%d is unknown", x.Media)
	case x.Quality > call.Down:
		return nil, nil, wrong("quality", "quality: Poor", "%d is unknown", x.Quality)
	}
	f.put(v, "call", a.Call)
	f.put(v, "who", x.By)
	f.put(v, "whom", x.Users)
	if x.Media != call.Audio || slices.Contains(v.needs, "media") {
		f["media"] = x.Media.String()
	}
	f.put(v, "on", x.On)
	f.put(v, "level", x.Level)
	if x.Quality != call.Unknown || slices.Contains(v.needs, "quality") {
		f["quality"] = x.Quality.String()
	}
	f.put(v, "code", x.Code)
	f.put(v, "text", x.Text)
	return v, f, nil
}

// decode turns fields into a deed, and finds all that is wrong with them.
func decode(word string, f fields) (Deed, Errors) {
	v := findVerb(word)
	if v == nil {
		return nil, unknownVerb(word)
	}
	if errs := v.check(f); len(errs) > 0 {
		return nil, errs
	}
	switch word {
	case "call":
		return decodePlace(f)
	case "faults":
		return decodeFaults(f)
	case "wait":
		return Wait{}, nil
	}
	if h, errs, ok := decodeHandling(word, f); ok {
		return h, errs
	}
	return v.decodeAct(f)
}

func decodePlace(f fields) (Deed, Errors) {
	p := Place{
		Call: f.text("call"), Caller: f.text("who"), Callees: f.list("whom"), Group: f.flag("group"),
		Busy: f.list("busy"), Unreachable: f.list("unreachable"),
		Room: f.text("room"), UserData: f.text("user_data"), ChatGroup: f.text("chat_group"),
		Fails: f.flag("fails"), RingLater: f.flag("ring_later"),
	}
	errs := f.word("media", &p.Media)
	errs = append(errs, f.word("generation", &p.Generation)...)
	if p.RingLater && len(p.Busy)+len(p.Unreachable) > 0 {
		errs = append(errs, wrong("ring_later", "do: busy", "busy and unreachable have no effect with it; let phones ring or refuse by operations")...)
	}
	return p, append(errs, p.check()...)
}

// check applies the rules of calls. The ids are placeholders: the program that plays the
// script chooses them.
func (p Place) check() Errors {
	s := p.Setup()
	s.Device, s.AnyIDs = &call.Device{}, true
	_, err := call.Start(&s, p.Fails)
	if err == nil {
		return nil
	}
	field, why, _ := strings.Cut(err.Error(), ": ")
	switch field {
	case "callee", "callees":
		return wrong("whom", "whom: [bob, carol]", "%s", why)
	case "busy, unreachable":
		return wrong("busy", "", "%s", why)
	}
	return wrong("who", "", "%s", err.Error())
}

func decodeFaults(f fields) (Deed, Errors) {
	var on Faults
	var errs Errors
	for _, spec := range f.list("faults") {
		if _, err := fault.Parse(spec); err != nil {
			errs = append(errs, wrong("faults", `faults: ["drop=10%"]`, "%s", err).meant(meantFault(spec))...)
		}
		on = append(on, spec)
	}
	return on, errs
}

// meantFault asks whether a fault with a similar name was meant; "" if the name is known,
// or no other is similar.
func meantFault(spec string) string {
	name := strings.FieldsFunc(spec+"=", func(r rune) bool { return strings.ContainsRune("=:@#", r) })
	var names []string
	for _, k := range fault.List() {
		if len(name) == 0 || k.Name == name[0] {
			return ""
		}
		names = append(names, k.Name)
	}
	return text.Meant(name[0], names)
}

func (v *verb) decodeAct(f fields) (Deed, Errors) {
	a := Act{Call: f.text("call")}
	x := &a.Action
	x.By, x.Users = f.text("who"), f.list("whom")
	x.On, x.Level, x.Code, x.Text = f.flag("on"), f.number("level"), f.number("code"), f.text("text")
	errs := f.word("media", &x.Media)
	errs = append(errs, f.word("quality", &x.Quality)...)
	if x.Level < 0 || x.Level > 100 {
		errs = append(errs, wrong("level", "level: 40", "a volume is 0 to 100, got %d", x.Level)...)
	}
	if err := x.Do.UnmarshalText([]byte(v.word)); err != nil {
		errs = append(errs, wrong("do", "", "%s", err)...)
	}
	return a, errs
}

// word reads one of a few words, if the key is there.
func (f fields) word(key string, into interface{ UnmarshalText([]byte) error }) Errors {
	s, ok := f[key]
	if !ok {
		return nil
	}
	if err := into.UnmarshalText(fmt.Append(nil, s)); err != nil {
		return wrong(key, findKey(key).hint(), "%s", strings.TrimPrefix(err.Error(), key+" ")).meant(text.Meant(fmt.Sprint(s), wordsOf(key)))
	}
	return nil
}

// wordsOf are the words that a key can have.
func wordsOf(key string) (words []string) {
	switch key {
	case "media":
		return []string{call.Audio.String(), call.Video.String()}
	case "generation":
		return []string{wire.V1.String(), wire.V4.String(), wire.Both.String()}
	case "quality":
		for q := call.Unknown; q <= call.Down; q++ {
			words = append(words, q.String())
		}
	}
	return words
}

// check finds keys that do not belong to the verb, those that are missing, and
// texts that no file can hold.
func (v *verb) check(f fields) (errs Errors) {
	for _, k := range keys {
		value, ok := f[k.name]
		needed := slices.Contains(v.needs, k.name)
		switch {
		case !ok && needed:
			errs = append(errs, wrong(k.name, k.hint(), "is missing; %s needs it", v.word)...)
		case !ok:
		case !needed && !slices.Contains(v.takes, k.name):
			errs = append(errs, wrong(k.name, "", "does not belong to %s; that takes %s", v.word, oneOf(v.all()))...)
		case needed && !k.empty && (value == "" || k.kind == names && blank(value)):
			errs = append(errs, wrong(k.name, k.hint(), "is empty")...)
		default:
			errs = append(errs, k.checkTexts(value)...)
		}
	}
	return errs
}

func (k *key) hint() string { return k.name + ": " + k.like }

func (k *key) checkTexts(value any) Errors {
	list, _ := value.([]string)
	if s, ok := value.(string); ok {
		list = []string{s}
	}
	for _, s := range list {
		switch {
		case !utf8.ValidString(s):
			return wrong(k.name, "", "is not UTF-8: %q", s)
		case k.kind == names && s == "":
			return wrong(k.name, k.hint(), "has an empty name")
		}
	}
	return nil
}

func oneOf(words []string) string {
	if len(words) == 0 {
		return "at only"
	}
	return strings.Join(words, ", ")
}

// unknownVerb says which operation was probably meant.
func unknownVerb(word string) Errors {
	if when, ok := timers[word]; ok {
		return wrong("do", "do: wait", "%s is no operation: it happens by itself %s", word, when)
	}
	var words []string
	for _, v := range verbs {
		if slices.Contains(v.also, strings.ToLower(word)) {
			return wrong("do", "do: "+v.word, "no operation %s", text.Quote(word, maxQuoted))
		}
		words = append(words, v.word)
	}
	if w := text.Nearest(word, words); w != "" {
		return wrong("do", "do: "+w, "no operation %s", text.Quote(word, maxQuoted))
	}
	return wrong("do", "do: accept", "no operation %s; want one of %s", text.Quote(word, maxQuoted), oneOf(words))
}

// FormatAction is the reverse of [ParseAction].
func FormatAction(a call.Action) (do string, with map[string]any, err error) {
	v, f, errs := Act{Action: a}.encode(fields{})
	if err := errs.err(); err != nil {
		return "", nil, err
	}
	return v.word, f, nil
}

// ParseAction makes what a phone or the server does in a call of its word and
// the keys beside it, as scripts have them: text, []string, int or bool. The
// error is an [Errors] that names the key.
func ParseAction(do string, with map[string]any) (call.Action, error) {
	if slices.Contains(notInCall, do) {
		return call.Action{}, wrong("do", "do: accept", "%s is not an action of a call", do)
	}
	for k := range with {
		if findKey(k) == nil {
			return call.Action{}, wrong(k, "", "unknown key")
		}
	}
	deed, errs := decode(do, fields(with))
	if err := errs.err(); err != nil {
		return call.Action{}, err
	}
	return deed.(Act).Action, nil
}
