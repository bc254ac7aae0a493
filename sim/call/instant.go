package call

import (
	"fmt"
	"time"
)

// Instant is a point in simulated time, in milliseconds since the Unix epoch. Zero means
// "not yet".
type Instant int64

// Latest is the end of simulated time: nothing happens after it. Years have four
// digits wherever an Instant is written, and the last one is left for what is
// planned by then.
var Latest = At(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))

// ErrTooLate means that something would happen after [Latest].
var ErrTooLate = fmt.Errorf("simulated time ends at %s", Latest)

// At converts a time to an Instant, cutting what is below a millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Add moves an Instant by d, cut to whole milliseconds.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Seconds returns the whole seconds since the Unix epoch, as in v1 bodies and the v4
// CallRecord.
func (i Instant) Seconds() int64 { return int64(i) / 1000 }

// Time converts back, in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// ParseEpoch parses the start of simulated time: RFC 3339, in a year from 1971 to 9000,
// so that times before and after it can be represented.
func ParseEpoch(text string) (epoch Instant, err error) {
	if err := epoch.UnmarshalText([]byte(text)); err != nil {
		return 0, err
	}
	if y := epoch.Time().Year(); y < 1971 || y > 9000 {
		return 0, fmt.Errorf("the year %d: want 1971 to 9000", y)
	}
	return epoch, nil
}

const instantLayout = "2006-01-02T15:04:05.000Z"

// String prints RFC 3339 in UTC with milliseconds.
func (i Instant) String() string { return i.Time().Format(instantLayout) }

// AppendText appends what [Instant.String] prints.
func (i Instant) AppendText(b []byte) ([]byte, error) {
	return i.Time().AppendFormat(b, instantLayout), nil
}

// MarshalText makes JSON show an Instant as RFC 3339 in UTC with milliseconds.
func (i Instant) MarshalText() ([]byte, error) { return i.AppendText(nil) }

// UnmarshalText reads RFC 3339, with or without a fraction.
func (i *Instant) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339, string(b))
	if err != nil {
		return fmt.Errorf("time %q: want RFC 3339, like 2026-01-01T00:00:00.000Z", b)
	}
	*i = At(t)
	return nil
}
