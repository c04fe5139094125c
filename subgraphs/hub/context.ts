import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/hub.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import type { SyncRunRow } from './domain/sync-run.ts'
import { type ApiKeyRow, apiKeysById } from './store/api-keys.ts'
import { type AuditActorRow, namesOfActors } from './store/audit.ts'
import { type IntegrationRow, integrationsById } from './store/integrations.ts'
import { type RunsPage, syncRunsOf } from './store/sync-runs.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  /** Say it after a commit that published events, and they are moved at once. */
  published(): void
  apiKeys: Loader<string, ApiKeyRow, void>
  integrations: Loader<string, IntegrationRow, void>
  /** Names of people and keys, by their ids. */
  actorNames: Loader<string, string, AuditActorRow['kind']>
  /** Pages of runs by connection. */
  syncRuns: Loader<string, SyncRunRow[], RunsPage>
}

const byId = <T extends { id: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

export const contextOf = (db: Database<DB>, published: () => void, base: BaseContext): Context => {
  const { orgId } = base
  return {
    ...base,
    db,
    published,
    apiKeys: loader(async (ids) => byId(await db.read(orgId, (tx) => apiKeysById(tx, orgId, ids)))),
    integrations: loader(async (ids) => byId(await db.read(orgId, (tx) => integrationsById(tx, orgId, ids)))),
    actorNames: loader((ids, kind) => db.read(orgId, (tx) => namesOfActors(tx, orgId, kind, ids))),
    syncRuns: loader((ids, page) => db.read(orgId, (tx) => syncRunsOf(tx, orgId, ids, page))),
  }
}
