package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/tui/draw"
	"ringback/tui/pane"
)

// Bindings are all commands of the screen with their keys. What lists, describes or runs
// commands reads this table: the keys, the help, the bar at the bottom and the README.
func Bindings() []Binding {
	return slices.Concat(moveKeys(), callKeys(), phoneKeys(), deliveryKeys(), inspectorKeys(), faultKeys(), timeKeys(), takeKeys(), tapeKeys())
}

func moveKeys() []Binding {
	list := []Binding{
		bind("next-pane", "tab", "the next pane").in(groupPanes).bar("pane").does(now(func(m *Model) { m.setFocus(m.focus%draw.Panes + 1) })),
		bind("previous-pane", "shift+tab", "the pane before").in(groupPanes).does(now(func(m *Model) { m.setFocus((m.focus+draw.Panes-2)%draw.Panes + 1) })),
	}
	for p := draw.Calls; p <= draw.Panes; p++ {
		list = append(list, bind(strings.ToLower(p.String()), strconv.Itoa(int(p)), p.String()).in(groupPanes).does(now(func(m *Model) { m.setFocus(p) })))
	}
	move := func(by func(*Model) int) func(*Model) tea.Cmd { return now(func(m *Model) { m.move(by(m)) }) }
	return append(list,
		bind("up", "up k", "one row up").in(groupMove).does(move(func(*Model) int { return -1 })),
		bind("down", "down j", "one row down").in(groupMove).does(move(func(*Model) int { return 1 })),
		bind("page-up", "pgup ctrl+b", "a page up").in(groupMove).does(move(func(m *Model) int { return -m.page() })),
		bind("page-down", "pgdown ctrl+f", "a page down").in(groupMove).does(move(func(m *Model) int { return m.page() })),
		bind("first", "home g", "the first row").in(groupMove).does(move(func(*Model) int { return -1 << 30 })),
		bind("last", "end G", "the last row").in(groupMove).does(move(func(*Model) int { return 1 << 30 })),
		bind("left", "left h", "the pane to the left").in(groupPanes, draw.Calls, draw.Phones).does(now(func(m *Model) { m.sideways(-1) })),
		bind("right", "right l", "the pane to the right").in(groupPanes, draw.Calls, draw.Phones).does(now(func(m *Model) { m.sideways(1) })),
		bind("open", "enter", "open what the cursor is on").in(groupMove, draw.Calls, draw.Phones, draw.Deliveries, draw.Inspector).bar("open").does(now((*Model).open)),
		bind("back", "esc", "close, clear the filter, go back; never quits").in(groupMove).does(now((*Model).back)),
		bind("full-screen", "f", "give the pane the whole screen, or end that").in(groupPanes).does(now((*Model).zoom)),
		bind("help", "?", "all keys").in(groupMove).bar("keys").does(now(func(m *Model) { m.overlay = &helpWindow{under: m.overlay} })).anySize(),
		bind("palette", ": ctrl+p", "all commands by name").in(groupMove).does(now(func(m *Model) { m.overlay = &paletteWindow{} })),
		bind("mouse", "M", "take the mouse, or leave it to the terminal for selecting text").in(groupMove).does(now((*Model).switchMouse)),
		bind("redraw", "ctrl+l", "redraw the screen").in(groupMove).does(func(*Model) tea.Cmd { return tea.ClearScreen }).anySize(),
		bind("suspend", "ctrl+z", "suspend to the shell; fg resumes").in(groupMove).does(func(*Model) tea.Cmd { return tea.Suspend }).anySize(),
		bind("quit", "q ctrl+c", "quit").in(groupMove).bar("quit").does(func(*Model) tea.Cmd { return tea.Quit }).anySize(),
	)
}

