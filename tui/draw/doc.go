// Package draw has the primitives of the terminal screen: the layout for a size
// ([Arrange]), untrusted text in a given number of cells ([Glyphs.Clean], [Cut], [Wrap]),
// colors ([Theme]), and all characters beyond ASCII ([Glyphs]).
//
// The one invariant: what is drawn takes exactly its cells, in any terminal; no text
// moves the cursor or changes the color of another.
package draw
