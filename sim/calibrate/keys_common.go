package calibrate

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

var (
	callIDUUID      = choose("call_id", "uuid")
	callIDReadable  = choose("call_id", "readable")
	queryDocumented = choose("query_order", "documented")
	querySorted     = choose("query_order", "sorted")

	isUUID     = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	isReadable = regexp.MustCompile(`^rb-.+-[0-9]{4,}$`)
)

// common is what a callback of either generation shows.
func (k *keys) common(e *recording.Exchange, at Place) {
	switch {
	case e.Call == "":
	case isUUID.MatchString(e.Call):
		k.saw(callIDUUID, at)
	case isReadable.MatchString(e.Call):
		k.saw(callIDReadable, at)
	default:
		k.odd(callIDUUID.key, "a CallId like "+text.Quote(shape(e.Call), 40), at)
	}
	k.query(e, at)
}

// shape is an id of which only the kinds of characters are left.
func shape(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '9'
		case unicode.IsLetter(r):
			return 'x'
		}
		return r
	}, id)
}

// documented are the parameters in the order of the pages (60130, 68940).
var documented = map[wire.Generation][]string{
	wire.V1: {"sdkappid", "command", "contenttype", "clientip", "optplatform"},
	wire.V4: {"SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform"},
}

func (k *keys) query(e *recording.Exchange, at Place) {
	names := parameters(e.Query())
	var known []int // which of the documented ones, in the order of the query
	for _, n := range names {
		if i := slices.Index(documented[e.Generation], string(n)); i >= 0 {
			known = append(known, i)
		}
	}
	switch {
	case len(known) != len(documented[e.Generation]): // another spelling, say
	case slices.IsSorted(known):
		k.saw(queryDocumented, at)
	case slices.IsSortedFunc(names, bytes.Compare):
		k.saw(querySorted, at)
	default:
		k.odd(queryDocumented.key, "parameters in an order of their own", at)
	}
}
