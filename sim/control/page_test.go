package control_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringback/fixtures/browser"
	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// The page runs nothing but its own script and style, names nothing outside, and is guarded
// like all else.
func TestPage(t *testing.T) {
	w := begin(t)
	get := func(method, host string) (*httptest.ResponseRecorder, string) {
		rec, req := httptest.NewRecorder(), httptest.NewRequest(method, "/", nil)
		req.Host = host
		local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
		w.backend.ServeHTTP(rec, req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, local)))
		return rec, rec.Body.String()
	}
	rec, page := get("GET", "localhost")
	if rec.Code != 200 || rec.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d, %s", rec.Code, rec.Header().Get("Content-Type"))
	}
	policy := rec.Header().Get("Content-Security-Policy")
	want := regexp.MustCompile(`^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$`)
	if !want.MatchString(policy) {
		t.Errorf("the policy is %s", policy)
	}
	for _, never := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", " src=", " href=", "url(", "@import", "//cdn", " style=", " onclick"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if strings.Count(page, "<script>") != 1 || strings.Count(page, "<style>") != 1 {
		t.Error("the policy names one script and one style")
	}
	if rec, _ := get("POST", "localhost"); rec.Code != 405 {
		t.Errorf("POST: %d", rec.Code)
	}
	if rec, _ := get("GET", "evil.example"); rec.Code != 403 {
		t.Errorf("another host: %d", rec.Code)
	}
}

// look opens the page of a server and waits until it follows what happens. What the server
// does for it, it does for any client, so that under the race detector no browser is needed.
func look(t *testing.T, url string) *browser.Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	tab := browser.Find(t).Open(t, url, 1280, 800)
	tab.Wait(isLive)
	return tab
}

const isLive = `document.querySelector("#link").textContent === "● live"`

// text is a condition: an element that is there shows a text.
func shows(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.checkVisibility() && e.innerText.includes(%q))`, selector, text)
}

// rowOf finds the row of a call in the list.
const rowOf = `[...document.querySelectorAll(".row:not([hidden])")].find((r) => r.innerText.includes(%q))`

// A call that is placed over the API appears, with its callbacks; a receiver that fails shows
// each attempt, what follows and why; what the phones saw is there.
func TestPageShowsRetries(t *testing.T) {
	t.Parallel() // browsers take their time to start
	w := begin(t)
	w.got.answer = func(n int) (int, string) {
		if n < 4 {
			return 200, bad
		}
		return 200, ok
	}
	tab := look(t, w.url)
	tab.Wait(shows("#none", "No calls yet"))
	tab.Wait(shows("#targets", "v1 and v4 of app 1400000001 → "+w.got.URL+"/cb?token=… (all words)"))
	w.post("/sim/v1/calls", `{"caller":"alice","callees":["bob"],"generation":"v1"}`, 201, nil)
	tab.Wait(shows(".row", "alice → bob") + " && " + shows(".row", "◔ ringing"))
	tab.Wait(shows("#call", "#1 alice → bob") + " && " + shows("#history", "starts the call"))
	w.advance("0s")
	tab.Wait(shows(".row", "retrying"))
	tab.Wait(shows("#callbacks", "ErrorCode is 7") + " && " + shows("#callbacks", "✗"))
	tab.Wait(shows("#feed", "attempt 2 follows at once") + " || " + shows("#feed", "attempt 3 follows 1 s later"))
	w.advance("10s")
	w.post("/sim/v1/calls/1/actions", `{"do":"accept","who":"bob"}`, 200, nil)
	w.post("/sim/v1/calls/1/actions", `{"do":"hang_up","who":"alice"}`, 200, nil)
	w.post("/sim/v1/wait", `{}`, 200, nil)
	tab.Wait(shows(".row", "✓ normal_end") + " && " + shows(".row", "acked") + " && !" + shows(".row", "retrying"))
	tab.Wait(shows("#phones", "onCallEnd") + " && " + shows("#history", "the call is over: normal_end"))
	tab.Eval(`[...document.querySelectorAll("#callbacks details")].find((d) => d.textContent.includes("✗")).open = true`)
	tab.Wait(shows("#callbacks .why", "v1 retries after") + " && " + shows("#callbacks .why", "(Tencent doc 60130)"))
	tab.Wait(shows("#callbacks pre", `"Role": "`))
	for id, want := range map[string]string{"calls": "1", "live": "0", "open": "0", "lost": "0"} {
		tab.Wait(fmt.Sprintf(`document.querySelector("#t-%s").textContent === %q`, id, want))
	}
	tab.Wait(`document.querySelector("#t-callbacks").textContent === document.querySelector("#t-acked").textContent`)
	tab.Check()
	if said := tab.Said(); len(said) > 0 {
		t.Errorf("the page said %q", said)
	}
	tab.Reload()
	tab.Wait(isLive + " && " + shows(".row", "✓ normal_end") + " && " + shows("#callbacks", "✗"))
}

