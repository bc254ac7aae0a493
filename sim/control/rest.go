package control

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/usersig"
	"ringback/sim/wire"
)

// command is one command of the documented REST API.
type command struct {
	path      string // kind or service, and command
	page      string // trtc.io/document/...
	rate      int    // calls in a second
	parameter int    // code of a wrong field of the body
	internal  int    // code of a failure that is not the client's
	// read takes the fields of the body and says what is to be done with them,
	// once all of the checks are passed.
	read func(b *Backend, app App, f *fields) action
}

// action does what a request asks for. It returns what its answer carries.
type action func() (data any, no *refusal)

// commands are all there are (60138, 68927). The rates are those of the pages.
// Of the v4 services only the call engine's pages have a code of its own for a
// wrong field; the record pages have none, so they take the configuration's.
var commands = []command{
	{"v1/callback/set", "60134", 10, codeV1Parameter, codeV1Internal, v1Set},
	{"v1/callback/get", "60133", 10, codeV1Parameter, codeV1Internal, v1Get},
	{"v1/callback/update", "60132", 10, codeV1Parameter, codeV1Internal, v1Update},
	{"v1/callback/delete", "60131", 10, codeV1Parameter, codeV1Internal, v1Delete},
	{"v1/records/get_record_by_callId", "60137", 20, codeV1Parameter, codeV1Internal, v1Record},
	{"v1/records/get_records_by_filter", "60136", 200, codeV1Parameter, codeV1Internal, v1Records},

	{"v4/call_config/set_callback", "68938", 200, codeConfigParameter, codeConfigInternal, v4Set},
	{"v4/call_config/get_callback", "68937", 200, codeConfigParameter, codeConfigInternal, v4Get},
	{"v4/call_config/delete_callback", "68939", 200, codeConfigParameter, codeConfigInternal, v4Delete},
	{"v4/call_record_http_srv/get_record_by_callid", "68930", 200, codeConfigParameter, codeCallInternal, v4Record},
	{"v4/call_record_http_srv/get_record_by_filter", "68931", 200, codeConfigParameter, codeCallInternal, v4Records},
	{"v4/call_engine_http_srv/get_call_info", "68932", 200, codeCallParameter, codeCallInternal, v4CallInfo},
	{"v4/call_engine_http_srv/end_call", "74506", 200, codeCallParameter, codeCallInternal, v4EndCall},
	{"v4/call_engine_http_srv/start_call_by_robot", "74505, 71845", 200, codeCallParameter, codeCallInternal, v4StartCall},
}

// restPaths are the paths of all commands.
func restPaths() (paths []string) {
	for i := range commands {
		paths = append(paths, commands[i].path)
	}
	return paths
}

func findCommand(path string) *command {
	i := slices.IndexFunc(commands, func(c command) bool { return c.path == path })
	if i < 0 {
		return nil
	}
	return &commands[i]
}

func (c *command) generation() wire.Generation {
	if strings.HasPrefix(c.path, "v1/") {
		return wire.V1
	}
	return wire.V4
}

func (c *command) codes() *checkCodes { return codesOf[c.generation()] }

// refusal is why a request is refused.
type refusal struct {
	code   int
	words  string // behind the message of the code; in place of it if status is 403
	status int    // of HTTP; 0 means 200
}

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code: code, words: fmt.Sprintf(format, args...)}
}

// restState is what the REST API keeps besides the journal's state.
type restState struct {
	clock     func() time.Time // of rates and UserSigs: wall time
	limits    limits
	planned   plannedErrors
	configure sync.Mutex // held from looking at a registration to changing it
	answers   atomic.Uint64
}

func (s *restState) init() { s.clock = time.Now }

// restRoutes registers the REST API. What is below its prefixes and does not
// exist is refused in its own form, too: clients read nothing else.
func (b *Backend) restRoutes(mux *http.ServeMux) {
	for i := range commands {
		c := &commands[i]
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.serveCommand(w, r, c) })
		mux.Handle("/"+c.path, b.guard(h, b.refuseREST(c.generation(), c.path)))
	}
	for _, g := range [...]wire.Generation{wire.V1, wire.V4} {
		prefix := g.String() + "/"
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.noSuchCommand(w, r, g) })
		for _, path := range [...]string{"/" + g.String(), "/" + prefix} {
			mux.Handle(path, b.guard(h, b.refuseREST(g, prefix)))
		}
	}
}

