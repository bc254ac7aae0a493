package call

import (
	"errors"
	"fmt"
	"slices"
)

// Call is the state of one call.
type Call struct {
	ID       string   `json:"-"` // journals have it on every line
	Number   uint64   `json:"number"`
	App      uint32   `json:"sdkappid"`
	Media    Media    `json:"media"`
	Kind     Kind     `json:"type"`
	RoomType RoomType `json:"room_type"`
	Phase    Phase    `json:"phase"`
	Result   Result   `json:"result,omitempty"`
	Failed   bool     `json:"failed,omitempty"` // the start failed, so that there was no call
	Room     string   `json:"room"`
	StartAt  Instant  `json:"start"`
	AcceptAt Instant  `json:"accept,omitzero"` // first accept or join; 0 if there was none
	EndAt    Instant  `json:"end,omitzero"`
	Members  []Member `json:"members"` // the caller first, then in the order of invitation
	Device   *Device  `json:"device"`  // of all members who are not in Devices
	*Special          // nil for most calls
	Acting   *Device  `json:"acting"` // of the user who acted last; events by the server keep it
}

// Special holds what few calls have, so that the others need no memory for it.
type Special struct {
	Devices Devices `json:"devices,omitempty"`
	AnyIDs  bool    `json:"any_ids,omitempty"` // user ids outside 34385's alphabet are allowed
	Extra   *Extra  `json:"extra,omitempty"`   // nil unless the app attached something
}

// Attached returns what the app attached to the call.
func (c *Call) Attached() Extra {
	if c.Special == nil || c.Extra == nil {
		return Extra{}
	}
	return *c.Extra
}

// Member is one participant. Members stay in the list after they leave, since call
// records name everyone who was ever invited; Status says who is still there.
type Member struct {
	ID       string  `json:"id"`
	Device   *Device `json:"device"`
	Since    Instant `json:"since"`           // when invited, then when answered or joined; the ring timer counts from the former
	SilentAt Instant `json:"silent,omitzero"` // battery pulled; 0 while the heartbeat goes on
	Status   Status  `json:"status"`
	Rang     bool    `json:"rang,omitempty"`    // the phone rang at least once, so it can report
	Talked   bool    `json:"talked,omitempty"`  // was in the call, not only called
	Inviter  uint32  `json:"inviter,omitempty"` // index in Members of who invited this one: 0 is the caller
}

// Present reports whether the member is called or in the call.
func (m *Member) Present() bool { return m.Status != Gone }

// Waiting reports whether the member is being called and has not answered.
func (m *Member) Waiting() bool { return m.Status == Dialled || m.Status == Alerting }

// Reports reports whether the member's phone can send events: it has power and rang at
// least once. v1 events come from the phones.
func (m *Member) Reports() bool { return m.Rang && m.SilentAt == 0 }

func (m *Member) enter(now Instant) {
	m.Status, m.Since, m.Rang, m.Talked = Talking, now, true, true
}

// Caller returns the user who placed the call.
func (c *Call) Caller() string { return c.Members[0].ID }

// Inviter returns the user who invited a member of the call.
func (c *Call) Inviter(m *Member) string { return c.Members[m.Inviter].ID }

// Find returns a member and its role, or nil.
func (c *Call) Find(user string) (*Member, Role) {
	switch i := c.index(user); i {
	case -1:
		return nil, Callee
	case 0:
		return &c.Members[0], Caller
	default:
		return &c.Members[i], Callee
	}
}

// index returns the index of a user in Members, or -1.
func (c *Call) index(user string) int {
	for i := range c.Members {
		if c.Members[i].ID == user {
			return i
		}
	}
	return -1
}

// Calling reports whether any member is still being called.
func (c *Call) Calling() bool {
	return slices.ContainsFunc(c.Members, func(m Member) bool { return m.Waiting() })
}

// count returns how many members are present, and how many of them are talking.
func (c *Call) count() (present, talking int) {
	for i := range c.Members {
		if c.Members[i].Present() {
			present++
		}
		if c.Members[i].Status == Talking {
			talking++
		}
	}
	return present, talking
}

