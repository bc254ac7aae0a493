// Package report says what a run of the contract suite found: the scenarios with what
// happened in each, the causes of what failed, the clauses that were judged. It writes
// that for a terminal, as annotations of GitHub Actions, and to files of the kinds that
// [Writers] has.
//
// A [Report] is data: package features fills it in, and nothing here asks a receiver.
package report
