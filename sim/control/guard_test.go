package control_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/control"
	"ringback/sim/usersig"
)

// An address that was registered over REST is dialled only if it is loopback
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
		var d control.DeliveryView
		w.get("/sim/v1/deliveries/1", 200, &d)
		if d.Tries[0].Verdict != "guarded" || !strings.Contains(d.Tries[0].Reason, why) {
			t.Errorf("%s: %s: %s, want %s", address, d.Tries[0].Verdict, d.Tries[0].Reason, why)
		}
	}
}

// A redirect is an answer that is no acknowledgement; nobody follows it.
func TestRedirectsAreNotFollowed(t *testing.T) {
	w := begin(t)
	elsewhere := newReceiver(t)
	w.register(w.got.URL+"/cb", "caller_start_call")
	w.got.answer = func(int) (int, string) { return 307, elsewhere.URL }
	w.place(`{"outcome":"call_busy"}`)
	w.advance("1m")
	var page control.Deliveries
	w.get("/sim/v1/deliveries?state=abandoned", 200, &page)
	if n := len(w.got.seen()); n != 7 || len(elsewhere.seen()) != 0 || len(page.Deliveries) != 1 {
		t.Errorf("%d attempts, %d elsewhere, %d abandoned", n, len(elsewhere.seen()), len(page.Deliveries))
	}
}
