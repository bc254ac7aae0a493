package simapi

import (
	"mime"
	"strconv"
	"strings"
)

// preferred is which of the media types that are offered, in lower case, the
// values of an Accept header like best, the first one if they like several as
// much; ok is false if they exclude all (RFC 9110, 12.5.1). A type that is not
// named at all comes after those that are: it is better than no answer.
func preferred(accept []string, offers ...string) (best string, ok bool) {
	const unnamed = 0.0001 // below 0.001, the least that a header can say
	most := 0.0
	for _, offer := range offers {
		q, named := qualityOf(accept, offer)
		if !named {
			q = unnamed
		}
		if q > most {
			best, most = offer, q
		}
	}
	return best, most > 0
}

// qualityOf is the weight that the most specific range for a media type has. What
// is malformed counts as if it were not there.
func qualityOf(accept []string, offer string) (q float64, named bool) {
	class, _, _ := strings.Cut(offer, "/")
	closest := 0
	for _, element := range splitAccept(strings.Join(accept, ",")) {
		kind, params, err := mime.ParseMediaType(element)
		specific := map[string]int{"*/*": 1, class + "/*": 2, offer: 3}[kind]
		weight, good := readWeight(params["q"])
		if err == nil && good && specific > closest {
			q, closest = weight, specific
		}
	}
	return q, closest > 0
}

func readWeight(s string) (q float64, ok bool) {
	if s == "" {
		return 1, true
	}
	q, err := strconv.ParseFloat(s, 64)
	return q, err == nil && q >= 0 && q <= 1
}

// splitAccept splits a list at its commas, but for those in quotes.
func splitAccept(list string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(list, func(r rune) bool {
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}
