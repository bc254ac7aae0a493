package rest

import (
	"net/http"
	"slices"
	"strings"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// API is the REST API. It is safe for concurrent use.
type API struct {
	backend   backend
	limits    limits
	injected  injectedErrors
	envelopes envelopes
}

// New makes the API of a session.
func New(cfg Config) *API {
	cfg.complete()
	return &API{backend: backend{Config: cfg}}
}

// Handle registers the API below /v1 and /v4. What does not exist there is refused
// in its own form, too: clients read nothing else.
func (a *API) Handle(mux *http.ServeMux, guard jsonhttp.Guard) {
	for i := range commands {
		c := &commands[i]
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, c) })
		mux.Handle("/"+c.path, guard(h, a.refuseForeign(c.generation(), c.path)))
	}
	for _, g := range [...]wire.Generation{wire.V1, wire.V4} {
		prefix := g.String() + "/"
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.noSuchCommand(w, r, g) })
		for _, path := range [...]string{"/" + g.String(), "/" + prefix} {
			mux.Handle(path, guard(h, a.refuseForeign(g, prefix)))
		}
	}
}

// PlanErrors replaces the errors that are injected. Of several for a path the
// first comes first.
func (a *API) PlanErrors(list []PlannedError) error { return a.injected.replace(list) }

// PlannedErrors are the errors that are still to come.
func (a *API) PlannedErrors() []PlannedError { return a.injected.left() }

// refuseForeign is the refusal of a request that a guard does not let through. No
// code of the documents is about this: HTTP's status says it, and the words of the
// code are left out.
func (a *API) refuseForeign(g wire.Generation, path string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, why string) {
		jsonhttp.Hurry(w)
		a.answer(w, g, path, nil, &refusal{codesOf[g].url, "refused by this simulator: " + why, http.StatusForbidden})
	}
}

// noSuchCommand answers for a path of a generation that does not exist.
func (a *API) noSuchCommand(w http.ResponseWriter, r *http.Request, g wire.Generation) {
	jsonhttp.Hurry(w)
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
	a.answer(w, g, g.String()+"/", nil,
		refuse(codesOf[g].resource, "%s does not exist; %sthere are %s", text.Quote(r.URL.Path, maxShown), meant, strings.Join(names, ", ")))
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, c *command) {
	jsonhttp.Hurry(w)
	data, no := a.obey(w, r, c)
	a.answer(w, c.generation(), c.path, data, no)
}

// answer answers with data, or with why not.
func (a *API) answer(w http.ResponseWriter, g wire.Generation, path string, data any, no *refusal) {
	if no == nil {
		no = &refusal{code: codeOK}
	}
	a.backend.Answered(path, no.code)
	a.envelopes.write(w, g, data, no)
}

// obey makes the checks, in this order for both generations, and does what is
// asked for.
func (a *API) obey(w http.ResponseWriter, r *http.Request, c *command) (any, *refusal) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, refuse(c.codes().url, "the method is %s, want POST", text.Quote(r.Method, maxShown))
	}
	app, no := a.backend.authenticate(r.URL.RawQuery, c.codes())
	if no != nil {
		return nil, no
	}
	if code, ok := a.injected.take(c.path); ok {
		return nil, refuse(code, "an error that was planned")
	}
	if !a.backend.NoRateLimit && !a.limits.allow(a.backend.Clock(), app.ID, c.path, c.rate) {
		return nil, refuse(c.codes().rate, "an app may call %s %d times a second", c.path, c.rate)
	}
	f, no := readRequest(w, r, c.codes())
	if no != nil {
		return nil, no
	}
	act := c.read(&a.backend, app, f)
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
