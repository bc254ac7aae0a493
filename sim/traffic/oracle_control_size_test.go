package traffic_test

import (
	"strings"
	"testing"
)

// TestTooFew: no check takes a sample it cannot judge for a good one.
func TestTooFew(t *testing.T) {
	talk, v, end := consumerTalk(), rings(), epochMS+hourMS
	calls := generator{seed: 1, users: 100, days: 1, perDay: 4}.run()
	times, sample := starts(calls), naturals(calls)
	for name, err := range map[string]error{
		"C1":  checkC1(times, epochMS, end, flatCumulative),
		"C2":  checkC2(times, epochMS, end),
		"C2b": checkC2b(times, epochMS, end, 2),
		"C3":  checkC3(sample, talk.cdf),
		"C4":  checkC4(calls, v),
		"C4b": checkC4b(calls, v),
		"C5":  checkC5(calls, 10, 7, 1),
		"C5b": checkC5b(calls, nil),
		"C6":  checkC6(calls, epochMS, end),
		"C7a": checkC7a(nil, nil, epochMS, end),
		"C7b": checkC7b(calls, epochMS, end, talk, consumerHazard),
		"C8":  checkC8([]int{9}, []float64{9}),
		"C9":  checkC9(calls, talk, consumerHazard),
		"C10": checkC10(outgoing(calls, 100), 1.2),
		"C11": checkC11(calls, 20, 1),
		"C12": checkC12(calls, habits()),
		"C13": checkC13(meetings(.8, 10, false), meetingSizes(), .8),
		"C14": checkC14(sample[:10]),

		"C3 whole seconds":  checkC3Whole([]int64{1, 2}, talk.cdf, random(1)),
		"C11 by rank":       checkC11Ranks([]int{1, 2, 1}, 20, 1),
		"C12 mean":          checkC12Mean(calls, habits(), .1),
		"C12 pauses":        checkC12Gaps(calls, habits(), callBusy, talk),
		"C13 Little":        checkC13Little(stays(1)[:9], epochMS, end, 1, 1, 1),
		"C10 without users": checkC10(nil, 1.2),
	} {
		if err == nil || !strings.Contains(err.Error(), "too few") {
			t.Errorf("%s takes too small a sample: %v", name, err)
		}
	}
}
