package draw

// Pane is the number of a part of the screen that can have the focus.
type Pane uint8

// The panes, by the numbers that choose them.
const (
	Calls Pane = 1 + iota
	Phones
	Deliveries
	Inspector
	Faults

	Panes = Faults
)

var paneNames = [...]string{"", "Calls", "Phones", "Deliveries", "Inspector", "Faults"}

func (p Pane) String() string { return paneNames[p] }

// Rect is a rectangle of cells.
type Rect struct{ X, Y, W, H int }

// Contains reports whether a cell is in the rectangle.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Form is how much a screen can show.
type Form uint8

// The forms.
const (
	TooSmall Form = iota // only a request for more room
	Tabs                 // one pane at a time
	Stacked              // calls, deliveries and the inspector below each other
	Columns              // all panes
	Wide                 // all panes, phones and deliveries side by side
)

// The sizes from which each form fits.
const (
	TabsW, TabsH       = 60, 15
	stackedW, stackedH = 80, 20
	columnsW, columnsH = 120, 28
	wideW              = 196
	toastH             = 30 // from which stacked panes leave a line for messages
)

// Layout says where everything is. A pane that is not shown has an empty
// rectangle.
type Layout struct {
	Form   Form
	Header Rect
	Tabs   Rect // empty unless some panes are not shown
	Panes  [Panes + 1]Rect
	Toast  Rect // empty if messages replace the help line for a while
	Help   Rect
}

// Arrange divides a screen. The focused pane gets it all under the form Tabs,
// which a large screen has when it is zoomed.
func Arrange(w, h int, focus Pane, zoomed bool) Layout {
	switch {
	case w < TabsW || h < TabsH:
		return Layout{Form: TooSmall}
	case w < stackedW || h < stackedH || zoomed:
		return tabs(w, h, focus)
	case w < columnsW || h < columnsH:
		return stacked(w, h, focus)
	}
	return columns(w, h)
}

// base is the part that all forms share.
func base(form Form, w, h int) Layout {
	return Layout{Form: form, Header: Rect{0, 0, w, 1}, Toast: Rect{0, h - 2, w, 1}, Help: Rect{0, h - 1, w, 1}}
}

func tabs(w, h int, focus Pane) Layout {
	l := base(Tabs, w, h)
	l.Tabs = Rect{0, 1, w, 1}
	l.Panes[focus] = Rect{0, 2, w, h - 3}
	l.Toast = Rect{}
	return l
}

// stacked has the calls on top, and below them the callbacks of the chosen one and one of
// those in full; phones and faults take the place of these while they have the focus.
func stacked(w, h int, focus Pane) Layout {
	l := base(Stacked, w, h)
	l.Tabs = Rect{0, 1, w, 1}
	body := h - 3
	if h >= toastH {
		body--
	} else {
		l.Toast = Rect{}
	}
	calls := max(6, min(16, body*3/10))
	l.Panes[Calls] = Rect{0, 2, w, calls}
	rest := Rect{0, 2 + calls, w, body - calls}
	if focus == Phones || focus == Faults {
		l.Panes[focus] = rest
		return l
	}
	deliveries := max(6, min(16, rest.H*4/10))
	l.Panes[Deliveries] = Rect{0, rest.Y, w, deliveries}
	l.Panes[Inspector] = Rect{0, rest.Y + deliveries, w, rest.H - deliveries}
	return l
}

// columns gives calls and faults the left side, and the selected call the
// right one: its phones, its deliveries, and one of those in full.
func columns(w, h int) Layout {
	l := base(Columns, w, h)
	body := h - 3
	left := max(48, min(80, w*35/100))
	if w < 140 { // callbacks need the room more
		left = 47
	}
	faults := max(8, min(25, body*3/10))
	l.Panes[Calls] = Rect{0, 1, left, body - faults}
	l.Panes[Faults] = Rect{0, 1 + body - faults, left, faults}
	right := w - left
	if w >= wideW {
		l.Form = Wide
		top := max(10, body*2/5)
		phones := right * 45 / 100
		l.Panes[Phones] = Rect{left, 1, phones, top}
		l.Panes[Deliveries] = Rect{left + phones, 1, right - phones, top}
		l.Panes[Inspector] = Rect{left, 1 + top, right, body - top}
		return l
	}
	phones := max(7, min(12, body/4))
	deliveries := max(9, min(16, body/3))
	l.Panes[Phones] = Rect{left, 1, right, phones}
	l.Panes[Deliveries] = Rect{left, 1 + phones, right, deliveries}
	l.Panes[Inspector] = Rect{left, 1 + phones + deliveries, right, body - phones - deliveries}
	return l
}
