package main

import (
	"ringback/features"
)

// checkJudged refuses a choice of what counts, or of whose calls are judged, that
// there is not.
func checkJudged(command, level, callTypes string) error {
	if err := checkWord(command, "level", level, levels); err != nil {
		return err
	}
	return checkWord(command, "call-types", callTypes, features.CallTypes)
}

// The help of flags that say in verify and in explore what is judged.
const (
	subscribeHelp = "judge a receiver that takes these callback `words` and commands only, comma-separated (default all)"
	callTypesHelp = "leave out calls of another type than this `word`: single, group or all"
)