func callKeys() []Binding {
	return []Binding{
		bind("new-call", "n", "a new call: who calls whom, how, and how it ends").in(groupCalls).bar("new call").does(now(func(m *Model) { m.overlay = newFormWindow(m) }), (*Model).recording),
		bind("call-again", "N", "a new call as the form has it, without asking").in(groupCalls).does((*Model).placeAgain, (*Model).recording),
		bind("call-like", "E", "the chosen call again, with a change: the form as that call has it").in(groupCalls).does(now((*Model).likeChosen), (*Model).recording, (*Model).noCall),
		bind("filter", "/", "show only some calls: text, fields like code:500, regular expressions").in(groupCalls, draw.Calls).bar("filter").does(now(askFilter)),
		bind("search", "/", "search for a text in the pane").in(groupMove, draw.Phones, draw.Deliveries, draw.Inspector, draw.Faults).bar("search").does(now(askSearch)),
		bind("next-match", ";", "the next place with the text").in(groupMove).does(now(func(m *Model) { m.find(1) }), (*Model).noSearch),
		bind("previous-match", ",", "the place with the text before").in(groupMove).does(now(func(m *Model) { m.find(-1) }), (*Model).noSearch),
		bind("invert", "!", "show the others instead").in(groupCalls).does(now((*Model).invert), func(m *Model) string {
			return reason(m.calls.Filter.Text == "", "there is no filter; "+m.keyFor("filter")+" sets one")
		}),
		bind("sort", "s", "sort by newest, by trouble, by state").in(groupCalls, draw.Calls).bar("sort").does(now((*Model).sortCalls)),
		bind("follow", "F", "follow the newest call").in(groupCalls).does(now((*Model).followCalls)),
		bind("next-failure", "]", "the next callback that has failed").in(groupCalls).does(now(func(m *Model) { m.jump(false, 1) }), (*Model).noFailure),
		bind("previous-failure", "[", "the failed callback before").in(groupCalls).does(now(func(m *Model) { m.jump(false, -1) }), (*Model).noFailure),
		bind("next-failed-attempt", ")", "the next attempt that has failed").in(groupCalls).does(now(func(m *Model) { m.jump(true, 1) }), (*Model).noFailure),
		bind("previous-failed-attempt", "(", "the failed attempt before").in(groupCalls).does(now(func(m *Model) { m.jump(true, -1) }), (*Model).noFailure),
		bind("end-call", "X", "the app's backend ends the call (REST API)").in(groupCalls, draw.Calls, draw.Phones).asks(func(m *Model) string {
			return "End call " + draw.CallName(m.chosenCall().Number) + " for everyone in it, as the app's backend does?"
		}).does(
			ask(func(m *Model) Command {
				return Feed{sim.Act{Call: m.Call, Action: call.Action{Do: call.DoEndByServer}}}
			}),
			(*Model).recording, (*Model).noCall, func(m *Model) string { return m.forbids(call.Action{Do: call.DoEndByServer}) },
		),
		bind("traffic", "T", "background calls on, at a rate, and off").in(groupCalls).does((*Model).turnTraffic,
			(*Model).recording, func(m *Model) string { return m.cfg.Traffic }),
		bind("target", "A", "another receiver: the address that callbacks go to from now on").in(groupCalls).does(now(askTarget), (*Model).recording, func(m *Model) string {
			return reason(m.cfg.Remote != "", "a server's backend registers its address itself, with v1/callback/set or v4/call_config/set_callback")
		}),
		bind("dialect", "L", "choose another dialect where the documents disagree").in(groupCalls).does(now(func(m *Model) { m.overlay = &dialectWindow{} })),
	}
}

// acts makes a key for an action of the chosen phone.
func acts(name, keys, about, short string, action func(*Model) call.Action) Binding {
	b := bind(name, keys, about).in(groupPhone, draw.Phones).does(
		ask(func(m *Model) Command { return Feed{sim.Act{Call: m.Call, Action: action(m)}} }),
		(*Model).recording, (*Model).noCall, func(m *Model) string { return m.forbids(action(m)) },
	)
	return b.bar(short)
}

// simply returns an action that needs only a phone.
func simply(do call.Verb) func(*Model) call.Action {
	return func(m *Model) call.Action { return call.Action{Do: do, By: m.User} }
}

// toggles returns an action that switches something of the phone on or off.
func toggles(do call.Verb, kind call.FactKind) func(*Model) call.Action {
	return func(m *Model) call.Action {
		on := m.chosenCall() != nil && m.toggled(m.chosenCall(), do, kind)
		return call.Action{Do: do, By: m.User, Detail: call.Detail{On: !on}}
	}
}

