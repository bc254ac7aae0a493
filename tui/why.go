package tui

import (
	"fmt"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// why says what CallKit makes of a delivery, what it does next, and by which
// rule.
func why(st *journal.State, d *delivery.Delivery) string {
	policy := delivery.PolicyOf(d.Generation, st.Dialect)
	reason := d.Request.Endpoint.Hide(d.Last.Reason())
	switch d.State {
	case delivery.Done:
		if n := len(d.Tries); n > 0 && d.Tries[n-1].Verdict != nil {
			if v := d.Documented(&d.Tries[n-1]); d.Last.Acked() && !v.Acked() { // the sender goes on, the documents ask for more
				return "acknowledged, not as documented: " + d.Request.Endpoint.Hide(v.Reason()) + "; v4's sender looks at HTTP 200 alone " + source(d)
			}
		}
		return "acknowledged: " + reason + " " + source(d)
	case delivery.Flying:
		return "acknowledged if " + wanted(policy.Rule) + " comes within the timeout " + source(d)
	case delivery.Waiting:
		if d.Attempts == 0 {
			return "a fault postponed its first attempt: " + faultsOf(d)
		}
		return reason + "; " + schedule(policy, d) + " " + source(d)
	case delivery.Abandoned:
		return abandoned(policy, d, reason)
	case delivery.Dropped:
		if !d.Lost() {
			return "too many callbacks waited before it, so it is never sent (load --backlog)"
		}
		return "a fault lost it, so it is never sent: " + faultsOf(d)
	case delivery.Withdrawn:
		return "its address was deleted, and its retries with it; dialect delete_pending=keep goes on"
	}
	switch d.Hold {
	case delivery.UntilNext:
		return "a fault holds it back until the next callback of its call: " + faultsOf(d)
	case delivery.UntilEnd:
		return "a fault holds it back until the last callback of its call: " + faultsOf(d)
	}
	return "goes out when the callback before it has had an answer (--order serial)"
}

// source is the document with the rule.
func source(d *delivery.Delivery) string {
	if d.Generation == wire.V4 {
		return "(Tencent doc 34354)"
	}
	return "(Tencent doc 60130)"
}

func wanted(r delivery.Rule) string {
	switch r {
	case delivery.V1:
		return "HTTP 200 with the integer ErrorCode 0"
	case delivery.V4:
		return "any HTTP 200"
	}
	return "HTTP 200 with ActionStatus OK and ErrorCode 0"
}

// schedule are the waits before each retry, the one that is on in brackets.
func schedule(p delivery.Policy, d *delivery.Delivery) string {
	var waits []string
	for i, w := range p.Waits {
		s := fmt.Sprintf("%g", w.Seconds())
		if i == d.Attempts-1 {
			s = "[" + s + "]"
		}
		waits = append(waits, s)
	}
	return fmt.Sprintf("%s retries after %s s", d.Generation, strings.Join(waits, " "))
}

func abandoned(p delivery.Policy, d *delivery.Delivery, reason string) string {
	switch {
	case d.Attempts == 0:
		return "given up by hand before it was sent"
	case d.Attempts < p.Attempts() || d.Last.Acked():
		return "given up by hand after " + plural(d.Attempts, "attempt")
	case d.Attempts == 1 && d.Generation == wire.V4:
		return reason + "; v4 documents no retry (Tencent doc 34354), dialect v4_retry=v1 retries"
	}
	return fmt.Sprintf("%s; that was the last of %s %s", reason, plural(p.Attempts(), "attempt"), source(d))
}

func faultsOf(d *delivery.Delivery) string {
	if d.Harm == nil {
		return "unknown"
	}
	return strings.Join(d.Harm.Faults, ", ")
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
