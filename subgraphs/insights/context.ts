import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import { settingsOf } from './domain/settings.ts'
import { enrichmentsOf, type KeptEnrichment } from './store/enrichments.ts'
import { type FindingsRow, findingsOf } from './store/findings.ts'
import { type Standing, standingOf } from './store/health.ts'
import { heldSettings } from './store/settings.ts'
import type { Outside } from './sync/outside.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  write: Write<DB>
  standing: Loader<string, Standing, void>
  findings: Loader<string, FindingsRow, void>
  /** What is written about customers, with after how many days that is old. */
  enrichments: Loader<string, KeptEnrichment & { refreshDays: number }, void>
  /** Who outside can be asked about customers. */
  reachable: Outside['reachable']
}

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  { reachable }: Outside,
): Context => ({
  ...base,
  db,
  write: writing(db, base.orgId, published),
  standing: loader(async (ids) => {
    const rows = await db.read(base.orgId, (tx) => standingOf(tx, base.orgId, ids, base.clock.now()))
    return new Map(rows.map((row) => [row.customerId, row]))
  }),
  findings: loader((ids) => db.read(base.orgId, (tx) => findingsOf(tx, base.orgId, ids))),
  enrichments: loader((ids) =>
    db.read(base.orgId, async (tx) => {
      const rows = await enrichmentsOf(tx, base.orgId, ids)
      const { refreshDays } = settingsOf((await heldSettings(tx, base.orgId)).document).enrichment
      return new Map([...rows].map(([id, row]) => [id, { ...row, refreshDays }]))
    }),
  ),
  reachable,
})
