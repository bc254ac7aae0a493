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
		{wire.V1, 200, v1, delivery.Acknowledges},
		{wire.V1, 200, `{"ErrorCode":1}`, delivery.ErrorCode},
		{wire.V4, 200, whole, delivery.Acknowledges},
		{wire.V4, 200, v1, delivery.MissingKey},
		{wire.V4, 200, `{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":0}`, delivery.NotOK},
		{wire.V4, 200, `{"ActionStatus":"FAIL","ErrorCode":0}`, delivery.NotOK},
		{wire.V4, 200, `{"ActionStatus":"OK","ErrorCode":"0"}`, delivery.StringCode},
		{wire.V4, 200, `{"ActionStatus":"OK","ErrorCode":0}`, delivery.MissingKey},
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

// An answer without an ErrorInfo acknowledges, unless the sender wants it; no other
// that is not as documented does.
func TestAcknowledged(t *testing.T) {
	for _, test := range []struct {
		g       wire.Generation
		dialect string
		answer  string
		want    bool
	}{
		{wire.V1, "v4_ack=http200", `{"ErrorCode":0}`, true},
		{wire.V1, "v4_ack=http200", `{"ErrorCode":1}`, false},
		{wire.V4, "v4_ack=http200", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, true},
		{wire.V4, "v4_ack=http200", `{"ActionStatus":"OK","ErrorCode":0}`, true},
		{wire.V4, "v4_ack=http200", `{"ActionStatus":"OK","ErrorInfo":7,"ErrorCode":0}`, true},
		{wire.V4, "v4_ack=http200", `{"ActionStatus":"OK","ErrorCode":1}`, false},
		{wire.V4, "v4_ack=http200", `{"ErrorInfo":"","ErrorCode":0}`, false},
		{wire.V4, "v4_ack=http200", `{"ErrorCode":0}`, false},
		{wire.V4, "v4_ack=strict", `{"ActionStatus":"OK","ErrorCode":0}`, false},
		{wire.V4, "v4_ack=strict", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, true},
	} {
		dialect := wire.Default()
		if err := dialect.Set(test.dialect); err != nil {
			t.Fatal(err)
		}
		v := delivery.Judge(delivery.PolicyOf(test.g, dialect).Rule, &delivery.Answer{Status: 200, Connected: true, Body: []byte(test.answer)})
		d := &delivery.Delivery{Generation: test.g}
		if got := d.Acknowledged(&delivery.Try{Verdict: &v, Answer: test.answer}); got != test.want {
			t.Errorf("%s, %s, %s: got %v, want %v", test.g, test.dialect, test.answer, got, test.want)
		}
		if d.Acknowledged(&delivery.Try{}) {
			t.Errorf("%s: an attempt without an answer acknowledges", test.g)
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
