package cli

import (
	"ringback/features"
)

// CheckJudged refuses a choice of what counts, or of whose calls are judged, that
// there is not.
func CheckJudged(command, level, callTypes string) error {
	if err := CheckWord(command, "level", level, Levels); err != nil {
		return err
	}
	return CheckWord(command, "call-types", callTypes, features.CallTypes)
}

// The help of flags that say in verify and in explore what is judged.
const (
	SubscribeHelp = "judge a receiver that takes these callback `words` and commands only, comma-separated (default all)"
	CallTypesHelp = "leave out calls of another type than this `word`: single, group or all"
)
