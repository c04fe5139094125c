import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import type { Jobs } from '#service/jobs.ts'
import { type Loader, loader } from '#service/loader.ts'
import { type FindingsRow, findingsOf } from './store/findings.ts'
import { type Standing, standingOf } from './store/health.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  write: Write<DB>
  jobs: Jobs
  standing: Loader<string, Standing, void>
  findings: Loader<string, FindingsRow, void>
}

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  jobs: Jobs,
): Context => ({
  ...base,
  db,
  jobs,
  write: writing(db, base.orgId, published),
  standing: loader(async (ids) => {
    const rows = await db.read(base.orgId, (tx) => standingOf(tx, base.orgId, ids, base.clock.now()))
    return new Map(rows.map((row) => [row.customerId, row]))
  }),
  findings: loader((ids) => db.read(base.orgId, (tx) => findingsOf(tx, base.orgId, ids))),
})