// Callbacks whose registration was deleted are neither given up nor failing nor under way, as
// they come and after a reload.
func TestPageShowsWithdrawn(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.got.answer = func(int) (int, string) { return 200, bad }
	tab := look(t, w.url)
	w.place(`{"generation":"v1"}`)
	w.advance("0s")
	tab.Wait(shows(".row", "retrying"))
	if err := w.backend.Do(sim.Unregister{App: appID, Generation: wire.Both}, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		tab.Wait(isLive + " && " + shows(".row", "withdrawn") + " && !" + shows(".row", "given up") + " && !" + shows(".row", "retrying"))
		for id, want := range map[string]string{"open": "0", "lost": "0"} {
			tab.Wait(fmt.Sprintf(`document.querySelector("#t-%s").textContent === %q`, id, want))
		}
		tab.Reload()
	}
}

// Whatever ids, rooms and answers say is shown as it is, and does nothing.
func TestPageShowsMarkupAsText(t *testing.T) {
	t.Parallel()
	const planted = `<img src=x onerror="window.planted=1">`
	const ends = `</script><script>window.planted=2</script>`
	cfg := config()
	cfg.AnyIDs = true
	w := start(t, cfg)
	got := newReceiver(t)
	got.answer = func(n int) (int, string) {
		if n%2 == 0 {
			return 200, ends + planted
		}
		return 200, `{"ErrorCode":7,"ErrorMessage":"` + strings.ReplaceAll(planted, `"`, `\"`) + `"}`
	}
	w.register(got.URL+"/cb", words()...)
	tab := look(t, w.url)
	body := fmt.Sprintf(`{"caller":%q,"callees":[%q],"room":%q,"user_data":%q}`, planted, ends, planted, ends)
	w.post("/sim/v1/calls", body, 201, nil)
	tab.Wait(shows(".row", planted+" → "+ends))
	tab.Wait(shows("#what", planted) + " && " + shows("#h-call", ends))
	tab.Wait(shows("#feed", "<img src=x onerror=") + " && " + shows("#callbacks", "<img src=x onerror="))
	tab.Wait(shows("#phones", "</script>"))
	tab.Eval(`for (const d of document.querySelectorAll("#callbacks details")) d.open = true`)
	tab.Wait(shows("#callbacks pre", planted))
	w.post("/sim/v1/sandboxes", `{"sdkappid":7,"callback":"`+got.URL+`/cb"}`, 201, nil)
	tab.Reload()
	tab.Wait(shows(".row", planted) + ` && document.querySelectorAll("#sandbox option").length === 2`)
	tab.Eval(`location.hash = "sandbox=" + encodeURIComponent("<img src=x onerror=alert(1)>")`)
	tab.Wait(shows("#link", "✗"))
	if got := tab.Eval(`JSON.stringify([typeof window.planted, document.images.length, document.scripts.length])`); got != `["undefined",0,1]` {
		t.Errorf("what was planted did something: %s", got)
	}
	for _, s := range tab.Said() {
		if !strings.Contains(s, "status of 404") { // the sandbox with that name
			t.Errorf("the page said %q", s)
		}
	}
}

// serveAt serves a backend at an address, which a later one may have again.
func serveAt(t *testing.T, at string, cfg control.Config) (w *world, stop func()) {
	t.Helper()
	b, err := control.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: b}
	go func() { _ = server.Serve(l) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	}
	t.Cleanup(stop)
	return &world{t: t, backend: b, url: "http://" + at}, stop
}

