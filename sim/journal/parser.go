package journal

import (
	"bytes"
	"encoding"
	"unicode/utf8"

	"ringback/sim/call"
	"ringback/sim/delivery"
)

// Parser reads the lines of one journal. It knows by heart the form in which
// [Event.AppendLine] writes the kinds that most lines are of, and leaves all other lines to
// [ParseLine], which takes about five times as long. The ids and names that lines repeat
// share their memory. The zero value is ready.
type Parser struct {
	words map[string]string // texts seen so far
	text  []byte            // of the latest time
	at    call.Instant      // which it means
}

// maxShared bounds the texts that a parser shares.
const maxShared = 1 << 14

// Parse is [ParseLine]; the line must not change while it is used, and may afterwards.
func (p *Parser) Parse(line []byte) (*Event, error) {
	if e := p.usual(line); e != nil {
		return e, nil
	}
	return ParseLine(line)
}

// usual reads a line of the usual form; nil if it is not one.
func (p *Parser) usual(line []byte) *Event {
	r := reader{b: bytes.TrimSuffix(line, []byte("\n")), p: p, ok: true}
	e := &Event{Seq: r.number(`{"seq":`), At: r.time(`,"t":"`)}
	kind := r.word(`,"kind":"`)
	if r.has(`,"call":"`) {
		e.Call = p.share(r.plain())
	}
	e.More = r.has(`,"more":true`)
	if !r.ok || e.Seq == 0 {
		return nil
	}
	switch string(kind) {
	case "callback":
		e.Data = r.callback()
	case "attempt":
		e.Data = r.attempt()
	case "answer":
		e.Data = r.answer()
	default:
		k, ok := call.ParseFactKind(string(kind))
		if !ok || k == call.Started || k == call.StartFailed {
			return nil
		}
		e.Data = r.fact(k)
	}
	if !r.ok || string(r.b) != "}" {
		return nil
	}
	return e
}

// share returns a text, the same memory for equal ones.
func (p *Parser) share(b []byte) string {
	if s, ok := p.words[string(b)]; ok {
		return s
	}
	if p.words == nil || len(p.words) == maxShared {
		p.words = make(map[string]string, maxShared)
	}
	s := string(b)
	p.words[s] = s
	return s
}

// reader reads a line from its beginning. ok is false once it has not the usual form.
type reader struct {
	b  []byte
	p  *Parser
	ok bool
}

func (r *reader) callback() *Callback {
	d := &Callback{Delivery: r.number(`,"delivery":`)}
	r.text(&d.Generation, r.word(`,"generation":"`))
	if r.has(`,"via":"`) {
		r.text(&d.Via, r.plain())
	}
	r.text(&d.Word, r.word(`,"word":"`))
	if r.has(`,"user":"`) {
		d.User = r.p.share(r.plain())
	}
	if r.has(`,"copy_of":`) {
		d.CopyOf = r.number("")
	}
	if r.has(`,"faults":["`) {
		d.Faults = &delivery.Faults{Names: []string{r.p.share(r.plain())}}
		for r.has(`,"`) {
			d.Names = append(d.Names, r.p.share(r.plain()))
		}
		r.must(`]`)
	}
	r.text(&d.State, r.word(`,"state":"`))
	if r.has(`,"due":"`) {
		d.Due = r.time("")
	}
	d.EventTime = r.time(`,"event_time":"`)
	d.URL = r.quoted(`,"url":"`)
	d.Body = r.quoted(`,"body":"`)
	return d
}

func (r *reader) attempt() *Attempt {
	return &Attempt{Delivery: r.number(`,"delivery":`), Attempt: int(r.number(`,"attempt":`))}
}

func (r *reader) answer() *Answer {
	d := &Answer{Delivery: r.number(`,"delivery":`), Attempt: int(r.number(`,"attempt":`))}
	word := r.word(`,"verdict":{"is":"`)
	status := 0
	if r.has(`,"status":`) {
		status = int(r.number(""))
	}
	detail := ""
	if r.has(`,"detail":"`) {
		detail = r.p.share(r.unquote())
	}
	r.must(`,"reason":"`)
	r.unquote() // it follows from the rest
	r.must(`}`)
	if r.ok {
		r.ok = d.Verdict.Restore(word, status, detail) == nil
	}
	if r.has(`,"body":"`) {
		d.Body = r.quoted("")
	}
	r.text(&d.Then, r.word(`,"then":"`))
	if r.has(`,"due":"`) {
		d.Due = r.time("")
	}
	if r.has(`,"took_us":`) {
		d.TookUS = int64(r.number(""))
	}
	if r.has(`,"head":"`) {
		d.Head = r.quoted("")
	}
	return d
}