// noSuchCommand answers for a path of a generation that does not exist.
func (b *Backend) noSuchCommand(w http.ResponseWriter, r *http.Request, g wire.Generation) {
	var names []string
	for i := range commands {
		if commands[i].generation() == g {
			names = append(names, "/"+commands[i].path)
		}
	}
	meant := ""
	path := strings.TrimSuffix(r.URL.Path, "/")
	folder := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, path+"/") })
	if n := text.Nearest(path, names); n != "" && !folder {
		meant = "did you mean " + n + "? "
	}
	hurryBody(w)
	code := codesOf[g].resource
	b.answered(g.String()+"/", code)
	b.writeREST(w, g, nil, refuse(code, "%s does not exist; %sthere are %s", text.Quote(r.URL.Path, maxShown), meant, strings.Join(names, ", ")))
}

// hurryBody lets the body come within bodyTime or not at all. That holds for a
// request that was refused before its body was read, too: the server reads what
// is left of it. It lifts the deadline before the next request.
func hurryBody(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // a recorder in a test has none
}

func (b *Backend) serveCommand(w http.ResponseWriter, r *http.Request, c *command) {
	hurryBody(w)
	data, no := b.obey(w, r, c)
	code := codeOK
	if no != nil {
		code = no.code
	}
	b.answered(c.path, code)
	b.writeREST(w, c.generation(), data, no)
}

// obey makes the checks, in this order for both generations, and does what is
// asked for.
func (b *Backend) obey(w http.ResponseWriter, r *http.Request, c *command) (any, *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, refuse(c.codes().url, "the method is %s, want POST", text.Quote(r.Method, maxShown))
	}
	app, no := b.authenticate(r, c)
	if no != nil {
		return nil, no
	}
	if no := b.rest.planned.take(c); no != nil {
		return nil, no
	}
	if !b.cfg.NoRateLimit && !b.rest.limits.allow(b.rest.clock(), app.ID, c) {
		return nil, refuse(c.codes().rate, "an app may call %s %d times a second", c.path, c.rate)
	}
	f, no := readBodyOf(w, r, c)
	if no != nil {
		return nil, no
	}
	act := c.read(b, app, f)
	switch {
	case f.wrong.account && c.generation() == wire.V4:
		return nil, refuse(codeV4NotText, "%s: %s", f.wrong.name, f.wrong.why)
	case f.wrong.name != "":
		return nil, refuse(c.parameter, "%s: %s", f.wrong.name, f.wrong.why)
	case app.NoPackage:
		return nil, &refusal{code: c.codes().noPackage}
	}
	return act()
}

// authenticate makes the checks on the query, up to who may call the API.
func (b *Backend) authenticate(r *http.Request, c *command) (app App, no *refusal) {
	codes := c.codes()
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return app, refuse(codes.url, "the query: %v", err)
	}
	if app, no = b.appOf(query, codes); no != nil {
		return app, no
	}
	if no := checkPresent(query, codes); no != nil {
		return app, no
	}
	who := query.Get("identifier")
	if err := usersig.Check(app.Key, query.Get("usersig"), app.ID, who, b.rest.clock().Unix()); err != nil {
		var e *usersig.Error
		if errors.As(err, &e) && e.Reason == usersig.Expired {
			return app, refuse(codes.expired, "usersig: %v", err)
		}
		return app, refuse(codes.badSig, "usersig: %v", err)
	}
	if !slices.Contains(b.cfg.Admins, who) {
		return app, refuse(codes.notAdmin, "identifier: is %s, want one of %s", text.Quote(who, maxShown), strings.Join(b.cfg.Admins, ", "))
	}
	if !isUint(query.Get("random"), 32) {
		b.odd("random", "app %d sends a random above %d, the largest of the documents (60138, 68926)", app.ID, uint32(math.MaxUint32))
	}
	return app, nil
}

func (b *Backend) appOf(query url.Values, codes *checkCodes) (App, *refusal) {
	raw := query.Get("sdkappid")
	if raw == "" {
		return App{}, refuse(codes.noApp, "sdkappid: is missing%s", lookalike(query, "sdkappid"))
	}
	id, err := strconv.ParseUint(raw, 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return App{}, refuse(codes.noApp, "sdkappid: is %s, want a number", text.Quote(raw, maxShown))
	}
	app, ok := b.app(uint32(id))
	if err != nil || !ok {
		return App{}, refuse(codes.unknownApp, "sdkappid: there is no app %s", text.Short(raw, 1000))
	}
	return app, nil
}

