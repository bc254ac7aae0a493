// Holds the schemas of standard input to their own schema, and samples to them.
const Ajv = require('ajv/dist/2020')
const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': true } })
const all = JSON.parse(require('fs').readFileSync(0))
for (const { name, schema, valid, invalid } of all) {
  const validate = ajv.compile(schema)
  for (const v of valid || []) {
    if (!validate(v)) console.log(name, 'refuses', JSON.stringify(v).slice(0, 200), JSON.stringify(validate.errors.slice(0, 5)))
  }
  for (const v of invalid || []) {
    if (validate(v)) console.log(name, 'allows', JSON.stringify(v).slice(0, 200))
  }
}
console.log(`${all.length} schemas`)