// The tab goes on after a restart: with a journal where it was, and without one with what
// there is now.
func TestPageSurvivesRestarts(t *testing.T) {
	t.Parallel()
	browser.Find(t)
	for _, path := range []string{"", filepath.Join(t.TempDir(), "journal.ndjson")} {
		cfg := config()
		cfg.Journal = path
		at := harness.FreeAddresses(t, 1)[0]
		w, stop := serveAt(t, at, cfg)
		tab := look(t, w.url)
		w.place(`{"caller":"alice","callees":["bob"]}`)
		tab.Wait(shows(".row", "alice → bob"))
		stop()
		tab.Wait(`!(` + isLive + `)`)
		w, _ = serveAt(t, at, cfg)
		tab.Wait(isLive)
		w.place(`{"caller":"carol","callees":["dave"]}`)
		tab.Wait(shows(".row", "carol → dave"))
		want := "1"
		if path != "" {
			want = "2"
		}
		tab.Wait(fmt.Sprintf(`document.querySelector("#t-calls").textContent === %q && document.querySelector("#shown").textContent === %q`, want, want))
		if kept := tab.Eval(shows(".row", "alice → bob")); kept != strconv.FormatBool(path != "") {
			t.Errorf("journal %q: alice's call is shown: %s", path, kept)
		}
	}
}

// A server with a token is asked with one; a wrong one is asked for again, but not if it
// is refused late, when another is there; and none goes into an address.
func TestPageAsksForTheToken(t *testing.T) {
	t.Parallel()
	const token = "correct-horse-battery"
	cfg := config()
	cfg.Token = token
	w, _ := serveAt(t, harness.FreeAddresses(t, 1)[0], cfg)
	right, late := make(chan struct{}), make(chan struct{})
	refused := sync.OnceFunc(func() { close(late) }) // it asks every few seconds
	page := harness.Serve(t, http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		switch given := r.Header.Get("Authorization"); {
		case strings.Contains(given, "wrong") && r.URL.Path == "/sim/v1/sandboxes": // is refused once another token is there
			<-right
			defer refused()
		case strings.Contains(given, token) && r.URL.Path == "/sim/v1/snapshot":
			select {
			case <-right:
			default:
				close(right)
			}
			<-late
		}
		w.backend.ServeHTTP(to, r)
	}))
	tab := browser.Find(t).Open(t, page.URL, 1280, 800)
	tab.Wait(`document.querySelector("#ask").open && document.activeElement.id === "token"`)
	if shown := tab.Eval(`document.querySelector("#refused").hidden`); shown != "true" {
		t.Error("it says that a token was wrong before one was given")
	}
	tab.Type("wrong-horse-battery")
	tab.Key("Enter")
	tab.Wait(shows("#refused", "That is not the token") + ` && document.querySelector("#token").value === ""`)
	tab.Type(token)
	tab.Key("Enter")
	tab.Wait(isLive + ` && !document.querySelector("#ask").open`)
	tab.Reload() // the tab keeps it
	tab.Wait(isLive)
	asked := tab.Eval(`JSON.stringify(performance.getEntriesByType("resource").map((e) => e.name).concat(location.href))`)
	if strings.Contains(asked, "horse") || !strings.Contains(asked, "/sim/v1/snapshot") {
		t.Errorf("the addresses are %s", asked)
	}
	if kept := tab.Eval(`localStorage.length + document.cookie.length`); kept != "0" {
		t.Error("something outlives the tab")
	}
}

// holding serves what another handler does, and holds back the answers that a test wants
// late: each is made at once.
type holding struct {
	http.Handler
	mu   sync.Mutex
	next func(*http.Request) bool // nil: none
	made chan func()              // gives the answer that is held back
}

// hold holds back the next answer to a request like this.
func (h *holding) hold(like func(*http.Request) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next = like
}