// checkPresent checks the parameters besides sdkappid. The documents want 32
// bits of random, but there are clients that send 63.
func checkPresent(query url.Values, codes *checkCodes) *refusal {
	for _, name := range [...]string{"identifier", "usersig", "random", "contenttype"} {
		if query.Get(name) == "" {
			return refuse(codes.parameter, "%s: is missing%s", name, lookalike(query, name))
		}
	}
	if random := query.Get("random"); !isUint(random, 64) {
		return refuse(codes.parameter, "random: is %s, want a whole number without a sign", text.Quote(random, maxShown))
	}
	if t := query.Get("contenttype"); t != "json" {
		return refuse(codes.parameter, "contenttype: is %s, want json", text.Quote(t, maxShown))
	}
	return nil
}

func isUint(s string, bits int) bool {
	_, err := strconv.ParseUint(s, 10, bits)
	return err == nil
}

// odd has the journal say, once, that a request is taken which is not as the
// documents have it.
func (b *Backend) odd(about, format string, args ...any) {
	w := journal.Warned{About: about, Text: fmt.Sprintf(format, args...)}
	var news bool
	b.Read(func(s *journal.State) { news = s.News(w) })
	if news {
		_ = b.Do(sim.Warn(w), nil) // one that cannot be written fails the request, if that changes anything
	}
}

// lookalike finds the parameter that was probably meant.
func lookalike(query url.Values, name string) string {
	for k := range query {
		if k != name && strings.EqualFold(k, name) {
			return fmt.Sprintf("; there is %s, but names are case-sensitive", k)
		}
	}
	return ""
}

// mostREST is the size of a body that the REST API takes.
const mostREST = 64 << 10

func readBodyOf(w http.ResponseWriter, r *http.Request, c *command) (*fields, *refusal) {
	codes := c.codes()
	large := &refusal{codes.large, fmt.Sprintf("the body has more than %d bytes", mostREST), http.StatusRequestEntityTooLarge}
	if r.ContentLength > mostREST {
		return nil, large
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostREST))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, large
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{codes.slow, fmt.Sprintf("the body did not come within %s", bodyTime), http.StatusRequestTimeout}
	case err != nil:
		return nil, refuse(codes.body, "the body cannot be read: %v", err)
	}
	f, err := readFields(body)
	if err != nil {
		return nil, refuse(codes.body, "%v", err)
	}
	return f, nil
}

// v1Answer is what v1 answers (60138). Data is null where something is wrong.
type v1Answer struct {
	ErrorCode    int    `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	RequestID    string `json:"requestId"`
	Data         any    `json:"data"`
}

// v4Answer is what v4 answers (68926).
type v4Answer struct {
	ActionStatus string `json:"ActionStatus"`
	ErrorInfo    string `json:"ErrorInfo"`
	ErrorCode    int    `json:"ErrorCode"`
	RequestID    string `json:"RequestId"`
	Response     any    `json:"Response,omitempty"`
}

// writeREST answers with data, or with why not. The status of HTTP is 200
// whatever the answer says (60138, 68926), except for what a gateway before the
// real API would refuse: a body that is too large or does not come, and foreign
// pages.
func (b *Backend) writeREST(w http.ResponseWriter, g wire.Generation, data any, no *refusal) {
	status := http.StatusOK
	if no == nil {
		no = &refusal{code: codeOK}
	}
	if no.status != 0 {
		status = no.status
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	words := findCode(g, no.code).Message
	switch {
	case no.status == http.StatusForbidden: // the code is about something else
		words = text.Short(no.words, 1000)
	case no.words != "":
		words += ": " + text.Short(no.words, 1000)
	}
	if g == wire.V1 {
		writeJSON(w, status, v1Answer{no.code, words, hex.EncodeToString(id), data})
		return
	}
	a := v4Answer{"OK", words, no.code, fmt.Sprintf("Id-%x-O-Seq-%d", id, b.rest.answers.Add(1)), data}
	if no.code != codeOK {
		a.ActionStatus = "FAIL"
	}
	writeJSON(w, status, a)
}