func phoneKeys() []Binding {
	return []Binding{
		acts("answer", "a", "answer", "answer", simply(call.DoAccept)),
		acts("decline", "x", "decline", "reject", simply(call.DoReject)),
		acts("hang-up", "e", "hang up; leave a group call; cancel or decline one that rings", "end", ending),
		acts("mic", "m", "mute, unmute", "mic", toggles(call.DoMic, call.MicToggled)),
		acts("camera", "v", "camera on, off", "camera", toggles(call.DoCamera, call.CameraToggled)),
		bind("invite", "i", "invite someone into a group call").in(groupPhone, draw.Phones).bar("invite").does(now(askInvite),
			(*Model).recording, (*Model).noCall, func(m *Model) string {
				return m.forbids(call.Action{Do: call.DoInvite, By: m.User, Users: []string{"nobody-yet"}})
			}),
		acts("withdraw", "w", "withdraw the invitation of the chosen user", "", func(m *Model) call.Action {
			a := call.Action{Do: call.DoCancelInvite, Users: []string{m.User}}
			if en := m.chosenCall(); en != nil {
				a.By = en.Caller()
			}
			return a
		}),
		bind("join", "J", "someone joins a group call on their own").in(groupPhone, draw.Phones).does(now(askJoin),
			(*Model).recording, (*Model).noCall, func(m *Model) string { return m.forbids(call.Action{Do: call.DoJoin, By: "nobody-yet"}) }),
		acts("lose-line", "o", "lose the line, in the call or ringing: everyone notices", "", simply(call.DoLoseLine)),
		acts("battery", "z", "pull the battery: no one notices until the heartbeat expires", "battery", simply(call.DoPullBattery)),
		acts("second-login", "K", "a second login elsewhere throws this phone out", "", simply(call.DoSecondLogin)),
		acts("expire-sig", "u", "the UserSig expires", "", simply(call.DoExpireSig)),
	}
}

// ending returns the action by which the chosen phone leaves the call in its current
// state.
func ending(m *Model) call.Action {
	a := call.Action{Do: call.DoHangUp, By: m.User}
	en := m.chosenCall()
	if en == nil {
		return a
	}
	switch mb, role := en.Find(m.User); {
	case mb == nil:
	case mb.Status == call.Alerting:
		a.Do = call.DoReject
	case role == call.Caller && en.Phase == call.Ringing:
		a.Do = call.DoCancel
	}
	return a
}

// onDelivery makes a key that does something to the chosen callback.
func onDelivery(name, keys, about, short string, in func(*Model) sim.Input, reasons ...func(*Model) string) Binding {
	return onPicked(name, keys, about, short, func(m *Model) []sim.Input { return []sim.Input{in(m)} }, reasons...)
}

// onPicked makes a key that does something to each of several callbacks or calls.
func onPicked(name, keys, about, short string, in func(*Model) []sim.Input, reasons ...func(*Model) string) Binding {
	reasons = append([]func(*Model) string{(*Model).recording, (*Model).noDelivery}, reasons...)
	return bind(name, keys, about).in(groupSend, draw.Calls, draw.Deliveries, draw.Inspector).bar(short).does(func(m *Model) tea.Cmd {
		m.Held, m.awaited = true, nil // further keys act on the same one
		var cmds []tea.Cmd
		for _, i := range in(m) {
			cmds = append(cmds, m.submit(Feed{i}))
		}
		return tea.Batch(cmds...)
	}, reasons...)
}

func deliveryKeys() []Binding {
	return []Binding{
		onDelivery("retry", "r", "make the next attempt now", "retry now", func(m *Model) sim.Input { return sim.RetryNow{Delivery: m.Delivery} }, (*Model).notWaiting),
		onDelivery("give-up", "d", "give up", "give up", func(m *Model) sim.Input { return sim.GiveUp{Delivery: m.Delivery} }, (*Model).settled).asks(func(m *Model) string {
			d := m.chosenDelivery()
			return "Give up " + draw.Word(d) + " of call " + draw.CallName(d.Call) + "? It is not sent again then, and no key takes that back."
		}),
		onPicked("duplicate", "D", "send a duplicate: the same bytes again", "duplicate", func(m *Model) (list []sim.Input) {
			for _, d := range m.picked() {
				list = append(list, sim.Duplicate{Delivery: d.ID})
			}
			return list
		}),
		replaying(),
	}
}

