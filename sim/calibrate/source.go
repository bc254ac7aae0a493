package calibrate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringback/sim/recording"
	"ringback/sim/store"
	"ringback/sim/text"
)

// The kinds of files that are read, as [File] has them. The first bytes tell which one a
// file is, never its name.
const (
	Recording = "recording" // of ringback record
	Journal   = "journal"   // of ringback call, serve and so on, with --journal
	HAR       = "har"       // of a browser, mitmproxy and others
	Ngrok     = "ngrok"     // GET /api/requests/http of an ngrok agent
	Log       = "log"       // a JSON object a line, of anyone's own
)

// Source is a file that is being read.
type Source struct {
	File
	Target string // of a recording: where its requests went

	r         *bufio.Reader
	recording *recording.Reader // of a recording
	origin    string            // the kind of file that the exchanges were taken from; empty for those of a recorder
}

// Open begins to read a file, and says what it is. Errors name the file and the line.
func Open(name string, r io.Reader) (*Source, error) {
	start, kind, err := open(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in := &Source{File: File{Name: name, Kind: kind}, r: start}
	if kind != Recording {
		in.taken(kind)
		return in, nil
	}
	in.recording = recording.NewReader(start)
	h, err := in.recording.Header()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in.Target, in.Own = h.Target, namesOf(h.Target)
	in.taken(h.From)
	return in, nil
}

// taken says what the exchanges from now on were taken from; from is empty if a recorder
// wrote them.
func (s *Source) taken(from string) {
	s.origin = from
	s.Numbered, s.Exact = from == "" || from == Journal, from == "" || from == Ngrok
}

// namesOf are the names of the parameters of an address.
func namesOf(url string) (names []string) {
	if _, query, ok := strings.Cut(url, "?"); ok {
		for pair := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(pair, "=")
			names = append(names, name)
		}
	}
	return names
}

// Each hands the exchanges to visit, in the order of their requests, and completes the
// file's Missing and Flaws. An exchange is the visitor's. Errors name the file and the
// line; one of visit is returned as it is.
func (s *Source) Each(visit func(*recording.Exchange) error) error {
	var known recording.Deliveries
	n := int64(0)
	err := s.read(func(e *recording.Exchange) error {
		if s.Kind != Recording {
			n++
			e.N = n
			e.Callback, e.Delivery = e.Recognize(), known.First(e)
		}
		if err := visit(e); err != nil {
			return stopped{err}
		}
		return nil
	})
	if stop := (stopped{}); errors.As(err, &stop) {
		return stop.error
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	return nil
}

// Read adds what a file shows to a calibration, and hands each exchange on to others, whose
// first error ends it.
func (c *Calibration) Read(s *Source, others ...func(*Source, *recording.Exchange) error) error {
	c.Begin(&s.File)
	err := s.Each(func(e *recording.Exchange) error {
		c.Add(e)
		for _, o := range others {
			if err := o(s, e); err != nil {
				return err
			}
		}
		return nil
	})
	c.End()
	return err
}

// stopped is an error of who reads.
type stopped struct{ error }

func (s *Source) flaw(format string, args ...any) {
	s.Flaws = append(s.Flaws, fmt.Sprintf(format, args...))
}

func (s *Source) read(visit func(*recording.Exchange) error) error {
	o := &sequence{visit: visit}
	var err error
	switch s.Kind {
	case Recording:
		return s.readRecording(visit)
	case Journal:
		var tail store.Tail
		tail, err = readJournal(s.r, o.add)
		s.note(recording.Flaws{Torn: tail.Cut, Unknown: tail.Skipped})
	case HAR:
		var bodiless int
		bodiless, err = readHAR(s.r, o.add)
		if bodiless > 0 {
			s.flaw("the exporter left out the body of %s", text.Count(bodiless, "request"))
		}
	case Ngrok:
		err = readNgrok(s.r, o.add)
	case Log:
		var torn int
		torn, err = readLog(s.r, o.add)
		s.note(recording.Flaws{Torn: int64(torn)})
	}
	if err != nil {
		return err
	}
	return o.end()
}

func (s *Source) readRecording(visit func(*recording.Exchange) error) error {
	in, joined := s.recording, 0
	var err error
	for err == nil {
		var e *recording.Exchange
		if e, err = in.Next(); err != nil {
			break
		}
		if e.Joined != joined {
			joined = e.Joined
			s.taken(in.HeaderOf(e).From)
		}
		err = visit(e)
	}
	s.note(in.Flaws())
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// note says in words what is wrong with a file.
func (s *Source) note(f recording.Flaws) {
	s.Missing = f.Missing
	say := func(n int64, what, why string) {
		if n > 0 {
			s.flaw("%s %s", text.Count(n, what), why)
		}
	}
	say(f.Torn, "byte", "of a torn last line left out")
	say(int64(f.Joined), "further recording", "behind the first one in the same file")
	say(int64(f.Repeated), "request", "left out whose number came before")
	say(int64(f.Orphans), "answer", "left out whose request is missing, or that came twice")
	say(f.Lost, "exchange", "without an end: the file ends before it, or the recorder was killed")
	say(int64(f.Unknown), "line", "of a kind that this version does not know")
}

// open unpacks what is packed, passes over a byte order mark, and tells the kind.
func open(r io.Reader) (*bufio.Reader, string, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, _ := b.Peek(2)
	var unpacked io.Reader
	var err error
	switch {
	case bytes.Equal(magic, []byte{0x1f, 0x8b}):
		unpacked, err = gzip.NewReader(b)
	case len(magic) == 2 && magic[0] == 0x78 && (int(magic[0])<<8|int(magic[1]))%31 == 0: // a .zhar of mitmproxy
		unpacked, err = zlib.NewReader(b)
	}
	if err != nil {
		return nil, "", err
	}
	if unpacked != nil {
		b = bufio.NewReaderSize(unpacked, 64<<10)
	}
	if mark, _ := b.Peek(3); string(mark) == "\uFEFF" {
		_, _ = b.Discard(3)
	}
	start, err := b.Peek(b.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	kind, err := kindOf(start)
	return b, kind, err
}

const wanted = "want a recording of ringback record, a journal, a HAR file, the list of an ngrok agent, " +
	`or a log with lines like {"time":"2026-01-01T00:00:00.000Z","url":"/callback?SdkAppid=1400000001","body":{},"status":200,"response":{}}`

// kindOf tells the kind of a file by its first keys.
func kindOf(start []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(start))
	switch first, err := dec.Token(); {
	case len(bytes.TrimSpace(start)) == 0:
		return "", fmt.Errorf("it is empty: %s", wanted)
	case err != nil || first != json.Delim('{'):
		return "", fmt.Errorf("it begins with %s: %s", text.Quote(start, 20), wanted)
	}
	for {
		key, err := dec.Token()
		if err != nil || key == json.Delim('}') {
			return Log, nil // whose reader says what is missing
		}
		value, err := dec.Token()
		if err != nil {
			return Log, nil
		}
		switch {
		case key == "log" && value == json.Delim('{'):
			return HAR, nil
		case key == "requests" && value == json.Delim('['):
			return Ngrok, nil
		case key == "kind" && value == "recording":
			return Recording, nil
		case key == "kind" && value == "run":
			return Journal, nil
		case key == "url":
			return Log, nil
		}
		if skip(dec, value) != nil {
			return Log, nil
		}
	}
}
