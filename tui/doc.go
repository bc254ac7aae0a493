// Package tui is the screen of a run: its calls, their phones with what these
// see, the callbacks with their attempts, and the faults, with keys that act on
// all of them.
//
// [Model] is the only model. It is pure: Update folds events into what is known of
// the run (package history) and turns keys into a [Command], View draws that; neither
// reads a clock, a file or the network. All of that is behind a [Simulation],
// which a live run or a [Recording] is. The screen is divided by [draw.Arrange], a
// pure function, and each pane (package pane) draws itself into its rectangle. Keys
// are data ([Bindings]): the help, the bar at the bottom and the table of the README
// beside this are made from them.
//
// The one invariant: View never draws more than the size it was told, whatever
// the journal holds; texts of receivers and users cannot move the cursor.
//
// All that has to do with the terminal is Bubble Tea's: [Model.View] says that
// it wants the whole screen, and whether it takes the mouse; how many colors
// there are, and when the size changes, it is told in messages; repainting,
// suspending and the clipboard are commands. The model never writes to a terminal
// or asks it for anything, and nothing that this package imports does so before
// a program runs.
//
// [Play] drives the same model without a terminal, from a script of keys.
package tui
