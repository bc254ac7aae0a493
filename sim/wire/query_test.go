package wire_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// query writes the query of the first callback of a call from a device.
func query(t testing.TB, g wire.Generation, app uint32, device *call.Device) string {
	t.Helper()
	f, err := call.Start(&call.Setup{ID: callID, App: app, Caller: "alice", Callees: []string{"bob"}, Device: device}, false)
	if err != nil {
		t.Fatal(err)
	}
	var c call.Call
	c.Apply(epoch, f)
	d := wire.Default()
	cbs := d.Project(nil, g, &c, &f)
	return string(wire.NewEncoder(d).AppendQuery(nil, &c, &cbs[0]))
}

func TestQuery(t *testing.T) {
	for _, test := range []struct {
		device call.Device
		v1, v4 string // clientip and optplatform
	}{
		{call.Device{Platform: "iOS", IP: "127.0.0.1"}, "clientip=127.0.0.1&optplatform=iOS", "ClientIP=127.0.0.1&OptPlatform=iOS"},
		{call.Device{Platform: "Android", IP: "203.0.113.9"}, "clientip=203.0.113.9&optplatform=Android", "ClientIP=203.0.113.9&OptPlatform=Android"},
		{call.Device{Platform: "Web", IP: "::1"}, "clientip=%3A%3A1&optplatform=Web", "ClientIP=%3A%3A1&OptPlatform=Web"},
		{call.Device{Platform: "miniProgram", IP: "127.0.0.1"}, "clientip=127.0.0.1&optplatform=miniProgram", "ClientIP=127.0.0.1&OptPlatform=Unknown"},
		{call.Device{Platform: "Windows Phone/8&x=1", IP: ""}, "clientip=&optplatform=Windows%20Phone%2F8%26x%3D1", "ClientIP=&OptPlatform=Windows%20Phone%2F8%26x%3D1"},
		{call.Device{Platform: "鸿蒙", IP: "fe80::1%eth0"}, "clientip=fe80%3A%3A1%25eth0&optplatform=%E9%B8%BF%E8%92%99", "ClientIP=fe80%3A%3A1%25eth0&OptPlatform=%E9%B8%BF%E8%92%99"},
		{call.Device{Platform: "a-b_c.d~e", IP: "+"}, "clientip=%2B&optplatform=a-b_c.d~e", "ClientIP=%2B&OptPlatform=a-b_c.d~e"},
	} {
		want := []string{
			"sdkappid=1400000001&command=caller_start_call&contenttype=json&" + test.v1,
			"SdkAppid=1400000001&CallbackCommand=Call.CallbackAfterStartCall&contenttype=json&" + test.v4,
		}
		got := []string{query(t, wire.V1, 1400000001, &test.device), query(t, wire.V4, 1400000001, &test.device)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.device, diff)
		}
	}
	if q := query(t, wire.V1, 4294967295, iPhone); !strings.HasPrefix(q, "sdkappid=4294967295&") {
		t.Errorf("the largest app id: %s", q)
	}
}

// Any device arrives as it is, whatever its platform and address look like, and
// the query has nothing in it that a request line could not carry.
func TestQueryReadsBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom(wild))
		d := call.Device{Platform: text.Draw(rt, "platform"), IP: text.Draw(rt, "ip")}
		platform := d.Platform
		if platform == "miniProgram" {
			platform = "Unknown"
		}
		for g, want := range map[wire.Generation]url.Values{
			wire.V1: {
				"sdkappid": {"1"}, "command": {"caller_start_call"}, "contenttype": {"json"}, "clientip": {d.IP}, "optplatform": {d.Platform},
			},
			wire.V4: {
				"SdkAppid": {"1"}, "CallbackCommand": {startCall}, "contenttype": {"json"}, "ClientIP": {d.IP}, "OptPlatform": {platform},
			},
		} {
			q := query(t, g, 1, &d)
			got, err := url.ParseQuery(q)
			if err != nil {
				rt.Fatalf("%s: %v", q, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s (-want +got):\n%s", q, diff)
			}
			for _, c := range []byte(q) {
				if c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>#+;`, c) >= 0 {
					rt.Fatalf("%s has a raw %q", q, c)
				}
			}
		}
	})
}

// Whose device a callback tells: v1 event words that of the phone which
// uploads them, all others that of the one who acted last.
func TestQueryDevice(t *testing.T) {
	for _, test := range []struct{ scene, word, platform string }{
		{"Bob rejects", "caller_start_call", "iOS"},
		{"Bob rejects", "callee_receive_call", "Android"},
		{"Bob rejects", "callee_reject_call", "Android"},
		{"Bob rejects", "caller_call_rejected", "iOS"},
		{"Bob rejects", "reject", "Android"},
		{"Bob rejects", startCall, "iOS"},
		{"Bob rejects", memberChanged, "Android"},
		{"Bob rejects", endCall, "Android"},
		{"Alice cancels", "callee_call_canceled", "Android"},
		{"Alice cancels", "cancel", "iOS"},
		{"Alice cancels", endCall, "iOS"},
		{"the callee's battery is pulled while it rings", "callee_call_interrupted", "Android"},
		{"the callee's battery is pulled while it rings", "caller_call_interrupted", "iOS"},
	} {
		cb := find(t, test.scene, test.word, wire.Default())
		if !strings.HasSuffix(strings.ToLower(cb.query), "optplatform="+strings.ToLower(test.platform)) {
			t.Errorf("%s, %s: %s, want %s", test.scene, test.word, cb.query, test.platform)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, d := range []*wire.Dialect{wire.Default(), dialect(t, "status_command=word")} {
		enc := wire.NewEncoder(d)
		for _, w := range wire.AllWords() {
			want := w.String()
			if w.Status() && d.StatusCommand == "call_end" {
				want = "call_end"
			}
			if got := enc.Command(&wire.Callback{Generation: w.Generation(), Word: w}); got != want {
				t.Errorf("status_command=%s: the command of %s is %s", d.StatusCommand, w, got)
			}
		}
	}
}
