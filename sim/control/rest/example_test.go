package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/control/rest"
	"ringback/sim/journal"
	"ringback/sim/session"
	"ringback/sim/usersig"
	"ringback/sim/wire"
)

// The REST API of a simulator that the program runs itself.
func Example() {
	dialect := wire.Default()
	s, err := session.Start(session.Config{
		Engine: sim.Config{Run: journal.Run{Seed: 7, Epoch: 1767225600000, Token: "monday"}, Dialect: dialect},
		Paused: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	api := rest.New(rest.Config{
		Session: s, Dialect: dialect, Apps: []rest.App{{ID: 1400000001, Key: key}}, Admins: []string{"administrator"},
		Answered: func(path string, code int) { fmt.Println(path, code) },
	})
	mux := http.NewServeMux()
	api.Handle(mux, func(next http.Handler, _ func(http.ResponseWriter, *http.Request, string)) http.Handler {
		return next // anyone may ask
	})

	sig, err := usersig.Sign(key, usersig.Claims{SDKAppID: 1400000001, Identifier: "administrator", Time: time.Now().Unix(), Expire: 3600})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := func(path, body string) {
		target := "/" + path + "?sdkappid=1400000001&identifier=administrator&usersig=" + sig + "&random=1&contenttype=json"
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, target, strings.NewReader(body)))
	}
	ask("v1/callback/get", `{}`)
	ask("v1/callback/set", `{"address":"http://127.0.0.1:3000/callback","actions":["normal_end"]}`)
	ask("v1/callback/get", `{}`)
	ask("v4/call_config/set_callback", `{"Url":"ftp://127.0.0.1","CallbackCommandList":["Call.CallbackAfterEndCall"]}`)
	s.State(func(st *journal.State) { fmt.Println(len(st.Targets), "registration") })
	// Output:
	// v1/callback/get 999
	// v1/callback/set 0
	// v1/callback/get 0
	// v4/call_config/set_callback 100002
	// 1 registration
}
