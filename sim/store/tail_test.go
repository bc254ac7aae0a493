package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/damage"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/store"
)

// Wherever a journal was cut off, the whole steps are there, the rest is not,
// and it goes on from there. A machine that crashed leaves NUL bytes.
func TestTornTails(t *testing.T) {
	const parts = 8 // side by side, since each waits for the disk
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			tornTails(t, func(n int) bool { return n%parts == part })
		})
	}
}

// within is which of the bytes of a line it is cut off after, away from its ends: every
// seventh, or any to soak.
func within() int {
	if os.Getenv("RINGBACK_SOAK") != "" {
		return 1
	}
	return 7
}

// atEnd reports whether an end of a line is near a byte.
func atEnd(all string, n int) bool {
	return strings.Contains(all[max(0, n-9):min(n+9, len(all))], "\n")
}

// tornTails cuts a journal off after each number of bytes that is picked: around the
// ends of lines any, within a line some.
func tornTails(t *testing.T, picked func(n int) bool) {
	every := within()
	list := steps(t)
	all := strings.Join(list, "")
	path := put(t, "")
	whole, done := "", 0 // the whole steps within the first n bytes
	events := recordOf(t, all)
	for n := range len(all) + 1 {
		if done < len(list) && n == len(whole)+len(list[done]) {
			whole += list[done]
			done++
		}
		if !picked(n) || n%every != 0 && !atEnd(all, n) {
			continue
		}
		next := faults(99, false)
		if done < len(list) {
			next = list[done]
		}
		for _, nul := range []string{"", "\x00", strings.Repeat("\x00", 5000)} {
			if nul != "" && n%7 != 0 && every > 1 { // it takes long enough
				continue
			}
			rewrite(t, path, all[:n]+nul)
			f, r := open(t, path)
			want := events[:strings.Count(whole, "\n")]
			if diff := cmp.Diff(want, r); diff != "" && len(want)+len(r) > 0 {
				t.Fatalf("%d bytes and %d NULs (-want +got):\n%s", n, len(nul), diff)
			}
			if cut := int64(n + len(nul) - len(whole)); f.Tail() != (store.Tail{Cut: cut}) || f.Size() != int64(len(whole)) {
				t.Fatalf("%d bytes and %d NULs: tail %+v, size %d", n, len(nul), f.Tail(), f.Size())
			}
			holds(t, path, whole)
			add(t, f, next)
			closed(t, f)
			holds(t, path, whole+next)
		}
	}
}

// Who reads while another one writes sees whole steps.
func TestReadTornTails(t *testing.T) {
	list := steps(t)
	all := strings.Join(list, "")
	events := recordOf(t, all)
	whole, done, every := 0, 0, within()
	for n := range len(all) + 1 {
		if done < len(list) && n == whole+len(list[done]) {
			whole += len(list[done])
			done++
		}
		if n%every != 0 && !atEnd(all, n) {
			continue
		}
		var r record
		tail, err := store.Read(strings.NewReader(all[:n]), r.fold)
		if err != nil || tail != (store.Tail{Cut: int64(n - whole)}) {
			t.Fatalf("%d bytes: %+v, %v", n, tail, err)
		}
		want := events[:strings.Count(all[:whole], "\n")]
		if diff := cmp.Diff(want, r); diff != "" && len(want)+len(r) > 0 {
			t.Fatalf("%d bytes (-want +got):\n%s", n, diff)
		}
	}
}

