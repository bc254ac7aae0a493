package post_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/post"
)

func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"ErrorCode":0,"ErrorMessage":"Success"}`)
	}))
	defer receiver.Close()

	endpoint, err := delivery.ParseEndpoint(receiver.URL + "/callback?token=x")
	if err != nil {
		fmt.Println(err)
		return
	}
	request := delivery.Freeze(endpoint, []byte("command=call_end"), []byte(`{"CallId":"c1"}`))

	sender := post.New(&post.Options{Timeout: time.Minute})
	defer sender.Close()
	var answer delivery.Answer
	sender.Send(request, delivery.Transport{}, &answer)
	fmt.Println(delivery.Judge(delivery.V1, &answer).Reason())

	// The same with a fault.
	sender.Send(request, delivery.Transport{HangUp: true}, &answer)
	fmt.Println(delivery.Judge(delivery.V1, &answer).Reason())

	// Output:
	// HTTP 200 and ErrorCode 0
	// the receiver closed the connection without an answer: by a fault
}
