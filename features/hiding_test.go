package features

import (
	"context"
	"errors"
	"testing"

	"ringback/fixtures/harness"
)

// In a suite of somebody else it is godog that prints errors: they have no secrets,
// and are what they were.
func TestHidingStep(t *testing.T) {
	at := harness.Endpoint(t, "http://127.0.0.1:3000/cb?token=hush-hush")
	cause := errors.New("the answer hush-hush is wrong")
	for _, o := range []*Options{{Target: at}, {Sign: "hush-hush"}, {}} {
		step, ok := hiding(o, func(_ context.Context, fails string) error {
			if fails == "" {
				return nil
			}
			return cause
		}).(func(context.Context, string) error)
		if !ok {
			t.Fatal("the step has another form")
		}
		if err := step(t.Context(), ""); err != nil {
			t.Error(err)
		}
		want := map[bool]string{true: "the answer … is wrong", false: cause.Error()}[o.Target != nil || o.Sign != ""]
		if err := step(t.Context(), "yes"); !errors.Is(err, cause) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