// However its bytes come, a journal is read alike.
func TestReadInPieces(t *testing.T) {
	all := strings.Join(steps(t), "")
	for name, reader := range map[string]io.Reader{
		"single bytes":         iotest.OneByteReader(strings.NewReader(all)),
		"the end with data":    iotest.DataErrReader(strings.NewReader(all)),
		"after it seemed over": &growing{all[:1000], "", all[1000:]},
	} {
		var r record
		tail, err := store.Read(reader, r.fold)
		if err != nil || (tail != store.Tail{}) == (name != "after it seemed over") {
			t.Errorf("%s: %+v, %v", name, tail, err)
		}
		if want := recordOf(t, all); !cmp.Equal(want[:len(r)], r) {
			t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, r))
		}
	}
	_, err := store.Read(io.MultiReader(strings.NewReader(all[:1000]), iotest.ErrReader(errors.New("bad sector"))), new(record).fold)
	if err == nil || err.Error() != "journal: bad sector" {
		t.Error(err)
	}
}

// growing is a file that another process writes to: it has an end, and then
// more.
type growing []string

func (g *growing) Read(p []byte) (int, error) {
	if len(*g) == 0 || (*g)[0] == "" {
		*g = (*g)[min(1, len(*g)):]
		return 0, io.EOF
	}
	n := copy(p, (*g)[0])
	if (*g)[0] = (*g)[0][n:]; (*g)[0] == "" {
		*g = (*g)[1:]
	}
	return n, nil
}

// Lines of kinds that a newer version wrote are skipped, but they end steps.
func TestUnknownKinds(t *testing.T) {
	unknown := func(seq int) string { return fmt.Sprintf(`{"seq":%d,"kind":"dreamt"}`+"\n", seq) }
	unknownMore := func(seq int) string { return fmt.Sprintf(`{"seq":%d,"kind":"dreamt","more":true}`+"\n", seq) }
	for _, test := range []struct {
		name, content string
		events        int
		tail          store.Tail
	}{
		{"alone", header + unknown(1), 1, store.Tail{Skipped: 1}},
		{"first of a step", header + unknownMore(1) + faults(2, false), 2, store.Tail{Skipped: 1}},
		{"last of a step", header + faults(1, true) + unknown(2), 2, store.Tail{Skipped: 1}},
		{"last, torn", header + faults(1, true) + unknownMore(2), 1, store.Tail{Cut: int64(len(faults(1, true) + unknownMore(2)))}},
		{"several", header + unknownMore(1) + unknown(2) + faults(3, false) + unknown(4), 2, store.Tail{Skipped: 3}},
	} {
		path := put(t, test.content)
		f, r := open(t, path)
		if len(r) != test.events || f.Tail() != test.tail {
			t.Errorf("%s: %v, %+v", test.name, r, f.Tail())
		}
		holds(t, path, test.content[:len(test.content)-int(test.tail.Cut)])
	}
}

