package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/golden"
	"ringback/fixtures/harness"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// A group call of nine with every action, played from a script over HTTP: the
// callbacks of both generations, the members right after each change, and what
// each phone saw.
func TestCallOfNine(t *testing.T) {
	s := harness.Serve(t, harness.Answer(200, `{"ErrorCode":0}`))
	for _, g := range []string{"v1", "v4"} {
		var out, errs bytes.Buffer
		code := Main([]string{
			"call", "--target", s.URL, "--script", "testdata/nine.yaml", "--json", "--phones", "--generation", g,
			"--seed", "1", "--run", "test", "--epoch", "2026-01-01T00:00:00Z",
		}, cli.Env{Stdout: &out, Stderr: &errs, Lookup: patiently})
		if code != cli.ExitOK {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		golden.Compare(t, "nine/"+g+".txt", callbacksOf(t, out.String()))
		golden.Compare(t, "nine/"+"phones.txt", phonesOf(t, out.String()))
	}
}

// callbacksOf lists facts and callbacks; for v4 with the members it names.
func callbacksOf(t *testing.T, lines string) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		e, err := journal.ParseLine([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			continue
		}
		at := fmt.Sprintf("+%.3f", float64(e.At-1767225600000)/1000)
		switch d := e.Data.(type) {
		case *journal.Fact:
			fmt.Fprintf(&b, "%s %s %s\n", at, d.Kind, strings.TrimSpace(d.By+" "+strings.Join(d.Users, ",")))
		case *journal.Callback:
			fmt.Fprintf(&b, "          %s %s%s\n", strings.TrimPrefix(d.Word.String(), "Call.Callback"), d.User, members(t, d))
		}
	}
	return b.String()
}

func members(t *testing.T, d *journal.Callback) string {
	var s string
	switch d.Word {
	case wire.AfterMemberChanged:
		var m wire.MemberChanged
		if err := json.Unmarshal(d.Body, &m); err != nil {
			t.Fatal(err)
		}
		for _, c := range m.ChangedUserList {
			s += fmt.Sprintf("; %s %s", c.Account.ID, c.Action)
		}
		s += "; now" + list(m.UserList)
	case wire.AfterStartCall:
		var m wire.StartCall
		if err := json.Unmarshal(d.Body, &m); err != nil {
			t.Fatal(err)
		}
		s = "; now" + list(m.UserList)
	case wire.AfterEndCall:
		var m wire.EndCall
		if err := json.Unmarshal(d.Body, &m); err != nil {
			t.Fatal(err)
		}
		s = fmt.Sprintf("; %s %s", m.CallRecord.CallResult, strings.Join(m.CallRecord.CalleeList, " "))
	default:
		var m wire.V1Body
		if err := json.Unmarshal(d.Body, &m); err != nil {
			t.Fatal(err)
		}
		s = fmt.Sprintf("; of %d %s", m.TotalNum, m.CallResult)
	}
	return strings.TrimRight(s, " ")
}

func list(users []wire.User) (s string) {
	for _, u := range users {
		s += " " + u.Account.ID
		if u.Status != "Calling" {
			s += "?"
		}
	}
	return s
}

// phonesOf lists for each phone what it saw.
func phonesOf(t *testing.T, lines string) string {
	seen := map[string]string{}
	for line := range strings.Lines(lines) {
		var e struct {
			At      string          `json:"t"`
			Kind    string          `json:"kind"`
			To      string          `json:"to"`
			Event   string          `json:"event"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Kind == "client_event" {
			seen[e.To] += fmt.Sprintf("  %s %s %s\n", strings.TrimSuffix(strings.TrimPrefix(e.At, "2026-01-01T00:"), ".000Z"), e.Event, e.Payload)
		}
	}
	var b strings.Builder
	users := []string{}
	for u := range seen {
		users = append(users, u)
	}
	slices.Sort(users)
	for _, u := range users {
		fmt.Fprintf(&b, "%s\n%s", u, seen[u])
	}
	return b.String()
}
