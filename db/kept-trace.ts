import { type RawBuilder, sql } from 'kysely'
import { byChance } from '#kernel/planning.ts'
import { traceToKeep } from '#telemetry/traces.ts'

const MARK = 'kept-trace:'

/**
 * The trace of what is being done, as a value of a statement; null outside of any. What is planned may be confirmed in another
 * request, so it is no part of what is compared: one text in any case, written so that it stands nowhere else.
 */
export const keptTrace = (): RawBuilder<string | null> =>
  sql`nullif(substr(${byChance(`${MARK}${traceToKeep() ?? ''}`)}, ${MARK.length + 1}::integer), '')`
