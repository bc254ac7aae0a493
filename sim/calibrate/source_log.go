package calibrate

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ringback/sim/recording"
	"ringback/sim/text"
)

// logLine is a line of anyone's own log. Keys besides these are passed over.
type logLine struct {
	Time     json.RawMessage `json:"time"`     // RFC 3339, or seconds or milliseconds since 1970
	Method   string          `json:"method"`   // default POST
	URL      string          `json:"url"`      // with its query; the host may be left out
	Headers  json.RawMessage `json:"headers"`  // {"Name":"value"} or {"Name":["value"]}
	Body     json.RawMessage `json:"body"`     // as text, or as the JSON that it was
	Status   *int            `json:"status"`   // of the answer; 0: none came
	Response json.RawMessage `json:"response"` // as body
	TookMS   float64         `json:"took_ms"`  // until the answer was there
}

const wantedLine = `want a JSON object like {"time":"2026-01-01T00:00:00.000Z","method":"POST","url":"/callback?SdkAppid=1400000001","headers":{},"body":{},"status":200,"response":{}}`

// readLog hands on the lines of a log. It returns how many bytes of a torn last line it
// left out.
func readLog(r io.Reader, add func(*recording.Exchange) error) (torn int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxEntry)
	lines.Split(wholeLines)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		e, err := parseLogLine(line)
		if err != nil && !bytes.HasSuffix(lines.Bytes(), []byte("\n")) && !json.Valid(line) {
			return len(lines.Bytes()), nil
		}
		if err != nil {
			return 0, fmt.Errorf("line %d: %w", n, err)
		}
		e.Line = n
		if err := add(e); err != nil {
			return 0, err
		}
	}
	if err = lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("line %d: %w", n+1, errTooLong)
	}
	return 0, err
}

// wholeLines splits into lines with their line feeds, so that a torn one is seen.
func wholeLines(data []byte, end bool) (int, []byte, error) {
	switch n := bytes.IndexByte(data, '\n') + 1; {
	case n > 0:
		return n, data[:n], nil
	case end && len(data) > 0:
		return len(data), data, nil
	}
	return 0, nil, nil
}

func parseLogLine(line []byte) (*recording.Exchange, error) {
	var l logLine
	if err := json.Unmarshal(line, &l); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return nil, fmt.Errorf("%s is of the JSON type %s: %s", kind.Field, kind.Value, wantedLine)
		}
		return nil, fmt.Errorf("%s: %s", text.Quote(line, 20), wantedLine)
	}
	if l.URL == "" {
		return nil, fmt.Errorf("url is missing: %s", wantedLine)
	}
	at, err := logTime(l.Time)
	if err != nil {
		return nil, fmt.Errorf("time %w", err)
	}
	fields, err := logHeaders(l.Headers)
	if err != nil {
		return nil, fmt.Errorf("headers %w", err)
	}
	e := &recording.Exchange{At: at, Head: requestHead(cmp.Or(l.Method, "POST"), l.URL, "", fields)}
	if e.Body, err = logBody(l.Body); err != nil {
		return nil, fmt.Errorf("body %w", err)
	}
	answer, err := logBody(l.Response)
	if err != nil {
		return nil, fmt.Errorf("response %w", err)
	}
	if l.Status != nil {
		took := milliseconds(l.TookMS)
		answered(e, took, *l.Status, answerHead("", *l.Status, "", nil), answer, "")
	}
	return e, nil
}

// given reports whether a line has a key, and not with null.
func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

func logTime(raw json.RawMessage) (time.Time, error) {
	if !given(raw) {
		return time.Time{}, nil
	}
	if raw[0] != '"' {
		return parseEpoch(string(raw))
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return time.Time{}, err
	}
	if at, err := time.Parse(time.RFC3339Nano, strings.Replace(s, " ", "T", 1)); err == nil {
		return at, nil
	}
	return parseEpoch(s)
}

// logHeaders keeps the order in which the line has them.
func logHeaders(raw json.RawMessage) (list []field, err error) {
	if !given(raw) {
		return nil, nil
	}
	wrong := fmt.Errorf(`%s: want an object like {"Content-Type":"application/json"}, or with lists of texts`, text.Quote(raw, 40))
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, wrong
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, wrong
		}
		var values json.RawMessage
		if err := dec.Decode(&values); err != nil {
			return nil, wrong
		}
		var one string
		var several []string
		switch {
		case json.Unmarshal(values, &one) == nil:
			list = append(list, field{name.(string), one})
		case json.Unmarshal(values, &several) == nil:
			for _, v := range several {
				list = append(list, field{name.(string), v})
			}
		default:
			return nil, wrong
		}
	}
	return list, nil
}

// logBody is a body that is given as text or as JSON.
func logBody(raw json.RawMessage) ([]byte, error) {
	switch {
	case !given(raw):
		return nil, nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return []byte(s), err
	case raw[0] == '{', raw[0] == '[':
		return raw, nil
	}
	return nil, fmt.Errorf("%s: want a text or a JSON object", text.Quote(raw, 40))
}
