// Package locust makes a load a worker of a Locust 2.x master.
//
// A [Worker] speaks the protocol between a master and its workers: ZeroMQ, and in each
// message a msgpack array of type, data and worker. It announces itself, and does as it is
// told: so many users, none, or the end. Each second it asks its [Load] what was measured,
// and each three seconds it reports that, so that the master's page, its CSV files and its
// charts show it as if Locust's own workers had made the requests. What a user is, the load
// decides.
//
// The one invariant: what a load has measured is never reported twice, and is kept while
// there is no connection to the master. Before a worker says that it has stopped or quits,
// it reports the rest. What was on its way when a connection broke is lost, as with
// Locust's own workers.
//
// The protocol is not documented; it is that of locust/runners.py and locust/stats.py.
package locust
