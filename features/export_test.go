package features

// Slug is a name as a tag.
var Slug = slug

// Thens are the steps that ask something of the receiver.
var Thens = thens