// What is wrong in the middle is an error that says where, and changes nothing.
func TestDamage(t *testing.T) {
	good := header + faults(1, false)
	for _, test := range []struct{ name, content, want string }{
		{"no JSON", good + "garbage\n" + faults(2, false), "line 3: want an event in JSON: "},
		{"no JSON at the end", good + "garbage\n", `line 3: want an event in JSON: invalid character 'g' looking for beginning of value`},
		{"half a line", good + faults(2, false)[:40] + "\n", "line 3: want an event in JSON: "},
		{"half a line in a torn step", good + faults(2, true) + faults(3, false)[:40] + "\n", "line 4: want an event in JSON: "},
		{"two lines in one", good + faults(2, false)[:40] + faults(3, false), "line 3: want an event in JSON: "},
		{"damage behind an empty line", good + "\r\n\ngarbage\n", "line 5: want an event in JSON: "},
		{"a line twice", good + faults(1, false), "line 3: seq 1: want 2: lines are missing, doubled or out of order"},
		{"a line twice, far off", good + "\n" + faults(2, false) + faults(1, false), "line 5: seq 1: want 3: "},
		{"a line is missing", good + faults(3, false), "line 3: seq 3: want 2: "},
		{"the first one is missing", header + faults(2, false), "line 2: seq 2: want 1: "},
		{"it is missing from a step", header + faults(1, true) + faults(3, false), "line 3: seq 3: want 2: "},
		{"two changed places", good + faults(3, false) + faults(2, false), "line 3: seq 3: want 2: "},
		{"a number that nobody reaches", good + faults(1<<32, false), "line 3: seq 4294967296: want 2: "},
		{"of an unknown kind", good + `{"seq":7,"kind":"dreamt"}` + "\n", "line 3: seq 7: want 2: "},
		{"in a torn step", good + faults(2, true) + faults(4, true), "line 4: seq 4: want 3: "},
		{"no number", good + `{"t":"2026-01-01T00:00:00.000Z","kind":"drained"}` + "\n", "line 3: seq 0: want 2: "},
		{"another header", good + header, "line 3: another header: a journal has one"},
		{"a header that is numbered", `{"v":1,"seq":7,"kind":"run","run":"test"}` + "\n", "line 1: want a header without seq and more"},
		{"a snapshot of two states", header + snapshot(7, true) + snapshot(8, false), "line 3: seq 8: want 7: "},
		{"a snapshot, and what is not the next line", header + snapshot(7, false) + faults(7, false), "line 3: seq 7: want 8: "},
		{"a snapshot in the middle", good + snapshot(2, false), "line 3: a snapshot: only the first step of a journal may be one"},
		{"NUL bytes", good + "\x00\x00\x00\n" + faults(2, false), "line 3: want an event in JSON: "},
		{"no kind", good + `{"seq":2}` + "\n", "line 3: an event that has no kind"},
		{"a wrong field", good + `{"seq":2,"t":"2026-01-01T00:00:00.000Z","kind":"faults","on":7}` + "\n", "line 3: faults: json: "},
		{"a wrong more", good + `{"kind":"dreamt","more":1}` + "\n", "line 3: json: "},
		{"a newer format", `{"v":9,"kind":"run","run":"test"}` + "\n", "line 1: journal format 9: this Ringback reads format 1"},
		{"refused", good + faults(2, true) + faults(3, false) + faults(4, false), "line 4: event 3 is unlucky"},
	} {
		path := put(t, test.content)
		fold := func(e *journal.Event) error {
			if e.Seq == 3 {
				return errors.New("event 3 is unlucky")
			}
			return nil
		}
		f, err := store.Open(path, fold)
		if f != nil || err == nil || !strings.HasPrefix(err.Error(), "journal "+path+": "+test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
		untouched(t, path, test.content)
		if _, err := store.Read(strings.NewReader(test.content), fold); err == nil || !strings.HasPrefix(err.Error(), "journal: "+test.want) {
			t.Errorf("%s, by Read: got %v, want %s", test.name, err, test.want)
		}
	}
}

// No error about a journal shows what is in it, wherever a line of it was broken.
func TestDamageShowsNoSecret(t *testing.T) {
	for i, whole := range damage.Journals() {
		all, refused := string(whole), 0
		for from := 0; ; {
			at := strings.Index(all[from:], damage.Secret)
			if at < 0 {
				break
			}
			at += from
			begin, behind, end := strings.LastIndexByte(all[:at], '\n')+1, at+len(damage.Secret), at+strings.IndexByte(all[at:], '\n')
			from = end // the first of each line is enough
			key := begin + strings.LastIndexByte(all[begin:at], ',') + 1
			value := begin + strings.LastIndexByte(all[begin:at], '"')
			for name, broken := range map[string]string{
				"before the key":     all[:key] + "\n" + all[key:],
				"within the secret":  all[:at+8] + "\n" + all[at+8:],
				"all before is lost": all[:begin] + all[at:],
				"all behind is lost": all[:behind] + all[end:],
				"no quote":           all[:value] + all[value+1:],
				"a number":           all[:value] + "1" + all[value:],
				"NUL":                all[:at+8] + "\x00" + all[at+8:],
			} {
				st := journal.NewState(journal.Keep)
				if _, err := store.Read(strings.NewReader(broken), st.Apply); err != nil {
					refused++
					if damage.Shows(err) {
						t.Fatalf("journal %d, %s: %v", i, name, err)
					}
				}
			}
		}
		if strings.Contains(all, damage.Secret) != (refused > 0) {
			t.Errorf("journal %d: nothing was refused", i)
		}
	}
}

// What editors do to a file without changing a line is harmless, also when
// another process goes on with it.
func TestEdited(t *testing.T) {
	all := strings.Join(steps(t), "")
	events := recordOf(t, all)
	for name, content := range map[string]string{
		"CRLF":              strings.ReplaceAll(all, "\n", "\r\n"),
		"a byte order mark": "\uFEFF" + all,
		"blank lines":       "\n" + strings.ReplaceAll(all, "\n", "\n \t\n"),
		"all of them":       "\uFEFF\r\n" + strings.ReplaceAll(all, "\n", "\r\n\r\n"),
	} {
		path := put(t, content)
		f, r := open(t, path)
		if diff := cmp.Diff(events, r); diff != "" || f.Tail() != (store.Tail{}) {
			t.Errorf("%s: tail %+v (-want +got):\n%s", name, f.Tail(), diff)
		}
		next := faults(len(events), false)
		add(t, f, next)
		closed(t, f)
		holds(t, path, content+next)
		f, r = open(t, path)
		if diff := cmp.Diff(append(events[:len(events):len(events)], recordOf(t, next)...), r); diff != "" || f.Tail() != (store.Tail{}) {
			t.Errorf("%s, and on: tail %+v (-want +got):\n%s", name, f.Tail(), diff)
		}
		closed(t, f)
	}
	path := put(t, header+faults(1, true)+"\n"+faults(2, true)+"\n\n") // a step that is torn
	f, r := open(t, path)
	if len(r) != 1 || f.Size() != int64(len(header)) || f.Tail().Cut == 0 {
		t.Errorf("torn: %v, %d bytes, tail %+v", r, f.Size(), f.Tail())
	}
}

// A file that is no journal stays as it is, whoever names it by mistake.
func TestNoJournal(t *testing.T) {
	for name, content := range map[string]string{
		"a word":                  "hello",
		"a line":                  "hello\n",
		"an empty line":           "\n",
		"a journal's second line": faults(1, false),
		"another kind of JSON":    "[]\n",
		"a number":                "1",
		"a brace":                 "{}",
		"not quite a header":      `{"v":1,"kind":"running"}`,
		"nor this":                `{"v":1,"kind":"run"}` + "\n",
		"nor another kind":        `{"v":1,"kind":"faults","run":"test"}` + "\n",
		"nor this one":            `{"v":"1","kind":"run","run":"test"}` + "\n",
		"nor that":                `{"v":0,"kind":"run","run":"test"}` + "\n",
		"a NUL before it":         "\x00" + header,
		"empty lines":             "\n\r\n",
	} {
		path := put(t, content)
		want := path + " exists and is no journal; it stays as it is"
		if f, err := store.Create(path); f != nil || err == nil || err.Error() != want {
			t.Errorf("%s, Create: %v", name, err)
		}
		if f, err := store.Open(path, new(record).fold); f != nil || err == nil || err.Error() != want {
			t.Errorf("%s, Open: %v", name, err)
		}
		untouched(t, path, content)
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		want = "journal " + path + ": the first line is no journal's header, nor a recording's"
		if _, err := store.Read(file, new(record).fold); err == nil || err.Error() != want {
			t.Errorf("%s, Read: %v", name, err)
		}
		file.Close()
	}
}

// What is left out of a file is told.
func TestTailInWords(t *testing.T) {
	if got := (store.Tail{}).String(); got != "" {
		t.Errorf("nothing is lacking: %s", got)
	}
	tail := store.Tail{Cut: 12, Skipped: 2, Recorded: &recording.Summary{Others: 3}}
	if got, want := tail.String(), "its end is torn, 12 bytes are left out; 2 lines of kinds that this version does not know left out; 3 requests left out, no callbacks of calls"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A long line is read; one that does not end is not, and takes no more memory
// than that.
func TestLongLines(t *testing.T) {
	long := strings.Replace(faults(1, false), "drop", strings.Repeat("drop", 1<<20), 1)
	path := put(t, header+long+faults(2, false))
	f, r := open(t, path)
	if want := recordOf(t, header+faults(1, false)+faults(2, false)); !cmp.Equal(want, r) {
		t.Error(cmp.Diff(want, r))
	}
	closed(t, f)
	if err := os.Truncate(path, 80<<20); err != nil { // NUL bytes, more than a crash leaves
		t.Fatal(err)
	}
	_, err := store.Open(path, new(record).fold)
	if err == nil || err.Error() != "journal "+path+": line 4: a line is longer than 64 MiB, the most that is read" {
		t.Error(err)
	}
	if st, err := os.Stat(path); err != nil || st.Size() != 80<<20 {
		t.Errorf("it has %d bytes now, %v", st.Size(), err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 80<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Create(path); err == nil || !strings.Contains(err.Error(), "is no journal") {
		t.Error(err)
	}
	f, err = store.Replace(path)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, f)
	holds(t, path, "")
}

// after is the number that follows in a journal.
func after(content []byte) int {
	lines := strings.Fields(strings.ReplaceAll(string(content), " ", ""))
	var last struct{ Seq int }
	_ = json.Unmarshal([]byte(strings.TrimPrefix(lines[len(lines)-1], "\uFEFF")), &last) // it was read once
	return last.Seq + 1
}

// Whatever a file holds, opening it ends in an error that changes nothing, or
// in a journal that reads again as it was read first.
func FuzzOpen(f *testing.F) {
	list := steps(f)
	all := strings.Join(list, "")
	f.Add([]byte(""))
	f.Add([]byte(header))
	f.Add([]byte(all))
	f.Add([]byte(all[:len(all)-9]))
	f.Add([]byte(list[0] + list[1] + list[2][:700]))
	f.Add([]byte(header + faults(1, true) + faults(2, false) + "\x00\x00"))
	f.Add([]byte(header + faults(1, true) + `{"seq":2,"kind":"dreamt","more":true}` + "\n" + `{"seq":3,"kind":"dreamt"}` + "\n" + faults(4, true)))
	f.Add([]byte("\uFEFF" + header + "\r\n" + snapshot(7, true) + snapshot(7, false) + faults(8, false)))
	f.Add([]byte(header + "garbage\n" + faults(1, false)))
	f.Add([]byte(`{"v":9,"kind":"run","run":"test"}` + "\n"))
	f.Add([]byte(`{"v":1,"ki`))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := put(t, string(content))
		var first, again record
		j, err := store.Open(path, first.fold)
		tail, readErr := store.Read(bytes.NewReader(content), again.fold)
		if (err == nil) != (readErr == nil) || !cmp.Equal(first, again) {
			t.Fatalf("opened with %v, read with %v:\n%s", err, readErr, cmp.Diff(first, again))
		}
		if err != nil {
			untouched(t, path, string(content))
			return
		}
		whole := content[:len(content)-int(j.Tail().Cut)]
		if tail != j.Tail() || j.Size() != int64(len(whole)) {
			t.Fatalf("opened with %+v and %d bytes, read with %+v", j.Tail(), j.Size(), tail)
		}
		holds(t, path, string(whole))
		next := header // a journal needs one first
		if len(first) > 0 {
			next = faults(after(whole), false)
		}
		add(t, j, next)
		closed(t, j)
		j, again = open(t, path)
		if want := append(first, recordOf(t, next)...); !cmp.Equal(want, again) || j.Tail() != (store.Tail{Skipped: tail.Skipped}) {
			t.Fatalf("read again with %+v (-want +got):\n%s", j.Tail(), cmp.Diff(want, again))
		}
		closed(t, j)
	})
}
