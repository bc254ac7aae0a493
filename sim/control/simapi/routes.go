package simapi

import "net/http"

// routes are all there are, but for the document.
func (b *backend) routes() []route {
	page := []param{
		{name: "after", in: "query", about: "the cursor of the page before, its next"},
		{name: "limit", in: "query", about: "how many at most, 1 to 1000; 100 if left out"},
	}
	return []route{
		put("POST", "/sim/v1/calls", "Place a call", http.StatusCreated, b.placeCall),
		get("/sim/v1/calls", "List the calls, the latest last", b.listCalls, append(page,
			param{name: "phase", in: "query", about: "only those that are ringing, connected or over", words: "phase"},
			param{name: "user", in: "query", about: "only those that this user is or was part of"})...),
		get("/sim/v1/calls/{id}", "Show a call", b.showCall),
		put("POST", "/sim/v1/calls/{id}/actions", "Act as a phone, or as the server, or send the call's callbacks again", http.StatusOK, b.actOnCall),
		get("/sim/v1/deliveries", "List the callbacks and what became of them, the latest last", b.listDeliveries, append(page,
			param{name: "state", in: "query", about: "only those in this state", words: "state"},
			param{name: "call", in: "query", about: "only those of this call: " + callForms},
			param{name: "word", in: "query", about: "only those of this word or command", words: "word"})...),
		get("/sim/v1/deliveries/{id}", "Show a callback with all its attempts", b.showDelivery),
		put("POST", "/sim/v1/deliveries/{id}/actions", "Retry a callback now, give it up, or send it again", http.StatusOK, b.handleDelivery),
		b.eventRoute(),
		b.snapshotRoute(),
		get("/sim/v1/registrations", "List where callbacks go", b.listRegistrations),
		get("/sim/v1/clock", "Show the simulated time", b.showClock),
		put("POST", "/sim/v1/clock", "Pause, resume, step, advance or pace the simulated time", http.StatusOK, b.setClock),
		get("/sim/v1/faults", "Show the faults that are on", b.showFaults),
		put("PUT", "/sim/v1/faults", "Switch these faults on, all others off", http.StatusOK, b.setFaults),
		put("DELETE", "/sim/v1/faults", "Switch all faults off", http.StatusOK, func(r *http.Request, _ struct{}) (Faults, error) {
			return b.setFaults(r, Faults{})
		}),
		get("/sim/v1/dialect", "Show how the documents are read where they disagree", b.showDialect),
		put("POST", "/sim/v1/dialect", "Read the documents in another way from now on", http.StatusOK, b.setDialect),
		get("/sim/v1/traffic", "Show whether calls come by themselves", b.showTraffic),
		put("PUT", "/sim/v1/traffic", "Let calls come by themselves, or no more", http.StatusOK, b.setTraffic),
		get("/sim/v1/errors", "Show the errors that the REST API will answer", b.showErrors),
		put("PUT", "/sim/v1/errors", "Let the REST API answer these errors, on top of those that requests cause", http.StatusOK, b.setErrors),
		put("DELETE", "/sim/v1/errors", "Let the REST API answer as it should", http.StatusOK, func(r *http.Request, _ struct{}) (Errors, error) {
			return b.setErrors(r, Errors{})
		}),
		put("POST", "/sim/v1/wait", "Wait until something has happened", http.StatusOK, b.wait),
		put("POST", "/sim/v1/reset", "Forget all calls, callbacks, records, faults and planned errors, and let time pass and calls come as at the start", http.StatusOK, b.reset),
		get("/sim/v1/status", "Show the run and its totals", b.status),
		get("/sim/v1/problems", "List the kinds of problems", func(*http.Request) (Kinds, error) { return Kinds{problemTitles}, nil }),
	}
}
