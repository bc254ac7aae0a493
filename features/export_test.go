package features

import "time"

// A busy machine must not look like a probe that sees nothing.
func init() { minSight = time.Minute }

// Slug is a name as a tag.
var Slug = slug

// Thens are the steps that ask something of the receiver.
var Thens = thens

// MainTo is Main with other streams and another environment.
var MainTo = mainTo
