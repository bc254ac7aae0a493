// Package tui is the terminal screen of a run: the calls, their phones with the events
// that these see, the callbacks with their attempts, and the faults, with keys that act
// on all of them.
//
// [Model] is the only model. It is pure: Update folds events into the history of the run
// (package history) and turns keys into a [Command], View draws; neither reads a clock, a
// file or the network. Those are behind a [Simulation], which is a live run or a
// [Recording]. The screen is divided by [draw.Arrange], a pure function, and each pane
// (package pane) draws itself into its rectangle. Keys are data: one table
// ([Bindings]) has each command with its name, keys, panes and reasons why it does nothing
// now. The keys, the help, the list of all commands, the menu of what can be taken away,
// the bar at the bottom, the settings ([ParseKeys]) and the README are made from it.
//
// The one invariant: View never draws beyond its size, whatever the journal holds; texts
// of receivers and users cannot move the cursor.
//
// Bubble Tea owns the terminal: [Model.View] asks for the whole screen and the mouse; the
// number of colors and the size arrive as messages; repainting, suspending and the
// clipboard are commands. The model never writes to a terminal or queries it, nor does
// anything that this package imports before a program runs.
//
// Of bubbles the screen uses key alone. Its help, viewport, table, textinput and list import
// lipgloss, which at its import looks at the terminal and runs tmux where there is one, in
// each command of the program. They also can't do what is needed here: the help has no
// reasons and no search, and is no table for a page; the viewport and the list draw all
// lines before they cut some out; the table has no columns that give way to each other;
// the textinput has no text that is spelled out for terminals; and all of them style
// texts of others without escaping them.
//
// [Play] drives the same model without a terminal, from a script of keys.
package tui
