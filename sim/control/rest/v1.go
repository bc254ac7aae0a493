package rest

import (
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// v1Set is v1/callback/set (60134): the last one counts.
func v1Set(b *backend, app App, f *fields) action {
	at, words := v1Config(b, f)
	return func() (any, *refusal) {
		if err := b.register(app.ID, wire.V1, at, words); err != nil {
			return nil, refuse(codeV1Internal, "%v", err)
		}
		for _, w := range words {
			if w.Generation() == wire.V4 {
				b.odd("actions", "app %d registers for %s by v1/callback/set, which has only the words of 60135 (60134)", app.ID, w)
			}
		}
		return at.URL, nil
	}
}

// v1Update is v1/callback/update (60132). Whether it merges is not said; here
// it replaces both, the address and the actions.
func v1Update(b *backend, app App, f *fields) action {
	set := v1Set(b, app, f)
	return func() (any, *refusal) {
		b.configure.Lock()
		defer b.configure.Unlock()
		if _, _, ok := b.registration(app.ID, wire.V1); !ok {
			return nil, refuse(codeV1Missing, "there is no callback configuration to update, v1/callback/set makes one")
		}
		return set()
	}
}

// v1Get is v1/callback/get (60133). Its page lists no code for a configuration
// that does not exist; 60130 has 999 for that.
func v1Get(b *backend, app App, _ *fields) action {
	return func() (any, *refusal) {
		address, words, ok := b.registration(app.ID, wire.V1)
		if !ok {
			return nil, refuse(codeV1Missing, "there is no callback configuration")
		}
		return struct {
			Actions []wire.Word `json:"actions"`
			Address string      `json:"address"`
		}{words, address}, nil
	}
}

// v1Delete is v1/callback/delete (60131). Deleting what does not exist is no
// error, or 999 under the dialect delete_missing=999.
func v1Delete(b *backend, app App, _ *fields) action {
	return func() (any, *refusal) {
		b.configure.Lock()
		defer b.configure.Unlock()
		switch _, _, ok := b.registration(app.ID, wire.V1); {
		case ok:
			if err := b.unregister(app.ID, wire.V1); err != nil {
				return nil, refuse(codeV1Internal, "%v", err)
			}
		case b.Dialect.DeleteMissing == "999":
			return nil, refuse(codeV1Missing, "there is no callback configuration to delete")
		}
		return "", nil
	}
}

// v1Config takes address and actions.
func v1Config(b *backend, f *fields) (*delivery.Endpoint, []wire.Word) {
	at := takeAddress(b, f, "address", "address must start with http or https")
	words := takeWords(f, "actions", func(w wire.Word) string {
		if w.Generation() == wire.V4 && b.Dialect.V1Actions == "documented" {
			return w.String() + " is a command of v4, want the words of 60135"
		}
		return ""
	})
	return at, words
}

// v1Record is v1/records/get_record_by_callId (60137). Its page lists no code
// for a record that does not exist.
func v1Record(b *backend, app App, f *fields) action {
	id := f.text("callId")
	return func() (data any, no *refusal) {
		found := b.showRecord(app.ID, id, func(enc *wire.Encoder, c *call.Call) { data = enc.V1Record(c) })
		if !found {
			return nil, refuse(codeV1Missing, "the record does not exist: of the last 7 days, no call %s ended at least 5 seconds ago", text.Quote(id, maxShown))
		}
		return data, nil
	}
}

// v1Records is v1/records/get_records_by_filter (60136).
func v1Records(b *backend, app App, f *fields) action {
	enc := wire.NewEncoder(b.Dialect)
	want := filter{app: app.ID}
	f.seconds("startTimestamp") // a must, unlike in v4
	want.window(f, "startTimestamp", "endTimestamp")
	want.kind, want.spell = f.oneOf("callType", enc.V1Kinds()), enc.V1Kind
	want.results = pick(f, "callResult", enc.V1Result)
	want.paging(f, "numberPerPage", 100, "page")
	return func() (any, *refusal) {
		list := []wire.V1Record{}
		total := b.find(&want, func(enc *wire.Encoder, c *call.Call) { list = append(list, enc.V1Record(c)) })
		return struct {
			TotalNum       int64           `json:"totalNum"`
			Page           int64           `json:"page"`
			CallRecordList []wire.V1Record `json:"callRecordList"`
		}{total, want.page, list}, nil
	}
}
