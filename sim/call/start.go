package call

import (
	"fmt"
	"slices"
)

// Start checks a setup and returns the first fact of its call: [Started], or
// [StartFailed] when failed. Errors name the field.
func Start(s *Setup, failed bool) (Fact, error) {
	if err := s.check(); err != nil {
		return Fact{}, err
	}
	f := Fact{Kind: Started, By: s.Caller, Setup: s}
	if failed {
		f.Kind = StartFailed
	}
	return f, nil
}

func (s *Setup) check() error {
	if len(s.Callees) == 0 {
		return fmt.Errorf("callees: a call needs at least one, like bob")
	}
	if s.Kind == Single && len(s.Callees) > 1 {
		return fmt.Errorf("callees: a single call has one, got %d; make it a group call", len(s.Callees))
	}
	if s.Device == nil {
		return fmt.Errorf("device: is missing")
	}
	for _, o := range s.Devices {
		if o.Device == nil {
			return fmt.Errorf("devices: that of %s is missing", o.User)
		}
	}
	if err := s.checkID("caller", s.Caller); err != nil {
		return err
	}
	for i, u := range s.Callees {
		if err := s.checkID("callee", u); err != nil {
			return err
		}
		if u == s.Caller || slices.Contains(s.Callees[:i], u) {
			return fmt.Errorf("callees: %s is in the call twice", u)
		}
	}
	others := slices.Concat(s.Busy, s.Away)
	for i, u := range others {
		if !slices.Contains(s.Callees, u) {
			return fmt.Errorf("busy, unreachable: %s is not a callee", u)
		}
		if slices.Contains(others[:i], u) {
			return fmt.Errorf("busy, unreachable: %s is named twice", u)
		}
	}
	return nil
}

func (s *Setup) checkID(field, user string) error {
	if user == "" {
		return fmt.Errorf("%s: is empty", field)
	}
	if err := CheckUserID(user); err != nil && !s.AnyIDs {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

// roomType returns the room type asked for, or else the one that fits the room.
func (s *Setup) roomType() RoomType {
	switch {
	case s.RoomTag != 0:
		return s.RoomTag
	case s.Room == "":
		return DigitRoom
	}
	return StringRoom
}

// CheckUserID returns an error if CallKit does not allow a user id: it must be 1 to 32
// letters, digits, "_" and "-" (34385).
func CheckUserID(id string) error {
	if len(id) == 0 || len(id) > 32 {
		return fmt.Errorf("user id %q has %d bytes, want 1 to 32", id, len(id))
	}
	for _, r := range id {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-') {
			return fmt.Errorf("user id %q has %q, want letters, digits, _ and - only", id, r)
		}
	}
	return nil
}
