package recording

import (
	"encoding/base64"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendHeader appends a file's first line.
func AppendHeader(b []byte, h Header) []byte {
	b = append(b, `{"v":`...)
	b = strconv.AppendInt(b, Version, 10)
	b = append(b, `,"kind":"recording"`...)
	b = appendText(b, "version", []byte(h.Version))
	b = appendText(b, "target", []byte(h.Target))
	if h.From != "" {
		b = appendText(b, "from", []byte(h.From))
	}
	return append(b, "}\n"...)
}

// Append appends the two lines of an exchange. Without an outcome it is one.
func Append(b []byte, e *Exchange) []byte {
	b = AppendRequest(b, e, false)
	if e.Answer.Outcome == Unknown && len(e.Answer.Head) == 0 {
		return b
	}
	more := e.Answer.Outcome == Unknown
	if !e.Answer.Ended.After(e.Answer.At) || more {
		return AppendAnswer(b, e.N, e.Answer.At, &e.Answer, more)
	}
	first := e.Answer
	first.Outcome, first.Detail = "", ""
	b = AppendAnswer(b, e.N, first.At, &first, true)
	return AppendAnswer(b, e.N, e.Answer.Ended, &Answer{Outcome: e.Answer.Outcome, Detail: e.Answer.Detail}, false)
}

// AppendRequest appends a line of a request: the first one, or a later one, which has in
// Head, Body and Coded what came since the line before. More says that another follows.
func AppendRequest(b []byte, e *Exchange, more bool) []byte {
	b = appendStart(b, e.N, e.At, "request", more)
	if e.Conn != 0 {
		b = appendInt(b, "conn", e.Conn)
	}
	if e.Source != "" {
		b = appendText(b, "source", []byte(e.Source))
	}
	if e.Generation != 0 {
		b = append(b, `,"generation":"`...)
		b = append(append(b, e.Generation.String()...), '"')
		b = appendText(b, "word", []byte(e.Word))
		b = appendText(b, "call", []byte(e.Call))
		b = appendText(b, "sdkappid", []byte(e.App))
	}
	if e.Delivery != 0 {
		b = appendInt(b, "delivery", e.Delivery)
	}
	b = appendMessage(b, e.Head, e.Body, e.Coded, e.Cut)
	if e.Unfinished && !more {
		b = append(b, `,"unfinished":true`...)
	}
	return append(b, "}\n"...)
}

// AppendAnswer appends a line of an answer to an exchange, written at a time; see
// [AppendRequest]. The last one has the outcome.
func AppendAnswer(b []byte, n int64, at time.Time, a *Answer, more bool) []byte {
	b = appendStart(b, n, at, "answer", more)
	if a.Latency != 0 {
		b = appendInt(b, "latency_us", a.Latency.Microseconds())
	}
	head := a.Head
	if len(a.Interim) > 0 {
		head = slices.Concat(a.Interim, head)
	}
	b = appendMessage(b, head, a.Body, a.Coded, a.Cut)
	if a.Outcome != "" {
		b = appendText(b, "outcome", []byte(a.Outcome))
	}
	if a.Detail != "" {
		b = appendText(b, "detail", []byte(a.Detail))
	}
	return append(b, "}\n"...)
}

func appendStart(b []byte, n int64, at time.Time, part string, more bool) []byte {
	b = append(b, `{"n":`...)
	b = strconv.AppendInt(b, n, 10)
	b = append(b, `,"t":"`...)
	b = at.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	b = append(b, `","kind":"exchange","part":"`...)
	b = append(append(b, part...), '"')
	if more {
		b = append(b, `,"more":true`...)
	}
	return b
}

func appendMessage(b, head, body, coded []byte, cut int64) []byte {
	if len(head) > 0 {
		b = appendText(b, "head", head)
	}
	switch {
	case coded != nil:
		b = appendText(b, "coded", coded)
	case len(body) > 0:
		b = appendText(b, "body", body)
	}
	if cut != 0 {
		b = appendInt(b, "cut", cut)
	}
	return b
}

func appendInt(b []byte, key string, n int64) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	return strconv.AppendInt(b, n, 10)
}

// appendText appends a key with bytes as [journal.Text] has them.
func appendText(b []byte, key string, text []byte) []byte {
	b = append(append(append(b, `,"`...), key...), `":`...)
	if !utf8.Valid(text) {
		b = append(b, `{"base64":"`...)
		b = base64.StdEncoding.AppendEncode(b, text)
		return append(b, `"}`...)
	}
	b = append(b, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		b = append(b, text[from:i]...)
		from = i + 1
		switch c {
		case '\r':
			b = append(b, `\r`...)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			const digits = "0123456789abcdef"
			b = append(b, `\u00`...)
			b = append(b, digits[c>>4], digits[c&15])
		}
	}
	return append(append(b, text[from:]...), '"')
}
