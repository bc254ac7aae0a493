package simapi

import "testing"

func TestPreferred(t *testing.T) {
	const sse, lines = "text/event-stream", "application/x-ndjson"
	for accept, want := range map[string]string{
		"":                                sse,
		"*/*":                             sse,
		sse:                               sse,
		lines:                             lines,
		"Application/X-NDJSON":            lines,
		" application/x-ndjson ;q=0.1":    lines,
		"application/x-ndjson;Q=0":        sse,
		"application/x-ndjson; q=0.000":   sse,
		"text/event-stream;q=0":           lines,
		"text/event-stream;q=0, */*":      lines,
		"*/*;q=0":                         "",
		"*/*;q=0, application/*":          lines,
		"*/*, application/x-ndjson;q=0.5": sse,
		"application/x-ndjson;q=0.9, text/event-stream;q=0.8":        lines,
		"application/x-ndjson;q=0.8, text/event-stream;q=0.9":        sse,
		"application/x-ndjson, text/event-stream":                    sse,
		"application/x-ndjson; charset=utf-8":                        lines,
		`application/x-ndjson;x="a,b;q=0\"",text/event-stream;q=0.5`: lines,
		"application/json, text/plain":                               sse,
		"text/html, application/x-ndjson-too, */*;q=0.1":             sse,
		"text/*;q=0.2, application/*;q=0.3":                          lines,
		"application/x-ndjson;q=7":                                   sse,
		"application/x-ndjson;q=":                                    sse,
		",,;q, application/x-ndjson":                                 lines,
		"text/event-stream;q=0,application/x-ndjson;q=0":             "",
	} {
		if got, ok := preferred([]string{accept}, sse, lines); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %t, want %q", accept, got, ok, want)
		}
	}
	if got, _ := preferred([]string{"text/event-stream;q=0.1", lines}, sse, lines); got != lines {
		t.Errorf("two headers: %q", got)
	}
}
