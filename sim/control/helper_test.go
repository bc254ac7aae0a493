package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/post"
	"ringback/sim/run"
	"ringback/sim/wire"
)

const (
	key   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	appID = 1400000001
	epoch = harness.Epoch
)

// world is a backend behind a server, and a receiver that it delivers to.
type world struct {
	t       testing.TB
	backend *control.Backend
	url     string
	got     *receiver
}

// receiver takes callbacks and answers as it is told.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	commands []string
	answer   func(n int) (status int, body string) // to the n-th request, from 1
}

const (
	ok  = `{"ErrorCode":0,"ErrorMessage":"Success"}`
	bad = `{"ErrorCode":7,"ErrorMessage":"no"}`
)

func newReceiver(t testing.TB) *receiver {
	r := &receiver{answer: func(int) (int, string) { return 200, ok }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		r.mu.Lock()
		q := req.URL.Query()
		r.commands = append(r.commands, q.Get("command")+q.Get("CallbackCommand"))
		status, body := r.answer(len(r.commands))
		r.mu.Unlock()
		if status/100 == 3 {
			w.Header().Set("Location", body)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.commands...)
}

// readable is the default dialect but for its CallIds, which a test can name.
func readable() *wire.Dialect {
	d := wire.Default()
	d.CallID = "readable"
	return d
}

func config() control.Config {
	return control.Config{
		Apps: []control.App{{ID: appID, Key: key}, {ID: 88888888, Key: key, NoPackage: true}},
		Run:  journal.Run{Version: "test", Seed: 7, Epoch: epoch, Token: "test"}, Dialect: readable(),
		NewSender: func() run.Sender {
			return post.New(&post.Options{Timeout: time.Minute}) // a machine that stalls is no receiver that hangs
		},
	}
}

// start starts a backend whose time stands still, so that tests move it on.
func start(t testing.TB, cfg control.Config) *world {
	t.Helper()
	b, err := control.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b)
	w := &world{t: t, backend: b, url: server.URL}
	t.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return w
}

func begin(t testing.TB) *world {
	t.Helper()
	cfg := config()
	cfg.Paused = true
	w := start(t, cfg)
	w.got = newReceiver(t)
	w.register(w.got.URL+"/cb?token=hush-hush", words()...)
	return w
}

// words are all that can be subscribed to.
func words() (names []string) {
	for _, w := range wire.AllWords() {
		names = append(names, w.String())
	}
	return names
}

// register lets callbacks go to an address, as an operator would.
func (w *world) register(url string, names ...string) {
	w.t.Helper()
	e, err := delivery.ParseEndpoint(url)
	if err != nil {
		w.t.Fatal(err)
	}
	set, err := wire.ParseWords(names)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.backend.Do(sim.Register{App: appID, Generation: wire.Both, Endpoint: e, Typed: true, Words: set.List()}, nil); err != nil {
		w.t.Fatal(err)
	}
}

// ask sends a request, checks the status and the form of the answer, and reads
// it into out.
func (w *world) ask(method, path, body string, status int, out any) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != status {
		w.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, resp.StatusCode, status, data)
	}
	conforms(w.t, method, path, resp, data)
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			w.t.Fatalf("%s: %v", data, err)
		}
	}
}

func (w *world) post(path, body string, status int, out any) {
	w.t.Helper()
	w.ask("POST", path, body, status, out)
}

func (w *world) get(path string, status int, out any) {
	w.t.Helper()
	w.ask("GET", path, "", status, out)
}

// place places a call and returns its id.
func (w *world) place(body string) string {
	w.t.Helper()
	var c simapi.CallView
	w.post("/sim/v1/calls", body, 201, &c)
	return c.ID
}

func (w *world) advance(by string) {
	w.t.Helper()
	w.post("/sim/v1/clock", `{"advance":"`+by+`"}`, 200, nil)
}

// document is the OpenAPI document, as far as answers are checked against it.
type document struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Schema   struct {
				Enum  []string
				Items struct{ Enum []string }
			}
		}
		RequestBody message
		Responses   map[string]message
	}
	Components struct{ Schemas map[string]json.RawMessage }

	resolved sync.Map // schemas that were asked for, by their names
}

// schema returns a schema of the document, resolved.
func (d *document) schema(name string) (*jsonschema.Resolved, error) {
	if r, ok := d.resolved.Load(name); ok {
		return r.(*jsonschema.Resolved), nil
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(d.Components.Schemas[name], &s); err != nil {
		return nil, err
	}
	r, err := s.Resolve(nil)
	if err == nil {
		d.resolved.Store(name, r)
	}
	return r, err
}

// message is a request or an answer in the document.
type message struct {
	Content map[string]struct {
		Schema struct {
			Ref string `json:"$ref"`
		}
	}
}

var readDocument = sync.OnceValues(func() (*document, error) {
	cfg := config()
	b, err := control.New(cfg)
	if err != nil {
		return nil, err
	}
	defer b.Close(context.Background())
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest("GET", "/sim/v1/openapi.json", nil))
	d := new(document)
	if err := json.Unmarshal(w.Body.Bytes(), d); w.Code != http.StatusOK || err != nil || len(d.Paths) == 0 {
		return nil, fmt.Errorf("the document: status %d, %d paths, %v: %s", w.Code, len(d.Paths), err, w.Body)
	}
	return d, nil
})

// conforms checks an answer of the simulation API against its own document.
func conforms(t testing.TB, method, path string, resp *http.Response, data []byte) {
	t.Helper()
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	path, _, _ = strings.Cut(path, "?")
	for pattern, methods := range d.Paths {
		op, there := methods[strings.ToLower(method)]
		if !there || !matches(pattern, path) {
			continue
		}
		answer, there := op.Responses[http.StatusText(0)+strings.TrimSpace(resp.Status[:3])]
		if !there {
			answer = op.Responses["default"]
		}
		ref := answer.Content[kind].Schema.Ref
		if ref == "" && kind == "application/json" && strings.HasSuffix(path, ".json") {
			return
		}
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		resolved, err := d.schema(name)
		if err != nil {
			t.Fatalf("%s %s answers %s as %s, which the document does not know: %v", method, path, resp.Status, kind, err)
		}
		for _, one := range values(kind, data) {
			var value any
			if err := json.Unmarshal(one, &value); err != nil {
				t.Fatalf("%s %s answers %s: %v", method, path, one, err)
			}
			if err := resolved.Validate(value); err != nil {
				t.Errorf("%s %s: the answer is not what the document says: %v\n%s", method, path, err, one)
			}
		}
		return
	}
	if strings.HasPrefix(path, "/sim/v1/") && resp.StatusCode < 400 {
		t.Errorf("%s %s is not in the document", method, path)
	}
}

// values are the JSON values of an answer: of a stream, one for each event.
func values(kind string, data []byte) (list [][]byte) {
	switch kind {
	case "text/event-stream":
		for _, l := range bytes.Split(data, []byte("\n")) {
			if one, ok := bytes.CutPrefix(l, []byte("data: ")); ok {
				list = append(list, one)
			}
		}
		return list
	case "application/x-ndjson":
		return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	}
	return [][]byte{data}
}

func matches(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] && !strings.HasPrefix(p[i], "{") {
			return false
		}
	}
	return true
}