func (h *holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	held := h.next != nil && h.next(r)
	if held {
		h.next = nil
	}
	h.mu.Unlock()
	if !held {
		h.Handler.ServeHTTP(w, r)
		return
	}
	rec, give := httptest.NewRecorder(), make(chan struct{})
	h.Handler.ServeHTTP(rec, r)
	h.made <- func() { close(give) }
	select {
	case <-give:
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	case <-r.Context().Done():
	}
}

// An answer that comes late undoes nothing that came or was chosen meanwhile.
func TestPageTakesNothingLate(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.got.answer = func(int) (int, string) { return 200, bad }
	var forgotten atomic.Value // the call whose events are no longer kept
	page := &holding{made: make(chan func(), 1), Handler: http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if id := r.URL.Query().Get("call"); id != "" && id == forgotten.Load() && strings.HasSuffix(r.URL.Path, "/events") {
			to.Header().Set("Content-Type", "text/event-stream")
			return
		}
		w.backend.ServeHTTP(to, r)
	})}
	tab := look(t, harness.Serve(t, page).URL)
	// asked is once the page has asked for what is held back; it gives the answer, and
	// returns once the page has had it.
	asked := func() func() {
		t.Helper()
		select {
		case give := <-page.made:
			return func() {
				give()
				tab.Eval(`fetch("/").then((r) => r.text()).then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))`)
			}
		case <-t.Context().Done():
			return nil
		}
	}
	alice := w.place(`{"caller":"alice","callees":["bob"],"generation":"v1"}`)
	w.advance("0s")

	// The rules behind the attempts so far, when there is another one.
	tab.Wait(`document.querySelector("#callbacks .marks")?.textContent === "✗✗↻"`)
	page.hold(func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/deliveries/") })
	tab.Eval(`document.querySelector("#callbacks details").open = true`)
	give := asked()
	w.advance("1s")
	const ruled = `[...document.querySelectorAll("#callbacks .tries")].some((l) => l.children.length === 3 && l.children[2].innerText.includes("v1 retries after"))`
	tab.Wait(ruled)
	give()
	if tab.Eval(ruled) != "true" {
		t.Error("late rules take away those of the last attempt")
	}

	// The callbacks of a call, when another one is chosen.
	w.place(`{"caller":"carol","callees":["dave"],"generation":"v1"}`)
	w.advance("0s")
	tab.Wait(shows("#call", "carol → dave") + ` && document.querySelectorAll("#callbacks li").length > 0`)
	forgotten.Store(alice)
	page.hold(func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/deliveries") && r.URL.Query().Get("call") == alice
	})
	tab.Eval(fmt.Sprintf(rowOf, "alice") + `.click()`)
	give = asked()
	tab.Eval(fmt.Sprintf(rowOf, "carol") + `.click()`)
	const ofCarol = `detail.late === null && document.querySelector("#h-call").innerText.includes("carol") && [...document.querySelectorAll("#callbacks > li")].length`
	tab.Wait(ofCarol)
	before := tab.Eval(ofCarol)
	give()
	if now := tab.Eval(ofCarol); now != before {
		t.Errorf("the call has %s callbacks, and %s once those of another came late", before, now)
	}

	// The call of an answer that was chosen, when another one is.
	forgotten.Store("")
	page.hold(func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/events") && r.URL.Query().Get("call") == alice
	})
	tab.Eval(`[...document.querySelectorAll("#feed button")].find((b) => b.innerText.includes("#1")).click()`)
	give = asked()
	tab.Eval(fmt.Sprintf(rowOf, "carol") + `.click()`)
	tab.Wait(ofCarol)
	give()
	tab.Eval(fmt.Sprintf(rowOf, "alice") + `.click()`)
	tab.Wait(shows("#callbacks", "given up") + " || " + shows("#callbacks", "waiting"))
	tab.Eval(`new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))`)
	if n := tab.Eval(`document.querySelectorAll("#callbacks details[open]").length`); n != "0" {
		t.Errorf("%s callbacks are opened late", n)
	}

	// The sandboxes that there were, when there is another one; boxes asks for them.
	page.hold(func(r *http.Request) bool { return r.URL.Path == "/sim/v1/sandboxes" })
	tab.Eval(`void boxes()`)
	give = asked()
	s := w.sandbox(`{"sdkappid":7}`)
	tab.Eval(`boxes()`)
	const both = `document.querySelectorAll("#sandbox option").length === 2`
	tab.Wait(both)
	give()
	if tab.Eval(both) != "true" {
		t.Error("a late list of the sandboxes lacks the latest one")
	}

	// What was read and not yet taken up, when another sandbox is chosen: the page is drawn
	// meanwhile, here once after a line that took long.
	w.post(s.Path+"/calls", `{"caller":"second","callees":["bob"]}`, 201, nil)
	tab.Eval(`void (() => {
		const set = setTimeout;
		let now = performance.now();
		performance.now = () => now += 100;
		window.setTimeout = (go, ms) => {
			if (ms !== 0 || window.goOn) return set(go, ms);
			delete performance.now;
			window.goOn = go;
		};
	})()`)
	w.place(`{"caller":"first","callees":["bob"]}`)
	tab.Wait(`window.goOn`)
	tab.Eval(`location.hash = "sandbox=7"`)
	tab.Wait(isLive + " && " + shows(".row", "second → bob"))
	tab.Eval(`new Promise((done) => { goOn(); setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 1); })`)
	if tab.Eval(shows(".row", "first → bob")) != "false" {
		t.Error("a call of the sandbox from before comes late")
	}
	if tab.Eval(shows("#feed li", "")) != "false" || tab.Eval(shows("#quiet", "Nothing has been answered yet.")) != "true" {
		t.Error("the answers are those of the sandbox from before")
	}
}

