package delivery_test

import (
	"strings"
	"testing"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// The documents ask more of a v4 answer than the sender, who looks at its status
// alone.
func TestDocumented(t *testing.T) {
	const whole, v1 = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, `{"ErrorCode":0,"ErrorMessage":""}`
	for _, test := range []struct {
		g      wire.Generation
		status int
		answer string
		want   delivery.Class
	}{
		{wire.V1, 200, v1, delivery.Acked},
		{wire.V1, 200, `{"ErrorCode":1}`, delivery.ErrorCode},
		{wire.V4, 200, whole, delivery.Acked},
		{wire.V4, 200, v1, delivery.MissingKey},
		{wire.V4, 200, `{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":0}`, delivery.NotOK},
		{wire.V4, 503, whole, delivery.Status5xx},
	} {
		policy := delivery.PolicyOf(test.g, wire.Default())
		v := delivery.Judge(policy.Rule, &delivery.Answer{Status: test.status, Connected: true, Body: []byte(test.answer)})
		d := &delivery.Delivery{Generation: test.g}
		if got := d.Documented(&delivery.Try{Verdict: &v, Answer: test.answer}); got.Class != test.want {
			t.Errorf("%s, HTTP %d, %s: %s, want %s", test.g, test.status, test.answer, got.Class, test.want)
		}
	}
}

// An answer is judged whole, though a try keeps only its beginning.
func TestDocumentedLongAnswer(t *testing.T) {
	body := []byte(`{"ActionStatus":"OK","ErrorInfo":"` + strings.Repeat("x", 10<<10) + `","ErrorCode":0}`)
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		d := &delivery.Delivery{Generation: g}
		v := delivery.Judge(delivery.PolicyOf(g, wire.Default()).Rule, &delivery.Answer{Status: 200, Connected: true, Body: body})
		var try delivery.Try
		try.End(0, v, body, 0)
		if got := d.Documented(&try); !got.Acked() || len(try.Answer) >= len(body) {
			t.Errorf("%s: %s, of %d bytes kept", g, got.Reason(), len(try.Answer))
		}
	}
}
