package delivery

import "time"

// Transport says how an attempt misuses its connection, for faults. The zero
// value sends the request whole and reads the answer.
type Transport struct {
	LoseTail int           // leave out that many bytes at the end, then close for writing
	Spread   time.Duration // spread the sending over that much wall time
	Reset    bool          // reset the connection once the request is sent
	HangUp   bool          // close the connection once the request is sent
}

// Plain tells whether nothing is maimed.
func (t Transport) Plain() bool { return t == Transport{} }
