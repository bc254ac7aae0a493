// Package tui is the terminal screen of a run: the calls, their phones with the events
// that these see, the callbacks with their attempts, and the faults, with keys that act
// on all of them.
//
// [Model] is the only model. It is pure: Update folds events into the history of the run
// (package history) and turns keys into a [Command], View draws; neither reads a clock, a
// file or the network. Those are behind a [Simulation], which is a live run or a
// [Recording]. The screen is divided by [draw.Arrange], a pure function, and each pane
// (package pane) draws itself into its rectangle. Keys are data ([Bindings]): the help,
// the bar at the bottom and the table in the folder's README are made from them.
//
// The one invariant: View never draws beyond its size, whatever the journal holds; texts
// of receivers and users cannot move the cursor.
//
// Bubble Tea owns the terminal: [Model.View] asks for the whole screen and the mouse; the
// number of colors and the size arrive as messages; repainting, suspending and the
// clipboard are commands. The model never writes to a terminal or queries it, nor does
// anything that this package imports before a program runs.
//
// [Play] drives the same model without a terminal, from a script of keys.
package tui
