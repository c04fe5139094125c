import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The supergraph as it was composed at build time. */
export const composedSupergraph = (): string =>
  readFileSync(join(import.meta.dirname, '../../schema/generated/supergraph.graphql'), 'utf8')
