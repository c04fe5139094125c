import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/hub.ts'
import type { Vault } from '#kernel/vault.ts'
import type { BaseContext } from '#service/context.ts'
import { type Loader, loader } from '#service/loader.ts'
import type { SealedTurn } from './domain/conversation.ts'
import type { SyncRunRow } from './domain/sync-run.ts'
import { type ApiKeyRow, apiKeysById } from './store/api-keys.ts'
import {
  type AuditActorRow,
  type AuditEntryRow,
  type AuditedCustomer,
  type AuditPage,
  auditOfCustomers,
  namesOfActors,
} from './store/audit.ts'
import { turnsOf } from './store/conversations.ts'
import {
  type DeliveriesPage,
  deliveryPages,
  type PartnerDeliveryRow,
  type PartnerDeliveryTryRow,
  triesOf,
} from './store/deliveries.ts'
import { type IntegrationRow, integrationsById } from './store/integrations.ts'
import { type RunsPage, syncRunsOf } from './store/sync-runs.ts'
import { type PartnerWebhookRow, waitingCounts, webhooksById } from './store/webhooks.ts'
import type { Partners } from './sync/partners.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  /** Say it after a commit that published events, and they are moved at once. */
  published(): void
  apiKeys: Loader<string, ApiKeyRow, void>
  integrations: Loader<string, IntegrationRow, void>
  /** Names of people and keys, by their ids. */
  actorNames: Loader<string, string, AuditActorRow['kind']>
  /** Pages of changes by customer, each as JSON. */
  customerAudits: Loader<string, AuditEntryRow[], AuditPage>
  /** Pages of runs by connection. */
  syncRuns: Loader<string, SyncRunRow[], RunsPage>
  partnerWebhooks: Loader<string, PartnerWebhookRow, void>
  /** How many events wait, by webhook. */
  waiting: Loader<string, number, void>
  /** Pages of deliveries by webhook. */
  deliveries: Loader<string, PartnerDeliveryRow[], DeliveriesPage>
  /** Tries by delivery. */
  tries: Loader<string, PartnerDeliveryTryRow[], void>
  partners: Pick<Partners, 'mayBe'>
  vault: Vault
  /** Pages of turns by conversation, sealed. */
  conversationTurns: Loader<string, SealedTurn[], { limit: number; before: number | null }>
}

const byId = <T extends { id: string }>(rows: readonly T[]): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]))

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  outside: Pick<Context, 'partners' | 'vault'>,
): Context => {
  const { orgId } = base
  return {
    ...base,
    ...outside,
    db,
    published,
    conversationTurns: loader((ids, page) => db.read(orgId, (tx) => turnsOf(tx, orgId, ids, page))),
    apiKeys: loader(async (ids) => byId(await db.read(orgId, (tx) => apiKeysById(tx, orgId, ids)))),
    integrations: loader(async (ids) => byId(await db.read(orgId, (tx) => integrationsById(tx, orgId, ids)))),
    actorNames: loader((ids, kind) => db.read(orgId, (tx) => namesOfActors(tx, orgId, kind, ids))),
    customerAudits: loader(async (customers, page) => {
      const asked = customers.map((customer): AuditedCustomer => JSON.parse(customer))
      const pages = await db.read(orgId, (tx) => auditOfCustomers(tx, orgId, asked, page))
      return new Map(customers.map((customer, place) => [customer, pages[place] ?? []]))
    }),
    syncRuns: loader((ids, page) => db.read(orgId, (tx) => syncRunsOf(tx, orgId, ids, page))),
    partnerWebhooks: loader(async (ids) => byId(await db.read(orgId, (tx) => webhooksById(tx, orgId, ids)))),
    waiting: loader((ids) => db.read(orgId, (tx) => waitingCounts(tx, orgId, ids))),
    deliveries: loader((ids, page) => db.read(orgId, (tx) => deliveryPages(tx, orgId, ids, page))),
    tries: loader((ids) => db.read(orgId, (tx) => triesOf(tx, orgId, ids))),
  }
}
