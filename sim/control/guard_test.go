package control_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ringback/sim/control"
	"ringback/sim/control/simapi"
	"ringback/sim/run"
	"ringback/sim/usersig"
)

// An address that was registered over REST is dialed only if it is loopback
// or allowed: set answers 0 for any, and the attempt says why it was not made.
// What a name resolves to, and all spellings of an address, are tested where
// the guard is.
func TestRegisteredAddressesAreGuarded(t *testing.T) {
	sig, err := usersig.Sign(key, usersig.Claims{SDKAppID: appID, Identifier: "administrator", Time: time.Now().Unix(), Expire: 3600})
	if err != nil {
		t.Fatal(err)
	}
	for address, why := range map[string]string{
		"http://10.1.2.3/cb":                    "--allow-net 10.1.2.3/32",
		"http://169.254.169.254/latest/":        "link-local",
		"http://[::ffff:169.254.169.254]/":      "link-local",
		"http://[64:ff9b::a9fe:a9fe]/":          "link-local",
		"http://[fd00:ec2::254]/":               "metadata service of AWS",
		"https://100.100.100.200/":              "metadata service of Alibaba",
		"http://0.0.0.0:9/":                     "names no host",
		"http://[64:ff9b::a01:203]/cb?token=hu": "10.1.2.3 inside",
	} {
		cfg := config()
		cfg.Paused = true
		w := start(t, cfg)
		var set struct{ ErrorCode int }
		w.post("/v1/callback/set?sdkappid=1400000001&identifier=administrator&usersig="+sig+"&random=1&contenttype=json",
			`{"address":"`+address+`","actions":["caller_start_call"]}`, 200, &set)
		if set.ErrorCode != 0 {
			t.Errorf("%s: set answers %d", address, set.ErrorCode)
		}
		w.place(`{"outcome":"call_busy"}`)
		w.post("/sim/v1/wait", `{"count":1,"state":"waiting"}`, 200, nil)
		var d simapi.DeliveryView
		w.get("/sim/v1/deliveries/1", 200, &d)
		if d.Tries[0].Verdict != "guarded" || !strings.Contains(d.Tries[0].Reason, why) {
			t.Errorf("%s: %s: %s, want %s", address, d.Tries[0].Verdict, d.Tries[0].Reason, why)
		}
	}
}

// A redirect is an answer that is no acknowledgement; no one follows it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	w := begin(t)
	elsewhere := newReceiver(t)
	w.register(w.got.URL+"/cb", "caller_start_call")
	w.got.answer = func(int) (int, string) { return 307, elsewhere.URL }
	w.place(`{"outcome":"call_busy"}`)
	w.advance("1m")
	var page simapi.Deliveries
	w.get("/sim/v1/deliveries?state=abandoned", 200, &page)
	if n := len(w.got.seen()); n != 7 || len(elsewhere.seen()) != 0 || len(page.Deliveries) != 1 {
		t.Errorf("%d attempts, %d elsewhere, %d abandoned", n, len(elsewhere.seen()), len(page.Deliveries))
	}
}

