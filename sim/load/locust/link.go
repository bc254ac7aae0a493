package locust

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/vmihailenco/msgpack/v5"
)

// link is a connection to a master.
type link struct {
	socket   zmq4.Socket
	cancel   context.CancelFunc
	received chan message
	broken   chan error // gets one error, the last that happens
}

// between is the time between two attempts to connect.
const between = 500 * time.Millisecond

// dial connects to a master, trying until that succeeds or the context ends.
func dial(ctx context.Context, master, name string, links chan<- *link) {
	for {
		l, err := connect(ctx, master, name)
		if err == nil {
			select {
			case links <- l:
			case <-ctx.Done():
				l.close()
			}
			return
		}
		select {
		case <-time.After(between):
		case <-ctx.Done():
			return
		}
	}
}

func connect(ctx context.Context, master, name string) (*link, error) {
	ctx, cancel := context.WithCancel(ctx)
	l := &link{cancel: cancel, received: make(chan message), broken: make(chan error, 1)}
	l.socket = zmq4.NewDealer(ctx, zmq4.WithID(zmq4.SocketIdentity(name)), zmq4.WithDialerMaxRetries(0),
		zmq4.WithDialerTimeout(5*time.Second), zmq4.WithTimeout(5*time.Second), zmq4.WithLogger(log.New(io.Discard, "", 0)))
	if err := l.socket.Dial("tcp://" + master); err != nil {
		cancel()
		return nil, err
	}
	go l.receive(ctx)
	return l, nil
}

// receive passes on messages until the connection breaks.
func (l *link) receive(ctx context.Context) {
	for {
		frames, err := l.socket.Recv()
		if err != nil {
			l.broken <- err
			return
		}
		m, err := decode(frames.Bytes())
		if err != nil {
			l.broken <- err
			return
		}
		select {
		case l.received <- m:
		case <-ctx.Done():
			l.broken <- ctx.Err()
			return
		}
	}
}

func (l *link) send(frame []byte) error { return l.socket.Send(zmq4.NewMsg(frame)) }

func (l *link) close() {
	_ = l.socket.Close()
	l.cancel()
}

// read decodes the data of a message.
func (m *message) read(into any) error {
	if len(m.Data) == 0 || m.Data[0] == nilByte {
		return nil
	}
	if err := msgpack.Unmarshal(m.Data, into); err != nil {
		return fmt.Errorf("locust: message %s of the master: %w", m.Type, err)
	}
	return nil
}

// nilByte is msgpack's nil.
const nilByte = 0xc0
