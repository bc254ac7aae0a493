package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/text"
	"ringback/tui/draw"
	"ringback/tui/history"
	"ringback/tui/jsonview"
)

// Bindings are all commands of the screen with their keys. What lists, describes or runs
// commands reads this table: the keys, the help, the bar at the bottom and the README.
func Bindings() []Binding {
	return slices.Concat(moveKeys(), callKeys(), phoneKeys(), deliveryKeys(), inspectorKeys(), faultKeys(), timeKeys(), takeKeys())
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
		bind("filter", "/", "show only calls with a number or text, or by regular expression").in(groupCalls).bar("filter").does(now(askFilter)),
		bind("invert", "!", "show the others instead").in(groupCalls).does(now((*Model).invert), func(m *Model) string {
			return reason(m.calls.Filter.Text == "", "there is no filter; / sets one")
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
		bind("traffic", "T", "background calls on and off").in(groupCalls).does(ask(func(m *Model) Command { return SwitchTraffic{On: !m.trafficOn()} }),
			(*Model).recording, func(m *Model) string { return m.cfg.Traffic }),
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
	reasons = append([]func(*Model) string{(*Model).recording, (*Model).noDelivery}, reasons...)
	return bind(name, keys, about).in(groupSend, draw.Calls, draw.Deliveries, draw.Inspector).bar(short).does(ask(func(m *Model) Command {
		m.Held = true // further keys act on the same one
		return Feed{in(m)}
	}), reasons...)
}

func deliveryKeys() []Binding {
	return []Binding{
		onDelivery("retry", "r", "make the next attempt now", "retry now", func(m *Model) sim.Input { return sim.RetryNow{Delivery: m.Delivery} }, (*Model).notWaiting),
		onDelivery("give-up", "d", "give up", "give up", func(m *Model) sim.Input { return sim.GiveUp{Delivery: m.Delivery} }, (*Model).settled).asks(func(m *Model) string {
			d := m.chosenDelivery()
			return "Give up " + draw.Word(d) + " of call " + draw.CallName(d.Call) + "? It is not sent again then, and no key takes that back."
		}),
		onDelivery("duplicate", "D", "send a duplicate: the same bytes again", "duplicate", func(m *Model) sim.Input { return sim.Duplicate{Delivery: m.Delivery} }),
		onDelivery("replay", "R", "replay: send all callbacks of the call again", "", func(m *Model) sim.Input { return sim.Replay{Call: m.Call} }),
	}
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

func takeKeys() []Binding {
	onChosen := []draw.Pane{draw.Calls, draw.Deliveries, draw.Inspector}
	return []Binding{
		bind("copy-curl", "c", "copy as curl, with the exact bytes; also into last-curl.sh").in(groupTake, onChosen...).bar("curl").does(ask(func(m *Model) Command {
			r := m.chosenDelivery().Request
			return Copy{Name: "last-curl.sh", Text: Curl(r) + "\n", Token: !r.Endpoint.Secrets().Empty()}
		}), (*Model).noDelivery),
		bind("copy-answer", "y", "copy the body of the answer").in(groupTake, onChosen...).does(ask(copyAnswer), (*Model).noDelivery),
		bind("copy-body", "Y", "copy the body of the request").in(groupTake, onChosen...).does(ask(func(m *Model) Command {
			return Copy{Name: "last-body.json", Text: string(m.chosenDelivery().Request.Body())}
		}), (*Model).noDelivery),
		bind("save-request", "w", "save the request as it was sent, head and body").in(groupTake, onChosen...).does(ask(func(m *Model) Command {
			d := m.chosenDelivery()
			return Save{Name: fileName(draw.FileOf(d.Call)+"-"+strings.TrimPrefix(draw.Word(d), "+")) + ".http", Data: d.Request.Bytes(), Secret: true, Token: !d.Request.Endpoint.Secrets().Empty()}
		}), (*Model).noDelivery),
		bind("save-scenario", "S", "save the call as a scenario for verify --features").in(groupTake).does((*Model).saveFeature, (*Model).noCall),
		bind("save-journal", "W", "save the journal so far").in(groupTake).does(ask(func(*Model) Command { return SaveJournal{} }), func(m *Model) string {
			return reason(m.cfg.Recording != "", "it is saved already: this is "+m.cfg.Recording)
		}),
	}
}

func copyAnswer(m *Model) Command {
	d := m.chosenDelivery()
	t := m.ChosenTry(d)
	if t == nil || t.Answer == "" {
		m.warn("this attempt has no answer with a body")
		return nil
	}
	c := Copy{Name: "last-answer.txt", Text: t.Answer, Token: m.history.State.Hide(d.Request.Endpoint, t.Answer) != t.Answer}
	if t.Bytes > 0 {
		c.Part = jsonview.FirstOf(len(t.Answer), t.Bytes)
	}
	return c
}

// saveFeature saves the chosen call as a scenario.
func (m *Model) saveFeature() tea.Cmd {
	en := m.chosenCall()
	data, err := history.Scenario(m.history.State, en)
	if err != nil {
		m.warn(err.Error())
		return nil
	}
	return m.submit(Save{Name: draw.FileOf(en.Number) + ".feature", Data: []byte(m.cfg.Secrets.Hide(string(data)))})
}

// fileName is a text as the name of a file: journals may hold any ids.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}
