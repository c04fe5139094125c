import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import { type Standing, standingOf } from './store/health.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  standing: Loader<string, Standing, void>
}

export const contextOf = (db: Database<DB>, base: BaseContext): Context => ({
  ...base,
  db,
  standing: loader(async (ids) => {
    const rows = await db.read(base.orgId, (tx) => standingOf(tx, base.orgId, ids))
    return new Map(rows.map((row) => [row.customerId, row]))
  }),
})
