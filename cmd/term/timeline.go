package term

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Timeline prints a run for people: a line for each thing that happens in a
// call, a line for each attempt.
type Timeline struct {
	out    io.Writer
	err    error // of the first write that failed
	config *cli.Config
	style  text.Style
	wide   int  // of the user column, in cells
	Phones bool // show what each phone sees
	Tags   bool // many calls at once: number their lines
	unlike int  // acknowledged answers that were not as documented
}

// NewTimeline makes the timeline of a run with a receiver.
func NewTimeline(out io.Writer, style text.Style, s *cli.Config) *Timeline {
	return &Timeline{out: out, config: s, style: style, wide: 6}
}

func (t *Timeline) printf(format string, args ...any) {
	if _, err := text.Fprintf(t.out, format, args...); t.err == nil {
		t.err = err
	}
}

// Header says what is needed to do the same again.
func (t *Timeline) Header(command string) {
	r := t.config.Run
	t.printf("ringback %s  seed %d  epoch %s  run %s  pace %s\n", command, r.Seed,
		r.Epoch.Time().Format(time.RFC3339Nano), r.Token, t.config.Pace)
	t.printf("to %s as app %d\n", t.config.Endpoint.Shown(), t.config.App)
}

// Watch prints what an event says.
func (t *Timeline) Watch(st *journal.State, e *journal.Event) error {
	c := st.Call(e.Call)
	switch d := e.Data.(type) {
	case *journal.Fact:
		t.fact(st, c, e, d)
	case *journal.Warned:
		t.warned(c, e.At, d)
	case *journal.Refused:
		t.line(c, e.At, t.style.Bad.Render("step refused: "+d.Why))
	case *journal.Callback:
		if d.State == delivery.Dropped {
			t.dropped(c, e, d)
		}
	case *journal.Answer:
		t.answer(st, c, e, st.Deliveries[d.Delivery], d)
	default:
		if t.Tags {
			t.aside(st, c, e)
		}
	}
	return t.err
}

// aside prints what happens beside the calls.
func (t *Timeline) aside(st *journal.State, c *journal.Call, e *journal.Event) {
	switch d := e.Data.(type) {
	case *journal.Registered:
		words := "all words"
		if len(d.Words) < len(wire.AllWords()) {
			words = fmt.Sprintf("%d words", len(d.Words))
		}
		t.printf("app %d: %s callbacks go to %s (%s)\n", d.App, d.Generation, st.Target(d.App, d.Generation).Endpoint.Shown(), words)
	case *journal.Unregistered:
		t.printf("app %d: %s callbacks go nowhere: the registration was deleted\n", d.App, d.Generation)
	case *journal.Faults:
		t.printf("faults: %s\n", cmp.Or(strings.Join(d.On, ", "), "none"))
	case *journal.Withdrawn:
		if dl := st.Deliveries[d.Delivery]; c != nil && dl != nil {
			t.attemptLine(c, e.At, t.style.Wait.Render("-"), dl.Word, dl.User, "", "", "", "withdrawn: its address was deleted")
		}
	case *journal.GivenUp:
		if dl := st.Deliveries[d.Delivery]; c != nil && dl != nil {
			t.attemptLine(c, e.At, t.style.Bad.Render("†"), dl.Word, dl.User, "", "", "", "given up by hand")
		}
	case *journal.DialectSet:
		t.printf("dialect: %s\n", choices(d.Set))
	case *journal.Drained:
		t.printf("drained: only callbacks go on\n")
	case *journal.Reset:
		t.printf("reset\n")
	}
}

func (t *Timeline) line(c *journal.Call, at call.Instant, what text.Styled) {
	if t.Tags {
		t.printf("#%-4d ", c.Number)
	}
	t.printf("%9s  %s\n", fmt.Sprintf("+%.3f", at.Sub(c.StartAt).Seconds()), what)
}

func (t *Timeline) fact(st *journal.State, c *journal.Call, e *journal.Event, d *journal.Fact) {
	switch d.Kind {
	case call.Started, call.StartFailed:
		t.begin(c)
	}
	if d.Kind != call.RingingFact || t.Phones { // its callback says it
		t.line(c, e.At, t.style.Bold.Render(d.Sentence(c)))
	}
	if t.Phones {
		t.seen(st, c, e)
	}
}

// seen prints what each phone sees of a fact.
func (t *Timeline) seen(st *journal.State, c *journal.Call, e *journal.Event) {
	for _, ev := range st.ClientEvents(e) {
		payload, err := json.Marshal(ev.Payload)
		if err != nil {
			payload = []byte(err.Error())
		}
		t.line(c, e.At, t.style.Dim.Render(fmt.Sprintf("  > %s  %s %s", text.Pad(ev.To, t.wide), ev.Event, payload)))
	}
}

