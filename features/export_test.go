package features

// Slug is a name as a tag.
var Slug = slug
