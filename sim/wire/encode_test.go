package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// body is a body type.
type body interface{ AppendTo(b []byte) []byte }

var (
	_ body = (*wire.V1Body)(nil)
	_ body = (*wire.StartCall)(nil)
	_ body = (*wire.MemberChanged)(nil)
	_ body = (*wire.EndCall)(nil)
)

// reference is what encoding/json writes, told not to escape HTML.
func reference(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func sameAsReference(t testing.TB, bodies ...body) {
	t.Helper()
	for _, v := range bodies {
		const before = "before"
		got := v.AppendTo([]byte(before))
		if diff := cmp.Diff(before+string(reference(t, v)), string(got)); diff != "" {
			t.Fatalf("%T (-encoding/json +got):\n%s", v, diff)
		}
	}
}

// wild are texts that an encoder may get wrong.
var wild = []string{
	"", "alice", "Alice's Room", `"\/`, "\x00\x01\x1f\x7f", "\b\f\n\r\t", "<&>", "\u2028 \u2029 \u2027", "\xff\xfe", "a\xc3", "\xe2\x80", "\xed\xa0\x80",
	"\ufffd", "会议室", "🎉👩‍👩‍👧", "\U0010ffff", `é`, "null", "0", "007", "123", "999999999999999999", "1000000000000000000", "9223372036854775808",
	"1.5", "1e3", "-1", "+1", " 1", "１２",
}

// arbitrary makes bodies of all four types out of any texts and numbers.
func arbitrary(text func() string, number func() int64, yes func() bool) []body {
	textOrNil := func() *string {
		if s := text(); yes() {
			return &s
		}
		return nil
	}
	numberOrNil := func() *int64 {
		if n := number(); yes() {
			return &n
		}
		return nil
	}
	account := func() wire.Account { return wire.Account{ID: text(), Number: yes()} }
	users, changes, ids := []wire.User{}, []wire.Change{}, []string{}
	for range 2 {
		if yes() {
			users = append(users, wire.User{Account: account(), Status: text()})
			changes = append(changes, wire.Change{Account: account(), Action: text()})
			ids = append(ids, text())
		}
	}
	return []body{
		&wire.V1Body{
			UserID: text(), RoomID: text(), TotalNum: int(number()), MediaType: text(), CallType: text(), CallID: text(), Role: text(),
			Event: textOrNil(), CallResult: text(), EventTime: number(), StartCallTs: numberOrNil(), AcceptTs: numberOrNil(), EndTs: numberOrNil(),
		},
		&wire.StartCall{
			CallbackCommand: text(), UserList: users, EventTime: number(),
			CallInfo: wire.CallInfo{
				CallID: text(), CallMediaType: textOrNil(), MediaType: textOrNil(), ChatGroupID: text(), RoomID: text(), RoomIDType: int(number()),
			},
		},
		&wire.MemberChanged{CallbackCommand: text(), CallID: text(), UserList: users, ChangedUserList: changes, EventTime: number()},
		&wire.EndCall{
			CallbackCommand: text(), EventTime: number(),
			CallRecord: wire.CallRecord{
				CallID: text(), CallerAccount: text(), MediaType: text(), CallType: text(), StartTime: number(), EndTime: number(), AcceptTime: number(),
				CallResult: text(), CalleeList: ids, RoomID: text(), RoomIDType: int(number()),
			},
		},
	}
}

func TestEncoderIsEncodingJSON(t *testing.T) {
	for _, s := range wild {
		for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1704856873678} {
			for _, all := range []bool{false, true} {
				sameAsReference(t, arbitrary(func() string { return s }, func() int64 { return n }, func() bool { return all })...)
			}
		}
	}
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(wild), rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	}))
	rapid.Check(t, func(rt *rapid.T) {
		sameAsReference(t, arbitrary(
			func() string { return text.Draw(rt, "text") },
			func() int64 { return rapid.Int64().Draw(rt, "number") },
			func() bool { return rapid.Bool().Draw(rt, "yes") })...)
	})
}

func FuzzEncoder(f *testing.F) {
	for i, s := range wild {
		f.Add(s, wild[(i+7)%len(wild)], int64(i)*1704856873678, uint64(i)*0x9e3779b97f4a7c15)
	}
	f.Fuzz(func(t *testing.T, a, b string, n int64, bits uint64) {
		i := 0
		text := func() string {
			i++
			return []string{a, b, a + b}[i%3]
		}
		yes := func() bool {
			bits = bits>>1 | bits<<63
			return bits&1 != 0
		}
		sameAsReference(t, arbitrary(text, func() int64 { return n >> (i % 64) }, yes)...)
	})
}

// decode reads all of data, strictly.
func decode(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("trailing bytes")
	}
	return nil
}

