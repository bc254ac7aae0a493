package traffic

import (
	"fmt"
	"strconv"
	"strings"
)

// Segment is a fixed part of the calls of a generator: whole partitions, dealt out in
// turn. The segments of any number have all calls together, and each only once. The
// zero value is all of them.
type Segment struct {
	Index, Of int // Index from 1
}

// maxPartitions is the maximum number of partitions, and so of segments.
const maxPartitions = 1024

// ParseSegment reads a text like "2/4".
func ParseSegment(text string) (s Segment, err error) {
	index, of, _ := strings.Cut(text, "/")
	for _, part := range []struct {
		to   *int
		text string
	}{{&s.Index, index}, {&s.Of, of}} {
		if *part.to, err = strconv.Atoi(part.text); err != nil || strconv.Itoa(*part.to) != part.text {
			return Segment{}, fmt.Errorf("%q: want one like 2/4", text)
		}
	}
	if s.Of < 1 || s.Of > maxPartitions {
		return Segment{}, fmt.Errorf("%q: want at most %d segments", text, maxPartitions)
	}
	if s.Index < 1 || s.Index > s.Of {
		return Segment{}, fmt.Errorf("%q: want a segment from 1/%d to %d/%d", text, s.Of, s.Of, s.Of)
	}
	return s, nil
}

// String returns a text like "2/4"; "" for the zero value.
func (s Segment) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// Whole reports whether the segment has all calls.
func (s Segment) Whole() bool { return s.Of <= 1 }

// Has reports whether the segment has a partition, counted from 0.
func (s Segment) Has(partition int) bool { return s.Whole() || partition%s.Of == s.Index-1 }

// Share returns how much of n the segment has, where the n are dealt out in turn.
func (s Segment) Share(n int) int {
	if s.Whole() {
		return n
	}
	return (n + s.Of - s.Index) / s.Of
}

// check returns an error if there are more segments than partitions.
func (s Segment) check(m *Model) error {
	if s.Of <= m.Partitions {
		return nil
	}
	return &SegmentError{s, m.Users, m.Partitions}
}

// SegmentError says that there are more segments than partitions.
type SegmentError struct {
	Segment           Segment
	Users, Partitions int
}

func (e *SegmentError) Error() string {
	if e.Partitions == 1 {
		return fmt.Sprintf("%s: %d users are in one partition, which cannot be divided: want more users", e.Segment, e.Users)
	}
	return fmt.Sprintf("%s: %d users are in %d partitions: want at most %d segments, or more users", e.Segment, e.Users, e.Partitions, e.Partitions)
}

// neighborhoods is how many neighborhoods a partition needs, so that people find
// contacts outside of their own. At a rate they call at random, and one will do.
const neighborhoods = 5

// populated returns how many of the model's partitions there are people enough for. A
// partition has no use without a whole call center or team.
func (m *Model) populated(atRate bool) int {
	least := 0
	switch {
	case m.People != nil && atRate:
		least = m.People.Community
	case m.People != nil:
		least = max(neighborhoods*m.People.Community, enoughPeople*m.People.Contacts)
	case m.Center != nil:
		least = m.Center.Customers
	default:
		least = m.Team.Members
	}
	return max(1, min(m.Partitions, m.Users/least))
}
