// Package load plays whole calls against a receiver at a rate that does not
// wait for it, and tells how it did.
//
// The calls are those of package traffic: their callbacks, retries and ids are
// as consistent as a real backend's. They start when the schedule says, however
// slow the receiver is (an open loop), and latency counts from when an attempt
// was to begin, not from when it did, so that waiting behind others is part of
// it. With [Config.Max] the loop is closed instead: as many calls as the
// connections take, to find the receiver's ceiling.
//
//	run, err := load.New(load.Config{Model: model, Calls: 50, Duration: 30 * time.Second, ...})
//	if err == nil {
//		err = run.Play(ctx)
//	}
//	report := run.Report()
//
// The load is cut into the partitions of its model; each has its own engine,
// loop and connections, and hands nothing over.
//
// A report can be written as a page ([Report.WriteHTML]); [Load.Handler] shows
// Prometheus how the load goes on, and [Load.Probe] looks up what the receiver
// stored of a sample of the calls.
//
// The one invariant: the ledger balances. Each callback that became due is
// acknowledged, abandoned or reported as unfinished, and so is each attempt,
// whatever the receiver does and whenever the run is stopped. See [Report].
package load