// Whatever decodes into a body, encodes and decodes again is the same; and
// what was written as encoding/json would have, is the same byte for byte.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s.json))
	}
	for _, s := range wild {
		for _, v := range arbitrary(func() string { return s }, func() int64 { return 1 }, func() bool { return true }) {
			f.Add(v.AppendTo(nil))
		}
	}
	f.Add([]byte(`{"UserList":null,"ChangedUserList":[null,{}],"EventTime":null}`))
	f.Add([]byte(` { "userid" : "\ud83d" , "Event" : "\u0000" } `))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, pair := range [][2]body{
			{new(wire.V1Body), new(wire.V1Body)},
			{new(wire.StartCall), new(wire.StartCall)},
			{new(wire.MemberChanged), new(wire.MemberChanged)},
			{new(wire.EndCall), new(wire.EndCall)},
		} {
			v, again := pair[0], pair[1]
			if decode(data, v) != nil {
				continue
			}
			written := v.AppendTo(nil)
			if err := decode(written, again); err != nil {
				t.Fatalf("%T: %s\nwas written as %s\nand does not decode: %v", v, data, written, err)
			}
			if diff := cmp.Diff(v, again, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%T: %s\nwas written as %s (-was +is):\n%s", v, data, written, diff)
			}
			if bytes.Equal(data, reference(t, again)) && !bytes.Equal(data, written) {
				t.Fatalf("%T: %s\nwas written as %s", v, data, written)
			}
		}
	})
}

func TestAccount(t *testing.T) {
	for _, test := range []struct {
		account wire.Account
		json    string
	}{
		{wire.Account{ID: "alice"}, `"alice"`},
		{wire.Account{ID: "10001"}, `"10001"`},
		{wire.Account{ID: "10001", Number: true}, `10001`},
		{wire.Account{ID: "0", Number: true}, `0`},
		{wire.Account{ID: "144115212830834855", Number: true}, `144115212830834855`},
	} {
		b, err := json.Marshal(test.account)
		if err != nil || string(b) != test.json {
			t.Errorf("%+v: %s, %v, want %s", test.account, b, err, test.json)
		}
		var back wire.Account
		if err := json.Unmarshal(b, &back); err != nil || back != test.account {
			t.Errorf("%s: back as %+v, %v", b, back, err)
		}
	}
	// Ids that a number could not carry stay texts, whatever is asked.
	for _, id := range []string{"", "alice", "007", "00", "1000000000000000000", "-1", "1.5", "1e3", " 1", "１２", `"`} {
		b, err := json.Marshal(wire.Account{ID: id, Number: true})
		var back string
		if err != nil || json.Unmarshal(b, &back) != nil || back != id {
			t.Errorf("%q as a number: %s, %v", id, b, err)
		}
	}
	for _, s := range []string{`-1`, `1.5`, `1e3`, `true`, `null`, `{}`, `[]`, `1000000000000000000`} {
		var a wire.Account
		if err := json.Unmarshal([]byte(s), &a); err == nil {
			t.Errorf("%s is the account %+v", s, a)
		}
	}
}

// One encoder writes callbacks of all kinds in turn; none leaks into the next.
func TestEncoderKeepsNothing(t *testing.T) {
	type made struct {
		call     call.Call
		callback wire.Callback
		at       call.Instant
		body     string
	}
	var all []made
	d := dialect(t, "start_media_key=both", "user_account=number")
	for _, s := range scenes {
		for _, st := range show(t, s, d) {
			for _, cb := range st.callbacks {
				all = append(all, made{cb.call, cb.callback, cb.at, cb.body})
			}
		}
	}
	enc := wire.NewEncoder(d)
	for i := range all {
		for _, m := range []*made{&all[i], &all[(i*31+7)%len(all)]} {
			if diff := cmp.Diff(m.body, string(enc.AppendBody(nil, &m.call, &m.callback, m.at))); diff != "" {
				t.Fatalf("%s after others (-fresh +got):\n%s", m.callback.Word, diff)
			}
		}
	}
}

// Writing a callback into a buffer that is large enough allocates nothing.
func TestEncoderAllocatesNothing(t *testing.T) {
	enc := wire.NewEncoder(wire.Default())
	buffer := make([]byte, 0, 4096)
	for _, s := range scenes {
		for _, st := range show(t, s, wire.Default()) {
			for _, cb := range st.callbacks {
				n := testing.AllocsPerRun(10, func() {
					buffer = enc.AppendQuery(buffer[:0], &cb.call, &cb.callback)
					buffer = enc.AppendBody(buffer[:0], &cb.call, &cb.callback, cb.at)
				})
				if n != 0 {
					t.Errorf("%s in %q: %v allocations", cb.word, s.name, n)
				}
			}
		}
	}
}

func BenchmarkEncoder(b *testing.B) {
	for _, word := range []string{"caller_start_call", "normal_end", startCall, memberChanged, endCall} {
		cb := find(b, scenes[0].name, word, wire.Default())
		b.Run(word, func(b *testing.B) {
			enc := wire.NewEncoder(wire.Default())
			buffer := make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				buffer = enc.AppendQuery(buffer[:0], &cb.call, &cb.callback)
				buffer = enc.AppendBody(buffer, &cb.call, &cb.callback, cb.at)
			}
			b.SetBytes(int64(len(buffer)))
		})
	}
}
