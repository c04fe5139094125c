/**
 * Takes what is promised today as what must be kept: `node operations/baseline.ts`, with each release. `npm run check` compares
 * with it and refuses what breaks it, unless docs/breaking-changes.md declares it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_FILE, OPENAPI_FILE } from './manifest.ts'
import type { OpenApi } from './openapi/index.ts'
import { promiseOf } from './openapi/promise.ts'

const FOLDER = join(import.meta.dirname, 'baseline')

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'api.graphql'), readFileSync(API_FILE, 'utf8'))
  const promise = promiseOf(JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')) as OpenApi)
  const lines = Object.entries(promise).map(
    ([route, one]) => `${JSON.stringify(route)}:${JSON.stringify(one)}`,
  )
  writeFileSync(join(FOLDER, 'rest.json'), `{\n${lines.join(',\n')}\n}\n`)
}
