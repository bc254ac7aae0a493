package delivery_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/sim/delivery"
)

func at(t interface{ Fatal(...any) }, url string) *delivery.Endpoint {
	e, err := delivery.ParseEndpoint(url)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Sorted parameters stand in the order of their names, the endpoint's own among
// them with their bytes as they are, and readers of the journal see their values
// masked wherever they stand.
func TestFreezeSorted(t *testing.T) {
	const query = "SdkAppid=1&CallbackCommand=c&contenttype=json&ClientIP=i&OptPlatform=p"
	for _, test := range []struct{ url, target, own, shown string }{
		{
			"http://app.example/cb", "/cb?CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
			"CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json", "",
		},
		{
			"http://app.example?token=5f2cgh77&Key=%C3%B6&&", "/?CallbackCommand=c&ClientIP=i&Key=%C3%B6&OptPlatform=p&SdkAppid=1&contenttype=json&token=5f2cgh77",
			"CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
			"/?CallbackCommand=c&ClientIP=i&Key=…&OptPlatform=p&SdkAppid=1&contenttype=json&token=…",
		},
		{ // the same name, and the same bytes
			"http://app.example/cb?contenttype=json&ClientIP=z&a", "/cb?CallbackCommand=c&ClientIP=z&ClientIP=i&OptPlatform=p&SdkAppid=1&a&contenttype=json&contenttype=json",
			"CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
			"/cb?CallbackCommand=c&ClientIP=…&ClientIP=i&OptPlatform=p&SdkAppid=1&…&contenttype=…&contenttype=json",
		},
		{ // all of them in front
			"http://app.example/cb?0=1", "/cb?0=1&CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
			"CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
			"/cb?0=…&CallbackCommand=c&ClientIP=i&OptPlatform=p&SdkAppid=1&contenttype=json",
		},
	} {
		e := at(t, test.url)
		r := delivery.FreezeSorted(e, delivery.ContentType, []byte(query), []byte("{}"))
		own, ok := e.Parameters(r.Target())
		if test.shown == "" {
			test.shown = test.target
		}
		got := []string{string(r.Target()), string(own), e.HideTarget(string(r.Target()))}
		if diff := cmp.Diff([]string{test.target, test.own, test.shown}, got); diff != "" || !ok {
			t.Errorf("%s (-want +got):\n%s", test.url, diff)
		}
		if bare := delivery.FreezeSorted(e, delivery.ContentType, nil, nil); string(bare.Target()) != e.Relative() {
			t.Errorf("%s without a callback's parameters: %s, want %s", test.url, bare.Target(), e.Relative())
		}
		if again := delivery.Restore(e, r.Target(), r.Body()); !bytes.Equal(again.Bytes(), r.Bytes()) {
			t.Errorf("%s: restored as %s", test.url, again.Bytes())
		}
	}
}

// A request to another address is none to this one.
func TestParametersOfAnother(t *testing.T) {
	e := at(t, "http://app.example/cb?token=1&x=2")
	for _, target := range []string{"/cb?a=1", "/cb?a=1&token=1", "/cb?a=1&token=1&x=3", "/c?a=1&token=1&x=2", "/cb", "/cb/?a=1&token=1&x=2", ""} {
		if q, ok := e.Parameters([]byte(target)); ok {
			t.Errorf("%q is taken for one with the parameters %q", target, q)
		}
	}
}

// In either order the callback's own parameters are found again, all of them and no
// others, in their order; and no value of the address's own is shown.
func TestParametersAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pairs := func(label, values string) string {
			return strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-cA-C]{1,2}=`+values), 1, 5).Draw(t, label), "&")
		}
		own, query := pairs("own", "[0-9]{12}"), pairs("query", "[a-z]{0,2}")
		e := at(t, "http://app.example/cb?"+own)
		sorted := delivery.FreezeSorted(e, delivery.ContentType, []byte(query), nil)
		for _, r := range []*delivery.Request{delivery.Freeze(e, []byte(query), nil), sorted} {
			got, ok := e.Parameters(r.Target())
			have, want := strings.Split(string(got), "&"), strings.Split(query, "&")
			slices.Sort(have)
			slices.Sort(want)
			if !ok || !slices.Equal(have, want) {
				t.Fatalf("%s: got %s, want %s", r.Target(), got, query)
			}
			shown := e.HideTarget(string(r.Target()))
			if strings.ContainsAny(shown, "0123456789") {
				t.Fatalf("%s is shown as %s", r.Target(), shown)
			}
			if a, b := strings.Count(shown, "&"), strings.Count(string(r.Target()), "&"); a != b {
				t.Fatalf("%s is shown as %s", r.Target(), shown)
			}
		}
		own2, _ := e.Parameters(sorted.Target())
		if again := delivery.FreezeSorted(e, delivery.ContentType, own2, nil); !bytes.Equal(again.Bytes(), sorted.Bytes()) {
			t.Fatalf("%s, written again as %s", sorted.Target(), again.Target())
		}
	})
}