func (t *Timeline) begin(c *journal.Call) {
	for i := range c.Members {
		t.wide = max(t.wide, text.Cells(c.Members[i].ID))
	}
	var callees []string
	for _, m := range c.Members[1:] {
		callees = append(callees, m.ID)
	}
	if t.Tags {
		t.printf("#%-4d ", c.Number)
	} else {
		t.printf("\n#%d  ", c.Number)
	}
	t.printf("%s  %s calls %s, %s %s  %s\n", t.style.Bold.Render(c.Generation.String()), c.Caller(),
		strings.Join(callees, ", "), c.Kind, c.Media, t.style.Dim.Render("CallId "+c.ID+"  RoomId "+c.Room))
}

func (t *Timeline) warned(c *journal.Call, at call.Instant, d *journal.Warned) {
	if what := t.style.Wait.Render("warning: " + d.Text); c != nil {
		t.line(c, at, what)
	} else {
		t.printf("%s\n", what)
	}
}

func (t *Timeline) dropped(c *journal.Call, e *journal.Event, d *journal.Callback) {
	t.attemptLine(c, e.At, t.style.Wait.Render("-"), d.Word, d.User, "lost", "", "", "never sent: fault drop")
}

func (t *Timeline) answer(st *journal.State, c *journal.Call, e *journal.Event, d *delivery.Delivery, a *journal.Answer) {
	policy := delivery.PolicyOf(d.Generation, st.Dialect) // which may change meanwhile
	mark, what, reason := t.style.Good.Render("✓"), text.Styled("acked"), d.Request.Endpoint.Hide(a.Verdict.Reason())
	switch a.Then {
	case delivery.ThenRetry:
		mark, what = t.style.Wait.Render("✗"), text.Sprintf("%s; again in %s", reason, a.Due.Sub(e.At))
	case delivery.ThenAbandoned:
		mark, what = t.style.Bad.Render("†"), t.style.Bad.Render(reason+"; gave up")
	case delivery.ThenAcked:
		if v := d.Last.Documented(a.Body); !v.Acked() { // the sender goes on, the documents ask for more
			t.unlike++
			what = "acked, " + t.style.Wait.Render("not as documented: "+d.Request.Endpoint.Hide(v.Reason()))
		}
	}
	if d.CopyOf != 0 {
		what += t.style.Dim.Render(" (copy)")
	}
	got := "-"
	if a.Verdict.Status != 0 {
		got = fmt.Sprint(a.Verdict.Status)
	}
	t.attemptLine(c, e.At, mark, d.Word, d.User, fmt.Sprintf("%d/%d", a.Attempt, policy.Attempts()), got, text.Took(a.Took), what)
}

func (t *Timeline) attemptLine(c *journal.Call, at call.Instant, mark text.Styled, w wire.Word, user, try, got, took string, what text.Styled) {
	t.line(c, at, text.Sprintf("  %s %-23s %s  %-4s %3s %7s  %s", mark, w.Label(), text.Pad(user, t.wide), try, got, took, what))
}

// choices are those of a dialect as flags spell them.
func choices(set map[string]string) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		list = append(list, key+"="+set[key])
	}
	return strings.Join(list, " ")
}

// Summary ends the timeline of a run: what became of its callbacks.
func (t *Timeline) Summary(w cli.Env, st *journal.State) {
	totals := st.Totals
	parts := []text.Styled{t.style.Good.Render(fmt.Sprintf("%d acknowledged", totals.Acked))}
	if t.unlike > 0 {
		parts[0] += t.style.Wait.Render(fmt.Sprintf(" (%d not as documented)", t.unlike))
	}
	if totals.Abandoned > 0 {
		parts = append(parts, t.style.Bad.Render(fmt.Sprintf("%d abandoned", totals.Abandoned)))
	}
	if totals.Dropped > 0 {
		parts = append(parts, text.Sprintf("%d lost by a fault", totals.Dropped))
	}
	text.Fprintf(w.Stdout, "\n%s in %s: %s\n", text.Count(totals.Callbacks, "callback"), text.Count(totals.Attempts, "attempt"), text.Join(parts, ", "))
	if totals.Attempts > 0 && totals.Connected == 0 {
		cli.Unreachable(w, t.config)
	}
	if totals.Callbacks == 0 {
		fmt.Fprintln(w.Stderr, "ringback: warning: no callback was sent, so nothing was judged: the receiver subscribes to none that this call makes (--subscribe)")
	}
	if note := policyNote(t.config); note != "" {
		fmt.Fprintln(w.Stdout, t.style.Dim.Render(note))
	}
}

// policyNote says what a person should know about v4 before wondering.
func policyNote(s *cli.Config) string {
	if s.Generation&wire.V4 == 0 || delivery.PolicyOf(wire.V4, s.Dialect).Attempts() > 1 {
		return ""
	}
	return "v4 callbacks get one attempt: their documents name no retry; --dialect v4_retry=v1 retries as v1 does"
}
