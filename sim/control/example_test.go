package control_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"ringback/sim/control"
	"ringback/sim/usersig"
)

// A test of an app backend: it registers itself over the REST API, a call is
// played, and time moves on as the test wants.
func Example() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // the app backend under test
		fmt.Println(r.URL.Query().Get("command"))
		io.WriteString(w, `{"ErrorCode":0,"ErrorMessage":"Success"}`)
	})
	receiver := httptest.NewServer(app)
	defer receiver.Close()

	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	backend, err := control.New(control.Config{
		Apps: []control.App{{ID: 1400000001, Key: key}}, Timeout: time.Minute,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Close(context.Background())
	server := httptest.NewServer(backend)
	defer server.Close()
	ask := func(path, body string) {
		resp, err := http.Post(server.URL+path, "application/json", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
	}

	sig, err := usersig.Sign(key, usersig.Claims{SDKAppID: 1400000001, Identifier: "administrator", Time: time.Now().Unix(), Expire: 3600})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask("/v1/callback/set?sdkappid=1400000001&identifier=administrator&usersig="+sig+"&random=1&contenttype=json",
		`{"address":"`+receiver.URL+`","actions":["callee_accept_call","normal_end"]}`)
	ask("/sim/v1/calls", `{"caller":"alice","callees":["bob"],"outcome":"normal_end"}`)
	ask("/sim/v1/clock", `{"advance":"1m"}`)
	// Output:
	// callee_accept_call
	// call_end
}