// fact reads a fact other than the beginning of a call.
func (r *reader) fact(kind call.FactKind) *Fact {
	d := &Fact{Fact: call.Fact{Kind: kind}}
	if r.has(`,"by":"`) {
		d.By = r.p.share(r.plain())
	}
	if r.has(`,"users":["`) {
		d.Users = []string{r.p.share(r.plain())}
		for r.has(`,"`) {
			d.Users = append(d.Users, r.p.share(r.plain()))
		}
		r.must(`]`)
	}
	d.First = r.has(`,"first":true`)
	if r.has(`,"result":"`) {
		r.text(&d.Result, r.plain())
	}
	d.Server = r.has(`,"server":true`)
	if r.has(`,"step":`) {
		d.Step = int(r.number(""))
	}
	return d
}

// has reports whether a text comes next, and reads it.
func (r *reader) has(s string) bool {
	if !r.ok || len(r.b) < len(s) || string(r.b[:len(s)]) != s {
		return false
	}
	r.b = r.b[len(s):]
	return true
}

func (r *reader) must(s string) { r.ok = r.has(s) }

// number reads a text and a whole number from 0.
func (r *reader) number(before string) (n uint64) {
	r.must(before)
	i := 0
	for ; i < len(r.b) && i < 18 && '0' <= r.b[i] && r.b[i] <= '9'; i++ { // any more might not fit
		n = 10*n + uint64(r.b[i]-'0')
	}
	if i == 0 || i == len(r.b) || r.b[0] == '0' && i > 1 || r.b[i] != ',' && r.b[i] != '}' {
		r.ok = false
		return 0
	}
	r.b = r.b[i:]
	return n
}

// word reads a text and what follows up to the next quote.
func (r *reader) word(before string) []byte {
	r.must(before)
	return r.plain()
}

// plain reads up to the next quote; there must be nothing escaped.
func (r *reader) plain() []byte {
	i := bytes.IndexByte(r.b, '"')
	if !r.ok || i < 0 {
		r.ok = false
		return nil
	}
	s := r.b[:i]
	r.b = r.b[i+1:]
	for _, c := range s {
		if c < ' ' || c == '\\' || c >= utf8.RuneSelf {
			r.ok = false
			return nil
		}
	}
	return s
}

// quoted reads a text and a string, into memory of its own.
func (r *reader) quoted(before string) Text {
	r.must(before)
	b := r.unquote()
	if !r.ok {
		return nil
	}
	return append(make(Text, 0, len(b)), b...)
}

// unquote reads a string up to its closing quote. One with escapes is copied.
func (r *reader) unquote() []byte {
	end := bytes.IndexByte(r.b, '"')
	if !r.ok || end < 0 {
		r.ok = false
		return nil
	}
	if s := r.b[:end]; bytes.IndexByte(s, '\\') < 0 {
		r.b = r.b[end+1:]
		r.ok = clean(s)
		return s
	}
	s := make([]byte, 0, min(len(r.b), 2*end+512))
	for {
		i := bytes.IndexAny(r.b, `"\`)
		if i < 0 || i+1 == len(r.b) || !clean(r.b[:i]) {
			r.ok = false
			return nil
		}
		s = append(s, r.b[:i]...)
		if r.b[i] == '"' {
			r.b = r.b[i+1:]
			return s
		}
		c := unescaped[r.b[i+1]]
		if c == 0 { // like \u0001
			r.ok = false
			return nil
		}
		s, r.b = append(s, c), r.b[i+2:]
	}
}

// unescaped are the characters behind a backslash, with what they mean.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// clean reports whether bytes may stand in a string of JSON, and mean themselves.
func clean(s []byte) bool {
	ascii := true
	for _, c := range s {
		if c < ' ' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(s)
}

// time reads a text and a time in the form in which journals have it.
func (r *reader) time(before string) call.Instant {
	s := r.word(before)
	if !r.ok || len(s) != len("2006-01-02T15:04:05.000Z") {
		r.ok = false
		return 0
	}
	if !bytes.Equal(s, r.p.text) {
		if r.ok = r.p.at.UnmarshalText(s) == nil; !r.ok {
			r.p.text = r.p.text[:0]
			return 0
		}
		r.p.text = append(r.p.text[:0], s...)
	}
	return r.p.at
}

// text reads a word that stands for a value.
func (r *reader) text(v encoding.TextUnmarshaler, word []byte) {
	r.ok = r.ok && v.UnmarshalText(word) == nil
}
