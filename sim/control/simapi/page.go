package simapi

import (
	"net/http"
	"strconv"
)

// paging reads where a page begins and how long it is.
func paging(r *http.Request) (after uint64, limit int, err error) {
	q := r.URL.Query()
	if s := q.Get("after"); s != "" {
		if after, err = strconv.ParseUint(s, 10, 64); err != nil {
			return 0, 0, wrong("after", "", "%q is not a cursor of a page", s)
		}
	}
	limit = 100
	if s := q.Get("limit"); s != "" {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > 1000 {
			return 0, 0, wrong("limit", "100", "%q: want 1 to 1000", s)
		}
	}
	return after, limit, nil
}