// The page shows one sandbox at a time, keeps the choice over a reload, and says when it has
// ended.
func TestPageOfASandbox(t *testing.T) {
	t.Parallel()
	w := begin(t)
	s := w.sandbox(`{"sdkappid":7}`)
	w.place(`{"caller":"first","callees":["bob"]}`)
	w.post(s.Path+"/calls", `{"caller":"second","callees":["bob"]}`, 201, nil)
	tab := look(t, w.url)
	tab.Wait(shows(".row", "first → bob") + ` && document.querySelectorAll("#sandbox option").length === 2`)
	tab.Eval(`(() => { const s = document.querySelector("#sandbox"); s.value = "7"; s.dispatchEvent(new Event("change")); })()`)
	tab.Wait(isLive + " && " + shows(".row", "second → bob") + " && !" + shows(".row", "first → bob"))
	tab.Reload()
	tab.Wait(isLive + " && " + shows(".row", "second → bob") + ` && document.querySelector("#sandbox").value === "7"`)
	w.ask("DELETE", s.Path, "", 200, nil)
	tab.Wait(shows("#link", "✗ this sandbox has ended"))
}

// The keyboard does all that a mouse does: filter, choose, read, help.
func TestPageByKeyboard(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for i := range 30 {
		w.place(fmt.Sprintf(`{"caller":"caller%d","callees":["callee%d"],"outcome":"call_busy"}`, i, i))
	}
	tab := look(t, w.url)
	tab.Wait(shows(".row", "#30"))
	tab.Key("/")
	tab.Type("caller7 BUSY")
	tab.Wait(`document.querySelector("#shown").textContent === "1 of 30" && ` + shows(".row", "#8"))
	tab.Key("Enter")
	tab.Wait(shows("#h-call", "#8 caller7 → callee7") + ` && document.activeElement.id === "grid"`)
	tab.Key("/")
	tab.Key("Escape")
	tab.Wait(`document.querySelector("#shown").textContent === "30" && document.querySelector("#filter").value === ""`)
	tab.Key("Home")
	tab.Wait(shows("#h-call", "#30 "))
	tab.Key("j")
	tab.Wait(shows("#h-call", "#29 "))
	tab.Key("ArrowDown")
	tab.Wait(shows("#h-call", "#28 ") + ` && document.querySelector("#grid").getAttribute("aria-activedescendant") === "call-28" && ` +
		`document.querySelector("#call-28").getAttribute("aria-selected") === "true"`)
	tab.Key("End")
	tab.Wait(shows("#h-call", "#1 ") + " && " + shows(".row", "#1"))
	tab.Key("Enter")
	tab.Wait(`document.activeElement.id === "h-call"`)
	tab.Key("f")
	tab.Wait(`document.querySelector("#show :checked").value === "live"`)
	tab.Key("?")
	tab.Wait(`document.querySelector("#help").open`)
	tab.Key("Escape")
	tab.Wait(`!document.querySelector("#help").open`)
}

