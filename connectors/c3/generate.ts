/** Writes `generated/schemas.ts`: what `openapi.yaml` promises as types. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'

const here = (path: string): URL => new URL(path, import.meta.url)

const { components } = parse(readFileSync(here('openapi.yaml'), 'utf8'), { merge: true }) as {
  components: { schemas: object }
}
// OpenAPI 3.1 writes JSON Schema; only the place where the shapes stand has another name.
const shapes = JSON.stringify(components.schemas).replaceAll('#/components/schemas/', '#/$defs/')
const text = await compile({ $defs: JSON.parse(shapes) as object, type: 'object' }, 'C3', {
  unreachableDefinitions: true,
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  bannerComment: '// Made by connectors/c3/generate.ts from openapi.yaml. Do not edit.',
  style: { singleQuote: true, semi: false, printWidth: 110 },
})
const own = text
  .replaceAll(
    /^ \*(?:\n \*)? This (?:interface|type) was referenced by `C3`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/gm,
    '',
  )
  .replaceAll(/\/\*\*\n( \*\n)? \*\/\n/g, '')
  .replace(/\/\*\*\n \*\/\nexport interface C3 {}\n|export interface C3 {}\n/, '')
mkdirSync(here('generated'), { recursive: true })
writeFileSync(here('generated/schemas.ts'), own)
