// Package yaml reads the YAML files that people write (settings, scripts,
// traffic presets) into one tree of nodes with their lines.
//
// It reads files as YAML 1.2, or returns an error with the line: anchors, aliases and
// merge keys are resolved; tags, directives other than %YAML, a second document,
// duplicate keys and control characters are refused. Scalars keep the text as written
// besides their kind, so that an id 007 can be read as text.
package yaml