// placeMany places calls at once, without HTTP.
func placeMany(t *testing.T, b *control.Backend, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		s := call.Setup{App: appID, Caller: fmt.Sprintf("a%d", i), Callees: []string{fmt.Sprintf("b%d", i)}, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
		plan, err := sim.Outcome{Result: call.Reject, Ring: time.Second}.Plan(&s)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Do(sim.Place{Setup: s, Plan: plan, Generation: wire.Both}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Of thousands of calls the page has elements for those in the window alone, and lets go of
// the oldest.
func TestPageIsBounded(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.Pace = run.Instant
	w := start(t, cfg)
	placeMany(t, w.backend, 0, 10500)
	tab := look(t, w.url)
	tab.Wait(shows(".row", "#10500"))
	placeMany(t, w.backend, 10500, 500)
	tab.Wait(shows(".row", "#11000"))
	tab.Wait(`+document.querySelector("#shown").textContent <= 10200 && document.querySelector("#t-calls").textContent === "11000"`)
	if n, err := strconv.Atoi(tab.Eval(`document.querySelectorAll("*").length`)); err != nil || n > 1500 {
		t.Errorf("%d elements, %v", n, err)
	}
	tab.Eval(`document.querySelector("#scroller").scrollTop = 1e9`)
	tab.Wait(`(` + fmt.Sprintf(rowOf, "#1001") + ` || {}).innerText !== undefined || ` + shows(".row", "→ b"))
	if n, err := strconv.Atoi(tab.Eval(`document.querySelectorAll(".row").length`)); err != nil || n > 60 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// 500 events a second on top of 10,000 calls: no task of the page takes more than 50 ms of
// CPU, so no frame waits longer.
func TestPageUnderLoad(t *testing.T) {
	if os.Getenv("RINGBACK_SOAK") == "" {
		t.Skip("measures frames: RINGBACK_SOAK=1")
	}
	w := start(t, config())
	w.got = newReceiver(t)
	w.got.answer = func(n int) (int, string) {
		if n%10 == 0 {
			return 500, bad
		}
		return 200, ok
	}
	w.register(w.got.URL, words()...)
	w.post("/sim/v1/clock", `{"pace":"instant"}`, 200, nil)
	placeMany(t, w.backend, 0, 10000)
	w.post("/sim/v1/wait", `{"timeout":"10m"}`, 200, nil)
	w.post("/sim/v1/clock", `{"pace":"real"}`, 200, nil)
	tab := look(t, w.url)
	tab.Wait(shows(".row", "#10000"))
	tab.Eval(`new Promise((done) => setTimeout(done, 2000))`)
	before := tab.Eval(`performance.memory.usedJSHeapSize`)
	seq := func() uint64 {
		var s struct{ Seq uint64 }
		w.get("/sim/v1/status", 200, &s)
		return s.Seq
	}
	from, begun, rate := seq(), time.Now(), 0.0
	tasks := tab.Trace(func() {
		for i := 0; time.Since(begun) < 20*time.Second; i++ {
			placeMany(t, w.backend, 10000+i*3, 3) // some 28 events each
			time.Sleep(100 * time.Millisecond)
		}
		rate = float64(seq()-from) / time.Since(begun).Seconds()
	})
	longest, frames := map[string]float64{}, 0
	for _, task := range tasks {
		longest[task.Name] = max(longest[task.Name], task.CPU)
		if task.Name == "FireAnimationFrame" {
			frames++
		}
	}
	t.Logf("%.0f events/s; %d frames, the longest ms of CPU by kind of task: %v; heap %s -> %s bytes", rate, frames, longest,
		before, tab.Eval(`performance.memory.usedJSHeapSize`))
	if frames == 0 || longest["RunTask"] > 50 {
		t.Errorf("%d frames, a task of %.1f ms", frames, longest["RunTask"])
	}
}
