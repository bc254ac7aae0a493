package scenario_test

import (
	"fmt"
	"testing"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/wire"
)

func ExampleBinding() {
	story, err := script.ReadGherkin([]byte(`
Feature: Two calls
  Scenario: one after the other
    When alice calls bob as call first
    And at 3s bob answers in call first
    And at 9s alice hangs up in call first
    And at 10s alice calls bob as call second
`))
	if err != nil {
		panic(err)
	}
	engine := sim.New(sim.Config{Run: journal.Run{Token: "monday"}, Keep: journal.Keep})
	binding := scenario.Binding{
		App: 1400000001, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}, Generation: wire.V1,
		User: func(name string) string { return map[string]string{"alice": "10001", "bob": "10002"}[name] },
	}
	for _, o := range story[0].Operations {
		fx, err := engine.Step(call.Instant(o.At/1e6), binding.Input(o.Do))
		if err != nil {
			panic(err)
		}
		binding.Note(o.Do, sim.Placed(fx))
	}
	for _, c := range engine.State().CallsAfter(0) {
		fmt.Println(c.ID, c.Caller(), c.Phase, c.Result)
	}
	// Output:
	// 23418f65-bb93-48b7-b908-750a6bf29a55 10001 over normal_end
	// a3bc0cae-9cee-40a2-acfd-15ec4deec721 10001 ringing
}

// What names no call is about the call without a name, or else the last one.
func TestBindingNames(t *testing.T) {
	var c scenario.Binding
	if id, ok := c.Call(""); ok {
		t.Errorf("nothing is placed, and there is %q", id)
	}
	c.Name("first", "a")
	c.Name("second", "b")
	for name, want := range map[string]string{"first": "a", "second": "b", "": "b"} {
		if id, ok := c.Call(name); !ok || id != want {
			t.Errorf("call %q: %q, want %q", name, id, want)
		}
	}
	c.Name("", "c")
	c.Name("third", "d")
	if id, _ := c.Call(""); id != "c" || c.Last() != "d" {
		t.Errorf("without a name %q, last %q", id, c.Last())
	}
	if _, ok := c.Call("fourth"); ok {
		t.Error("fourth is there")
	}
	in, ok := c.Input(script.Act{Action: call.Action{Do: call.DoEndByServer}}).(sim.Act)
	if !ok || in.Call != "c" || in.Action.By != "" {
		t.Errorf("%+v", in)
	}
	if _, ok := c.Input(script.Wait{}).(sim.Tick); !ok {
		t.Error("waiting is more than a tick")
	}
}
