// Package attach is a client of a running ringback serve: it follows what happens there,
// and acts on it, over the simulation API.
//
//	server, err := attach.New(attach.Config{URL: "http://127.0.0.1:8080"})
//	if err != nil {
//		return err
//	}
//	go func() {
//		state := journal.NewReader(journal.Keep)
//		err = server.Follow(ctx, func(u attach.Update) error {
//			if u.Anew {
//				state = journal.NewReader(journal.Keep)
//			}
//			for _, e := range u.Events {
//				if err := state.Apply(e); err != nil {
//					return err
//				}
//			}
//			return nil
//		})
//	}()
//	id, err := server.Do(ctx, sim.Place{Setup: setup, Generation: wire.V1})
//
// [Server.Follow] reads the snapshot of the server and then its stream of events, and
// begins again where it was whenever the connection is lost. It reads the snapshot anew
// if the stream no longer reaches back to there, or if the server was started again
// without its journal.
//
// The one invariant: the events of a [Server.Follow], from the last one that came Anew,
// are those of one run, none of them missing and none twice. So whoever folds them has
// the state that the server has, but for secrets, which are masked.
package attach