// replaying is the key that sends all callbacks of calls again: from a recording they go
// to the receiver of --target.
func replaying() Binding {
	b := onPicked("replay", "R", "replay: send all callbacks of the call again", "", func(m *Model) (list []sim.Input) {
		for _, en := range m.pickedCalls() {
			list = append(list, sim.Replay{Call: en.ID})
		}
		return list
	})
	live := b.do
	return b.does(func(m *Model) tea.Cmd {
		if m.cfg.Recording != "" {
			return m.resend()
		}
		return live(m)
	}, (*Model).noReceiver, (*Model).noDelivery)
}

func inspectorKeys() []Binding {
	turn := func(by int) func(*Model) tea.Cmd {
		return now(func(m *Model) { m.choose(m.inspector.Turn(m.view(), by)) })
	}
	return []Binding{
		bind("previous-attempt", "left h", "the attempt before").in(groupLook, draw.Deliveries, draw.Inspector).does(turn(-1), (*Model).noDelivery),
		bind("next-attempt", "right l", "the next attempt").in(groupLook, draw.Deliveries, draw.Inspector).does(turn(1), (*Model).noDelivery),
		bind("compare", "=", "what differs from the attempt before").in(groupLook, draw.Deliveries, draw.Inspector).bar("compare").does(
			now(func(m *Model) { m.inspector.Compare, m.inspector.Top = !m.inspector.Compare, 0 }), (*Model).noDelivery),
	}
}

func faultKeys() []Binding {
	// Only enter sends a fault's settings: a letter that was typed in the wrong pane
	// must not change what the receiver gets.
	turn := func(by int) func(*Model) tea.Cmd { return now(func(m *Model) { m.faults.Turn(by) }) }
	fixed := func(m *Model) string { return m.faults.Fixed() }
	return []Binding{
		bind("switch-fault", "enter", "switch the fault on as it is set, or off").in(groupFault, draw.Faults).bar("on/off").does(ask(func(m *Model) Command {
			return Feed{sim.SetFaults{On: m.faults.Toggled(m.faultsOn())}}
		}), (*Model).recording),
		bind("less", "left h", "less of it").in(groupFault, draw.Faults).does(turn(-1), (*Model).recording, fixed),
		bind("more", "right l", "more of it").in(groupFault, draw.Faults).bar("amount").does(turn(1), (*Model).recording, fixed),
		bind("scope", "t", "in all calls, in the chosen call, for the chosen word").in(groupFault, draw.Faults).bar("call/all").does(
			now(func(m *Model) { m.faults.Widen(m.view()) }), (*Model).recording),
		bind("share", "%", "for all callbacks in scope, or a share of them").in(groupFault, draw.Faults).bar("share").does(
			now(func(m *Model) { m.faults.Thin() }), (*Model).recording),
		bind("faults-off", "O", "switch all faults off").in(groupFault).asks(func(m *Model) string {
			return "Switch off " + text.Count(len(m.faultsOn()), "fault") + "? Their settings are kept."
		}).does(ask(func(*Model) Command { return Feed{sim.SetFaults{}} }), (*Model).recording,
			func(m *Model) string { return reason(len(m.faultsOn()) == 0, "no fault is on") }),
	}
}

func timeKeys() []Binding {
	// The screen has the new clock at once: a second key may follow before the simulation
	// has reported the first.
	pause := ask(func(m *Model) Command {
		if m.clock.Paused = !m.clock.Paused; m.clock.Paused {
			return SetClock{Do: Pause}
		}
		return SetClock{Do: Resume}
	})
	pace := func(by int) func(*Model) tea.Cmd {
		return ask(func(m *Model) Command {
			m.clock.Pace = faster(m.clock.Pace, by)
			return SetClock{Do: SetPace, Pace: m.clock.Pace}
		})
	}
	return []Binding{
		bind("pause", "space p", "pause, go on").in(groupTime).bar("pause").does(pause),
		bind("step", ".", "step: go to what is due next, and pause").in(groupTime).bar("step").does(ask(func(m *Model) Command {
			m.clock.Paused = true
			return SetClock{Do: Step}
		})),
		bind("faster", "+", "faster").in(groupTime).bar("speed").does(pace(1)),
		bind("slower", "-", "slower").in(groupTime).does(pace(-1)),
		bind("real-time", "0", "real time").in(groupTime).does(ask(func(m *Model) Command {
			m.clock.Pace = "real"
			return SetClock{Do: SetPace, Pace: "real"}
		})),
	}
}