// Whose requests are taken, by Host and Origin, on loopback and elsewhere, by
// both APIs alike.
func TestForeignPagesAreRefused(t *testing.T) {
	const page = "https://elsewhere.example"
	for name, test := range map[string]struct {
		allowed      []string
		at           string // the server's address
		host, origin string
		want         string // how it is refused; "" if it is not
	}{
		"this machine":                {at: "127.0.0.1", host: "127.0.0.1:8080"},
		"by name":                     {at: "127.0.0.1", host: "localhost:8080"},
		"in capitals":                 {at: "127.0.0.1", host: "LOCALHOST:8080"},
		"a name that is whole":        {at: "127.0.0.1", host: "localhost."},
		"a whole name and a port":     {at: "127.0.0.1", host: "LocalHost.:8080"},
		"a name below localhost":      {at: "127.0.0.1", host: "App.Localhost.:8080"},
		"version 6":                   {at: "::1", host: "[::1]:8080"},
		"version 6 without a port":    {at: "::1", host: "[::1]"},
		"a rebound name":              {at: "127.0.0.1", host: "rebound.example:8080", want: `Host: "rebound.example:8080" is not this machine; ask for localhost or 127.0.0.1, or let ringback serve --allow-host rebound.example allow it`},
		"one that looks like it":      {at: "127.0.0.1", host: "localhost.rebound.example", want: "is not this machine"},
		"another address":             {at: "127.0.0.1", host: "10.1.2.3:8080", want: "is not this machine"},
		"all addresses":               {at: "127.0.0.1", host: "0.0.0.0:8080", want: "is not this machine"},
		"none":                        {at: "127.0.0.1", host: "", want: `Host: "" is not a name`},
		"another page":                {at: "127.0.0.1", host: "localhost:8080", origin: page, want: "a page of another origin"},
		"a page of its own":           {at: "127.0.0.1", host: "localhost:8080", origin: "http://localhost:8080"},
		"a network":                   {at: "172.17.0.2", host: "ringback:8080"},
		"another page, a network":     {at: "172.17.0.2", host: "ringback:8080", origin: page, want: "a page of another origin"},
		"allowed":                     {allowed: []string{"CallKit"}, at: "127.0.0.1", host: "callkit:8080"},
		"allowed, in capitals":        {allowed: []string{"callkit.example."}, at: "127.0.0.1", host: "CallKit.Example"},
		"allowed, whole":              {allowed: []string{"a", "callkit"}, at: "127.0.0.1", host: "callkit.:8080"},
		"not among those allowed":     {allowed: []string{"a", "callkit"}, at: "127.0.0.1", host: "rebound.example", want: `Host: "rebound.example" is not among the names that are allowed: a, callkit; ringback serve --allow-host rebound.example allows it, too`},
		"allowed in a network":        {allowed: []string{"callkit"}, at: "172.17.0.2", host: "callkit:8080"},
		"not allowed in a network":    {allowed: []string{"callkit"}, at: "172.17.0.2", host: "rebound.example:8080", want: "is not among"},
		"a port of this machine":      {allowed: []string{"callkit"}, at: "172.17.0.2", host: "localhost:32768"},
		"an address in a network":     {allowed: []string{"callkit"}, at: "172.17.0.2", host: "172.17.0.2:8080"},
		"version 6 in a network":      {allowed: []string{"callkit"}, at: "fd00::2", host: "[fd00::2]:8080"},
		"an address that was allowed": {allowed: []string{"10.1.2.3"}, at: "127.0.0.1", host: "10.1.2.3:8080"},
		"another page, allowed":       {allowed: []string{"callkit"}, at: "127.0.0.1", host: "callkit:8080", origin: page, want: "a page of another origin"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config()
			cfg.Paused, cfg.AllowHosts, cfg.NewSender = true, test.allowed, func() run.Sender { return mute{} }
			b, err := control.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close(context.Background())
			for path, foreign := range map[string]string{
				"/sim/v1/wait": `"type":"/sim/v1/problems#foreign"`, "/metrics": `"type":"/sim/v1/problems#foreign"`,
				"/v1/callback/get": `{"errorCode":70001,"errorMessage":"refused by this simulator: `, "/v1/nothing": `{"errorCode":70001,"errorMessage":"refused by this simulator: `,
				"/v4/call_config/get_callback": `"ErrorInfo":"refused by this simulator: `, "/v4": `"ErrorCode":60002,`, "/healthz": "",
			} {
				r := httptest.NewRequest("POST", path, strings.NewReader("{}"))
				r.Host = test.host
				if test.origin != "" {
					r.Header.Set("Origin", test.origin)
				}
				r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(test.at), Port: 8080}))
				w := httptest.NewRecorder()
				b.ServeHTTP(w, r)
				text := strings.ReplaceAll(w.Body.String(), `\"`, `"`)
				refused := w.Code == http.StatusForbidden
				if want := test.want != "" && foreign != ""; refused != want || refused && (!strings.Contains(text, test.want) || !strings.Contains(text, foreign)) {
					t.Errorf("%s: status %d: %s", path, w.Code, text)
				}
			}
		})
	}
}

// Only names are allowed.
func TestAllowHosts(t *testing.T) {
	for _, name := range []string{"", ".", "callkit:8080", "http://callkit", "*.example", "call kit", "[::1]", "a,b"} {
		cfg := config()
		cfg.AllowHosts = []string{"callkit", name}
		if _, err := control.New(cfg); err == nil || !strings.Contains(err.Error(), "want the name of a host, without a port") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
