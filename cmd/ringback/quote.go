package main

import "ringback/sim/text"

// quote makes a word of the shell.
func quote(s string) string { return text.Shell(s) }
