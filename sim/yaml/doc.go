// Package yaml reads the YAML files that people write (settings, scripts,
// traffic presets) into one tree of nodes with their lines.
//
// It gives what YAML 1.2 says or an error with the line: anchors, aliases and
// merge keys are resolved; tags, directives but %YAML, a second document, keys
// that stand twice and control characters are refused. Scalars keep the text as it
// was written besides what they are, so that an id 007 can be read as text.
package yaml