// Admits returns an error if a fact from a journal cannot be applied, because it names
// users who are not in the call. It does not check the rules.
func (c *Call) Admits(f Fact) error {
	switch f.Kind {
	case Started, StartFailed:
		if f.Setup == nil {
			return errors.New("has no setup")
		}
		return f.Setup.check()
	case Ended:
		return nil
	case Joined, Invited:
		if f.Kind == Joined && f.By == "" || slices.Contains(f.Users, "") {
			return errors.New("names no one")
		}
		return nil
	case TimedOut, Cancelled, Uninvited:
		for _, u := range f.Users {
			if m, _ := c.Find(u); m == nil {
				return fmt.Errorf("names %q, who is not in the call", u)
			}
		}
		return nil
	}
	if m, _ := c.Find(f.By); m == nil {
		return fmt.Errorf("names %q, who is not in the call", f.By)
	}
	return nil
}

// Apply applies one fact to the call. The fact must come from [Call.Decide] or [Start],
// or be one that [Call.Admits] accepts.
func (c *Call) Apply(now Instant, f Fact) {
	switch f.Kind {
	case Started, StartFailed:
		c.begin(now, f)
	case RingingFact:
		m, _ := c.Find(f.By)
		m.Status, m.Rang = Alerting, true
	case Accepted:
		c.enter(now, f.By)
	case Joined:
		c.add(now, f.By, 0)
		c.enter(now, f.By)
	case Invited:
		by := max(0, c.index(f.By))
		for _, u := range f.Users {
			c.add(now, u, by)
		}
	case Rejected, BusyFact, Left, LineLost, WentOffline:
		c.remove(f.By)
	case TimedOut, Cancelled, Uninvited:
		for _, u := range f.Users {
			c.remove(u)
		}
	case BatteryPulled, KickedOffline:
		m, _ := c.Find(f.By)
		m.SilentAt = now
	case MediaChanged:
		c.Media = f.Media
	case Ended:
		c.Phase, c.Result, c.EndAt = Over, f.Result, now
	}
	if m, _ := c.Find(f.By); m != nil && f.Kind.acts() {
		c.Acting = m.Device
	}
}

// acts reports whether a fact is an action of its user, rather than something that the
// server noticed about them.
func (k FactKind) acts() bool { return k != LineLost && k != WentOffline && k != BatteryPulled }

func (c *Call) begin(now Instant, f Fact) {
	s := f.Setup
	*c = Call{
		ID: s.ID, Number: s.Number, App: s.App, Media: s.Media, Kind: s.Kind,
		Room: s.Room, RoomType: s.roomType(), Phase: Ringing, StartAt: now, Device: s.Device,
		Members: c.Members[:0],
	}
	if len(s.Devices) > 0 || s.AnyIDs || s.Extra != nil {
		c.Special = &Special{Devices: s.Devices, AnyIDs: s.AnyIDs, Extra: s.Extra}
	}
	if n := 1 + len(s.Callees); cap(c.Members) < n {
		c.Members = make([]Member, 0, n)
	}
	c.add(now, s.Caller, 0)
	for _, u := range s.Callees {
		c.add(now, u, 0)
	}
	c.Members[0].enter(now)
	c.Acting = c.Members[0].Device
	if f.Kind == StartFailed {
		c.Phase, c.EndAt, c.Failed = Over, now, true
	}
}

// add adds a user, or adds them again. inviter is the index of who invited them.
func (c *Call) add(now Instant, user string, inviter int) {
	m, _ := c.Find(user)
	if m == nil {
		c.Members = append(c.Members, Member{ID: user, Device: c.device(user)})
		m = &c.Members[len(c.Members)-1]
	}
	*m = Member{ID: m.ID, Device: m.Device, Since: now, Status: Dialled, Inviter: uint32(inviter)}
}

func (c *Call) device(user string) *Device {
	if c.Special != nil {
		if d := c.Devices.Of(user); d != nil {
			return d
		}
	}
	return c.Device
}

func (c *Call) enter(now Instant, user string) {
	m, _ := c.Find(user)
	m.enter(now)
	if c.Phase == Ringing {
		c.Phase, c.AcceptAt = Connected, now
	}
}

func (c *Call) remove(user string) {
	m, _ := c.Find(user)
	m.Status = Gone
}
