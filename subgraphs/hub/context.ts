import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/hub.ts'
import type { Vault } from '#kernel/vault.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import type { SealedTurn } from './domain/conversation.ts'
import type { SyncRunRow } from './domain/sync-run.ts'
import { type ApiKeyRow, apiKeysById } from './store/api-keys.ts'
import { turnsOf } from './store/conversations.ts'
import { type IntegrationRow, integrationsById } from './store/integrations.ts'
import { type RunsPage, syncRunsOf } from './store/sync-runs.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  /** Say it after a commit that published events, and they are moved at once. */
  published(): void
  apiKeys: Loader<string, ApiKeyRow, void>
  integrations: Loader<string, IntegrationRow, void>
  /** Pages of runs by connection. */
  syncRuns: Loader<string, SyncRunRow[], RunsPage>
  /** Pages of turns by conversation, sealed. */
  conversationTurns: Loader<string, SealedTurn[], { limit: number; before: number | null }>
  /** Opens what people said. Absent without keys: then nothing of it is kept. */
  vault?: Vault | undefined
}

const byId = <T extends { id: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  vault?: Vault,
): Context => {
  const { orgId } = base
  return {
    ...base,
    db,
    published,
    vault,
    conversationTurns: loader((ids, page) => db.read(orgId, (tx) => turnsOf(tx, orgId, ids, page))),
    apiKeys: loader(async (ids) => byId(await db.read(orgId, (tx) => apiKeysById(tx, orgId, ids)))),
    integrations: loader(async (ids) => byId(await db.read(orgId, (tx) => integrationsById(tx, orgId, ids)))),
    syncRuns: loader((ids, page) => db.read(orgId, (tx) => syncRunsOf(tx, orgId, ids, page))),
  }
}
