package control_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/control"
	"ringback/sim/control/rest"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Whatever is asked of the REST API, it answers in the form and with a code of
// its generation.
func FuzzREST(f *testing.F) {
	for p, body := range goodBodies {
		f.Add("POST", p, "", body, true)
		f.Add("POST", p, "random=-1", "null", true)
		f.Add("GET", p, goodQuery().Encode(), body, false)
	}
	for _, body := range []string{
		v1Sample, `{"startTimestamp":0,"callResult":"offline","callType":"group","numberPerPage":1,"page":2147483647}`, `{"address":"http:x","actions":["\ud800"]}`,
		`{"Url":"http://[::1%25x]/","CallbackCommandList":[[]]}`, strings.Repeat("[", 20_000), `{"a":1e999}`, "{\"callId\":\"\xff\"}",
	} {
		f.Add("POST", "v1/callback/set", "", body, true)
		f.Add("POST", "v1/records/get_records_by_filter", "", body, true)
		f.Add("POST", "v4/call_config/set_callback", "", body, true)
	}
	f.Add("POST", "v4/", "sdkappid=%zz&sdkappid=1;", "{}", false)
	f.Add("HEAD", "v1", "", "", false)

	cfg := config()
	cfg.Paused, cfg.NoRateLimit, cfg.NewSender = true, true, func() run.Sender { return mute{} }
	b, err := control.New(cfg)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = b.Close(context.Background()) })
	b.SetClock(func() time.Time { return time.Unix(sigMadeAt, 0) })

	f.Fuzz(func(t *testing.T, method, p, query, body string, signed bool) {
		target := "/" + p
		if p != "v1" && p != "v4" && !strings.HasPrefix(p, "v1/") && !strings.HasPrefix(p, "v4/") || method == "CONNECT" {
			t.Skip("not the REST API's")
		}
		if path.Clean(target) != strings.TrimSuffix(target, "/") {
			t.Skip("http.ServeMux sends the client elsewhere")
		}
		if signed {
			query += "&" + goodQuery().Encode()
		}
		if err := b.Do(sim.Reset{Registrations: true}, nil); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		b.ServeHTTP(w, &http.Request{
			Method: method, URL: &url.URL{Path: target, RawQuery: query}, Host: "x", Header: http.Header{},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		})
		known := slices.Contains(rest.Paths(), p)
		r := readReply(t, p+"/", w.Code, w.Header(), w.Body.Bytes())
		g := wire.V4
		if strings.HasPrefix(p, "v1") {
			g = wire.V1
		}
		if !slices.ContainsFunc(rest.Codes, func(c rest.Code) bool { return c.Generation == g && c.Code == r.code }) {
			t.Errorf("%d %s: not a code of %s", r.code, r.words, g)
		}
		switch {
		case w.Code == 200 && strings.Contains(r.words, "does not exist; ") == !known && (method == "POST" || r.code != 0):
		case w.Code == 413 && len(body) > 64<<10:
		default:
			t.Errorf("%s %s: status %d, %d %s", method, target, w.Code, r.code, r.words)
		}
	})
}
