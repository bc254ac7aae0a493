// Package draw draws for terminals: where everything is on a screen of a size
// ([Arrange]), texts of any origin in a given number of cells ([Glyphs.Clean],
// [Cut], [Wrap]), colors ([Theme]) and all characters beyond ASCII ([Glyphs]).
//
// The one invariant: what is drawn takes as many cells as it was given, in each
// terminal; no text moves the cursor or changes a color that is not its own.
package draw
