package simapi

import (
	"fmt"
	"net/http"
	"strconv"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Deliveries is a page of callbacks.
type Deliveries struct {
	Deliveries []DeliveryView `json:"deliveries"`
	Next       string         `json:"next,omitempty" jsonschema:"the cursor of the next page, if there is one"`
}

func (b *backend) listDeliveries(r *http.Request) (page Deliveries, err error) {
	after, limit, err := paging(r)
	if err != nil {
		return page, err
	}
	q := r.URL.Query()
	page.Deliveries = []DeliveryView{}
	id, err := b.ofCall(q.Get("call"))
	if err != nil {
		return page, err
	}
	wants, err := deliveryFilter(id, q.Get("state"), q.Get("word"))
	if err != nil {
		return page, err
	}
	b.Session.State(func(s *journal.State) {
		for _, d := range s.DeliveriesAfter(after, id) {
			if !wants(d) {
				continue
			}
			if len(page.Deliveries) == limit {
				page.Next = fmt.Sprint(after)
				return
			}
			after = d.ID
			page.Deliveries = append(page.Deliveries, viewDelivery(s, d, false))
		}
	})
	return page, nil
}

// deliveryFilter finds the callbacks of a call, in a state, of a word; "" is any.
func deliveryFilter(id, state, word string) (func(*delivery.Delivery) bool, error) {
	var st delivery.State
	if state != "" {
		if err := st.UnmarshalText([]byte(state)); err != nil {
			return nil, wrong("state", "acked", "%v", err)
		}
	}
	var w wire.Word
	if word != "" {
		if err := w.UnmarshalText([]byte(word)); err != nil {
			return nil, wrong("word", "normal_end", "%v", err)
		}
	}
	return func(d *delivery.Delivery) bool {
		return (id == "" || d.CallID == id) && (state == "" || d.State == st) && (word == "" || d.Word == w)
	}, nil
}

func (b *backend) showDelivery(r *http.Request) (v DeliveryView, err error) {
	id, bad := strconv.ParseUint(r.PathValue("id"), 10, 64)
	b.Session.State(func(s *journal.State) {
		d := s.Deliveries[id]
		if bad != nil || d == nil {
			err = NewProblem(http.StatusNotFound, KindNotFound, "delivery %q: not found, or no longer kept", r.PathValue("id"))
			return
		}
		v = viewDelivery(s, d, true)
	})
	return v, err
}
