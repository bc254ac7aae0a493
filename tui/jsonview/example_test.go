package jsonview_test

import (
	"fmt"

	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/jsonview"
)

// An answer is compared with the one that the documents ask for.
func Example() {
	style := &draw.Style{Glyphs: &draw.ASCII}
	answer := []byte(`{"ErrorCode":"0","code":0}`)
	shape := jsonview.AnswerShape(&delivery.Delivery{Generation: wire.V1})
	for _, line := range jsonview.Draw(style, answer, len(answer), shape, 60, 10) {
		fmt.Println(line)
	}
	// Output:
	// {
	//   "ErrorCode": "0", <- want an integer
	//   "code": 0 <- unknown
	//   "ErrorMessage" <- missing
	// }
}
