package load

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// There is a shard for each processor, at most eight, none without a connection, and one
// with a journal. Together they have the connections, the backlog and the bound on live
// calls of the load.
func TestShards(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	model, err := traffic.Parse(preset(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		processors, connections, backlog int
		max, journal                     bool
		want                             int
		limit                            sim.Limit
	}{
		{1, 64, 0, false, false, 1, sim.Limit{Attempts: 64 + 100_000, Bytes: 256 << 20}}, // what help and README say
		{3, 64, 0, false, false, 3, sim.Limit{Attempts: 64 + 100_000, Bytes: 256 << 20}},
		{8, 64, 0, false, false, 8, sim.Limit{Attempts: 64 + 100_000, Bytes: 256 << 20}},
		{20, 64, 0, false, false, 8, sim.Limit{Attempts: 64 + 100_000, Bytes: 256 << 20}},
		{8, 2, 0, false, false, 2, sim.Limit{Attempts: 2 + 100_000, Bytes: 256 << 20}},
		{8, 64, 7, false, false, 8, sim.Limit{Attempts: 64 + 7}},
		{8, 64, 0, false, true, 1, sim.Limit{Attempts: 64 + 100_000, Bytes: 256 << 20}},
		{3, 64, 0, true, false, 3, sim.Limit{}},
		{8, 64, 0, true, true, 1, sim.Limit{}},
	} {
		runtime.GOMAXPROCS(tt.processors)
		cfg := Config{
			Model: model, Run: journal.Run{Seed: 1, Epoch: harness.Epoch, Token: "t"}, App: 1, Generation: wire.Both,
			Endpoint:  harness.Endpoint(t, "http://127.0.0.1:3000/cb"),
			NewSender: func() run.Sender { return run.Acknowledging{} }, Connections: tt.connections, Backlog: tt.backlog, Max: tt.max, Duration: 1,
		}
		if !tt.max {
			cfg.Calls = 1
		}
		if tt.journal {
			cfg.Journal = func([]byte) error { return nil }
		}
		l, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var connections, live int
		var limit sim.Limit
		for i, p := range l.shards {
			own := l.cfg.limit(p.connections, i, len(l.shards))
			if p.connections == 0 || !tt.max && own.Attempts <= p.connections && tt.backlog == 0 {
				t.Errorf("%+v: shard %d has %d connections and %+v", tt, i, p.connections, own)
			}
			connections, live = connections+p.connections, live+p.maxLive
			limit.Attempts += own.Attempts
			limit.Bytes += own.Bytes
		}
		if len(l.shards) != tt.want || connections != tt.connections {
			t.Errorf("%+v: %d shards with %d connections", tt, len(l.shards), connections)
		}
		if diff := cmp.Diff(tt.limit, limit); diff != "" {
			t.Errorf("%+v: together (-want +got):\n%s", tt, diff)
		}
		if live > maxLive || live <= maxLive-maxShards {
			t.Errorf("%+v: %d live calls together", tt, live)
		}
	}
}
