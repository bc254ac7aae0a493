// Asks Cucumber's language service what it makes of step definitions: node glue.mjs
// LANGUAGE GLUE STEPS, where STEPS is what ringback steps --json prints. Prints how many
// definitions it found, and each example that it takes for undefined or does not complete.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const require = createRequire(import.meta.url)
const service = require.resolve('@cucumber/language-service', { paths: [process.env.NODE_PATH] })
const root = path.join(service.split('/dist/')[0], 'dist')
const { ExpressionBuilder, buildSuggestions, getGherkinDiagnostics } = require(service)
const { WasmParserAdapter } = require(path.join(root, 'cjs/src/tree-sitter-wasm/WasmParserAdapter.js'))

const [language, glue, list] = process.argv.slice(2)
const steps = JSON.parse(readFileSync(list, 'utf8'))
const adapter = new WasmParserAdapter(root)
await adapter.init()
const languageName = { js: 'tsx', java: 'java', python: 'python' }[language]
const built = new ExpressionBuilder(adapter).build([{ languageName, uri: 'glue', content: readFileSync(glue, 'utf8') }], [])
for (const error of built.errors) console.log('error: ' + error.message)
const expressions = built.expressionLinks.map((link) => link.expression)
const feature = (texts) => 'Feature: x\n  Scenario: y\n' + texts.map((text) => '    Given ' + text + '\n').join('')
for (const step of steps) {
  for (const found of getGherkinDiagnostics(feature([step.example]), expressions)) console.log('undefined: ' + step.example + ': ' + found.message)
}
for (const text of ['alice dances', 'the receiver is not at all well']) {
  if (getGherkinDiagnostics(feature([text]), expressions).length === 0) console.log('defined: ' + text)
}
const suggestions = buildSuggestions(built.registry, steps.map((step) => step.example), expressions)
for (const expression of expressions) {
  if (!suggestions.some((suggestion) => suggestion.matched)) console.log('not completed: ' + expression.source)
}
console.log('found ' + expressions.length + ' of ' + steps.length)
