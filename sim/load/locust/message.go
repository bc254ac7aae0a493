package locust

import (
	"bytes"
	"fmt"

	"github.com/vmihailenco/msgpack/v5"
)

// message is what a master and its workers send each other: an array of these.
type message struct {
	Type   string
	Data   msgpack.RawMessage
	Worker string
}

// encode returns a message as bytes.
func encode(kind string, data any, worker string) ([]byte, error) {
	return msgpack.Marshal([]any{kind, data, worker})
}

func decode(frame []byte) (m message, err error) {
	d := msgpack.NewDecoder(bytes.NewReader(frame))
	n, err := d.DecodeArrayLen()
	if err == nil && n != 3 {
		err = fmt.Errorf("it has %d parts, want 3", n)
	}
	for _, part := range []any{&m.Type, &m.Data, &m.Worker} {
		if err == nil {
			err = d.Decode(part)
		}
	}
	if err != nil {
		return m, fmt.Errorf("locust: a message of the master: %w", err)
	}
	return m, nil
}

// anyVersion is the version of a worker that fits any master 2.x.
const anyVersion = -1

// acknowledgement is the data of "ack". Masters before 2.10.2 send none.
type acknowledgement struct {
	Index int `msgpack:"index"`
}

// spawn is the data of "spawn": how many users of each class the worker is to have now.
type spawn struct {
	Timestamp float64        `msgpack:"timestamp"`
	Users     map[string]int `msgpack:"user_classes_count"`
}

func (s *spawn) total() (n int) {
	for _, users := range s.Users {
		n += users
	}
	return n
}

// State is what a worker says of itself in its heartbeats.
type State string

// The states.
const (
	Ready    State = "ready"
	Spawning State = "spawning"
	Running  State = "running"
)

// heartbeat is the data of "heartbeat".
type heartbeat struct {
	State  State   `msgpack:"state"`
	CPU    float64 `msgpack:"current_cpu_usage"`    // percent of one core
	Memory uint64  `msgpack:"current_memory_usage"` // bytes
}

// population is the data of "spawning_complete".
type population struct {
	Classes map[string]int `msgpack:"user_classes_count"`
	Users   int            `msgpack:"user_count"`
}