// take makes a command about what is taken away, with its letter in the menu.
func take(letter, name, keys, about string, do func(*Model) tea.Cmd, reasons ...func(*Model) string) Binding {
	b := bind(name, keys, about).in(groupTake, draw.Calls, draw.Deliveries, draw.Inspector).does(do, reasons...)
	b.Letter = letter
	if keys == "" {
		b.SetHelp("c "+letter, about)
	}
	return b
}

func takeKeys() []Binding {
	onChosen := []draw.Pane{draw.Calls, draw.Deliveries, draw.Inspector}
	withPhones := append([]draw.Pane{draw.Phones}, onChosen...)
	body := func(r *delivery.Request) string { return string(r.Body()) }
	line := func(of func(*delivery.Request) string) func(*delivery.Request) string {
		return func(r *delivery.Request) string { return of(r) + "\n" }
	}
	list := []Binding{
		bind("take", "c", "copy or save: curl, request, answer, the call").in(groupTake, withPhones...).bar("take").does(now(func(m *Model) { m.overlay = &takeWindow{} }), (*Model).noCall),
		take("c", "copy-curl", "", "copy as curl, with the exact bytes; also into last-curl.sh", copyEach("last-curl.sh", "", line(Curl)), (*Model).noDelivery),
		take("h", "copy-httpie", "", "copy as HTTPie; also into last-httpie.sh", copyEach("last-httpie.sh", "", line(HTTPie)), (*Model).noDelivery),
		take("r", "copy-request", "", "copy the request as it was sent, head and body", copyEach("last-request.txt", "\n\n", func(r *delivery.Request) string { return string(r.Bytes()) }), (*Model).noDelivery),
		take("w", "save-request", "", "save the request as .http, for editors that send such files", (*Model).saveRequests, (*Model).noDelivery),
		take("b", "copy-body", "Y", "copy the body of the request", copyEach("last-body.json", "\n", body), (*Model).noDelivery),
		take("a", "copy-answer", "y", "copy the body of the answer", ask(copyAnswer), (*Model).noDelivery),
		take("e", "copy-events", "", "copy the events of the chosen phone, in full", ask(func(m *Model) Command {
			return Copy{Name: "last-events.txt", Text: pane.Events(m.view())}
		}), (*Model).noCall, (*Model).noEvents),
		take("i", "copy-callid", "", "copy the CallId", ask(copyIDs), (*Model).noCall),
		take("j", "copy-call", "", "copy the whole call as JSON, with callbacks and answers", ask(copyCalls), (*Model).noCall),
		take("s", "save-scenario", "S", "save the call as a scenario for verify --features", (*Model).saveFeature, (*Model).noCall),
		bind("mark", "m", "mark for take, duplicate and replay, or unmark; esc unmarks all").in(groupTake, onChosen...).does(now((*Model).mark), func(m *Model) string {
			if m.focus == draw.Calls {
				return m.noCall()
			}
			return m.noDelivery()
		}),
		bind("save-journal", "W", "save the journal so far").in(groupTake).does(ask(func(*Model) Command { return SaveJournal{} }), func(m *Model) string {
			return reason(m.cfg.Recording != "", "it is saved already: this is "+m.cfg.Recording)
		}),
		bind("keep-generation", "ctrl+s", "keep the generation of the form in the settings file").in(groupTake).asks((*Model).keepQuestion).does((*Model).keepGeneration, (*Model).noGeneration),
	}
	for i := range list {
		switch list[i].Name {
		case "save-scenario":
			list[i].Panes = nil
		case "copy-events", "copy-callid", "copy-call":
			list[i].Panes = withPhones
		}
	}
	return list
}
