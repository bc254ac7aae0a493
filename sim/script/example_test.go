package script_test

import (
	"fmt"

	"ringback/sim/script"
)

func Example() {
	s, err := script.ReadYAML([]byte(`
name: bob answers late
script:
- do: call
  who: alice
  whom: [bob, carol]
  media: video
- at: 28s
  do: accept
  who: bob
- {at: 40s, do: hang_up, who: alice}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range s.Operations {
		switch do := o.Do.(type) {
		case script.Place:
			setup := do.Setup()
			fmt.Println("place a", setup.Kind, "call of", setup.Caller)
		case script.Act:
			fmt.Println("let", do.Action.By, do.Action.Do)
		}
	}
	feature, err := script.WriteGherkin("Late answers", s)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("\n%s", feature)
	// Output:
	// place a group call of alice
	// let bob accept
	// let alice hang_up
	//
	// Feature: Late answers
	//
	//   Scenario: bob answers late
	//     When alice calls bob, carol by video
	//     And at 28s bob answers
	//     And at 40s alice hangs up
}

func ExampleParseStep() {
	o, err := script.ParseStep(`at 9s bob's phone reports error -1 "no microphone"`, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	do := o.Do.(script.Act).Action
	fmt.Printf("%s %s %d %q\n", do.By, do.Do, do.Code, do.Text)
	_, err = script.ParseStep("bob picks up", 0)
	fmt.Println(err)
	// Output:
	// bob fail -1 "no microphone"
	// no step reads "bob picks up"; the nearest is [at {at} ]{who} answers[ in call {call}]; try: at 3s bob answers
}
