// Package load plays whole calls against a receiver at a rate that does not
// depend on the receiver's speed, and reports how it did.
//
// The calls come from package traffic, so that their callbacks, retries and ids
// are as consistent as a real backend's. They start on schedule however slow the
// receiver is (an open loop). Latency counts from an attempt's intended send time,
// which includes the time that it waited behind others. With [Config.Max] the loop
// is closed instead: as many calls as the connections take, to find the receiver's
// ceiling.
//
//	run, err := load.New(load.Config{Model: model, Calls: 50, Duration: 30 * time.Second, ...})
//	if err == nil {
//		err = run.Run(ctx)
//	}
//	report := run.Report()
//
// A load has 64 partitions of people or more: a function of the model and the rate
// alone. They are dealt to a few shards, one for each processor and at most eight, each
// with its own engine, loop and connections, that share nothing while the load runs. What
// a receiver is sent, to the ids, does not depend on how many shards there are.
//
// [Report.WriteHTML] writes a report as a page, [Load.Handler] serves metrics for
// Prometheus while the load runs, and [Load.Probe] checks what the receiver stored
// of a sample of the calls.
//
// The one invariant: the sums of a [Report] hold. Each callback that became due is
// acknowledged, abandoned, dropped or unfinished, and each attempt is acknowledged,
// rejected, failed or unfinished, whatever the receiver does and whenever the run
// is stopped.
package load
