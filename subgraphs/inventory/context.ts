import { type ControlLoaders, controlLoaders } from '#control/loaders.ts'
import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/inventory.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Pause } from '#schema/events.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import type { Jobs } from '#service/jobs.ts'
import { idLoader, keyed, type Loader, loader, ownerLoader } from '#service/loader.ts'
import { today } from '#service/noticing.ts'
import { mustEqual } from './domain/compatibility.ts'
import type { PartFacts } from './domain/part-advice.ts'
import { accountsById, type C3AccountRow } from './store/accounts.ts'
import { type DecidedLine, decidedLines, shelfDaysOf, standInsOf } from './store/advice.ts'
import { type ComponentRow, componentPagesOf, componentsById, countOffered } from './store/components.ts'
import { summariesOf, type WebhookSummaryRow } from './store/deliveries.ts'
import { countRecords, type IntegrationRow, integrationsOf } from './store/integrations.ts'
import { partFactsOf } from './store/part-facts.ts'
import { pausesOf } from './store/pauses.ts'
import { type C3PolicyVersionRow, policiesOf, policyVersions } from './store/policies.ts'
import { type Preference, preferencesOf } from './store/preferences.ts'
import { type QuoteRow, quotesOf } from './store/quotes.ts'
import {
  countRecommendationsOf,
  recommendationPages as pagesOf,
  type RecommendationChoice,
  type RecommendationOwner,
  type RecommendationPage,
} from './store/recommendation-pages.ts'
import { type RecommendationRow, recommendationsById } from './store/recommendations.ts'
import { type ReservationRow, reservationsOf } from './store/reservations.ts'
import { historyPages, type RfqHappeningRow } from './store/rfq-history.ts'
import { linesOf, type RfqLineRow } from './store/rfq-lines.ts'
import {
  countRfqs,
  type RfqChoice,
  type RfqPage,
  type RfqRow,
  type RfqTotalRow,
  rfqPages,
  rfqsById,
  rfqTotals,
} from './store/rfqs.ts'
import { type ScheduleRow, schedulesOf } from './store/schedules.ts'
import { countStandings, type Standing, type Standings, standingsOf } from './store/standings.ts'
import { countStockOf, type StockItemRow, stockById, stockPages } from './store/stock.ts'
import { type StockLevelRow, stockLevelsOf } from './store/stock-levels.ts'
import { type SupplierRow, suppliersByC3Id, suppliersById } from './store/suppliers.ts'
import type { Transaction } from './store/transaction.ts'
import {
  countTransactions,
  type SpentAmount,
  spendOf,
  type TransactionChoice,
  type TransactionPage,
  type TransactionRow,
  transactionPages,
  transactionsById,
} from './store/transactions.ts'
import { type SecretRow, secretsOf } from './store/webhook-secrets.ts'
import type { C3s } from './sync/c3s.ts'
import { changeRecords } from './sync/change-records.ts'

/** Changes requests for prices here, to be written to C3: see sync/change-records.ts. */
export type ChangeRecords = typeof changeRecords

/** A page of a list by a name and an id. */
export interface PlaceArgs {
  limit: number
  after: readonly [string, string] | null
}

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext, ControlLoaders {
  db: Database<DB>
  write: Write<DB>
  /** Changes requests for prices here, and notes them to be written to C3: in the caller's transaction, after its own look at them. */
  changeRecords: ChangeRecords
  vault: Vault
  c3s: C3s
  jobs: Jobs
  accounts: Loader<string, C3AccountRow, void>
  rfqs: Loader<string, RfqRow, void>
  stock: Loader<string, StockItemRow, void>
  /** How records stand towards C3, by our ids. */
  standings: Loader<string, Standing, void>
  components: Loader<string, ComponentRow, void>
  suppliers: Loader<string, SupplierRow, void>
  /** By C3's id. */
  suppliersOfC3: Loader<string, SupplierRow, void>
  transactions: Loader<string, TransactionRow, void>
  /** The lines of requests, by request. */
  rfqLines: Loader<string, RfqLineRow[], void>
  /** What is held for requests, by request. */
  reservations: Loader<string, ReservationRow[], void>
  rfqHistory: Loader<string, RfqHappeningRow[], PlaceArgs>
  /** At how many free ones parts are to be ordered again, by part. */
  stockLevels: Loader<string, StockLevelRow, void>
  /** What was quoted, by request, newest first. */
  quotes: Loader<string, QuoteRow[], void>
  /** By component. */
  stockPages: Loader<string, StockItemRow[], PlaceArgs>
  stockCounts: Loader<string, number, void>
  /** By C3's id of the supplier. */
  offers: Loader<string, (ComponentRow & { normalNumber: string })[], PlaceArgs>
  offerCounts: Loader<string, number, void>
  /** Ids of the parts that may stand in for a part, as far as equality tells. */
  standIns: Loader<string, string[], void>
  /** What is known of parts' stock, sales and suppliers. */
  partFacts: Loader<string, PartFacts, void>
  /** For how many days what lies there of a part has lain. */
  shelfDays: Loader<string, number, void>
  /** By category. */
  decidedLines: Loader<string, DecidedLine[], void>
  recommendations: Loader<string, RecommendationRow, void>
  /** Of requests and parts by our ids, of suppliers by C3's. */
  recommendationPages: Record<RecommendationOwner, Loader<string, RecommendationRow[], RecommendationPage>>
  recommendationCounts: Record<RecommendationOwner, Loader<string, number, RecommendationChoice>>
  /** By owner: account ids, sorted, joined by a space. */
  transactionPages: Loader<string, TransactionRow[], TransactionPage>
  transactionCounts: Loader<string, number, TransactionChoice>
  spend: Loader<string, SpentAmount[], { from: Date; until: Date }>
  preferences: Loader<string, Preference[], { from: Date; until: Date }>
  /** By owner: account ids, sorted, joined by a space. */
  rfqPages: Loader<string, RfqRow[], RfqPage>
  rfqCounts: Loader<string, number, RfqChoice>
  rfqTotals: Loader<string, RfqTotalRow[], RfqChoice>
  /** Who wins between a C3 and the hub, by connection: as it was in a version, or now. */
  policies: Loader<string, C3PolicyVersionRow, number | null>
  recordCounts: Loader<string, { type: string; count: number }[], void>
  /** What of connections is not in step, by kind of record. */
  standingCounts: Loader<string, Standings[], void>
  integrations: Loader<string, IntegrationRow, void>
  /** What a connection's webhooks are signed with, newest first. */
  webhookSecrets: Loader<string, SecretRow[], void>
  webhookSummaries: Loader<string, WebhookSummaryRow, void>
  /** What is paused of a connection. */
  pauses: Loader<string, Pause[], void>
  /** What is done by the clock, by connection. */
  schedules: Loader<string, ScheduleRow[], void>
}

const ofOwners = <T>(make: (of: RecommendationOwner) => T): Record<RecommendationOwner, T> => ({
  rfq_id: make('rfq_id'),
  component_id: make('component_id'),
  c3_supplier_id: make('c3_supplier_id'),
})
const DAY_MS = 86_400_000
/** So many days of webhooks are shown. */
const WEBHOOK_DAYS = 30

/** What commands work with, beside the tables. */
export type Tools = Pick<Context, 'vault' | 'c3s' | 'jobs'>

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  tools: Tools,
): Context => {
  const { orgId } = base
  const read = <T>(run: (tx: Transaction) => Promise<T>) => db.read(orgId, run)
  const byId = <V>(batch: (tx: Transaction, ids: readonly string[]) => Promise<ReadonlyMap<string, V>>) =>
    idLoader<V>((ids) => read((tx) => batch(tx, ids)))
  const rowsById = <T extends { id: string }>(
    rowsOf: (tx: Transaction, orgId: string, ids: readonly string[]) => Promise<T[]>,
  ) => byId(async (tx, ids) => keyed(await rowsOf(tx, orgId, ids), (row) => row.id))
  return {
    ...base,
    ...tools,
    db,
    write: writing(db, orgId, published),
    changeRecords,
    ...controlLoaders(read, orgId, base.clock),
    policies: loader((ids, version) =>
      read((tx) => (version === null ? policiesOf(tx, orgId, ids) : policyVersions(tx, orgId, ids, version))),
    ),
    accounts: rowsById(accountsById),
    rfqs: rowsById(rfqsById),
    stock: rowsById(stockById),
    standings: byId((tx, ids) => standingsOf(tx, orgId, ids)),
    components: rowsById(componentsById),
    suppliers: rowsById(suppliersById),
    suppliersOfC3: loader((ids) =>
      read(async (tx) => keyed(await suppliersByC3Id(tx, orgId, ids), (row) => row.c3SupplierId)),
    ),
    transactions: rowsById(transactionsById),
    standIns: byId(async (tx, ids) => {
      const asked = (await componentsById(tx, orgId, ids)).flatMap(({ id, family, category, parameters }) =>
        family === null ? [] : [{ id, family, category, equal: mustEqual(category, parameters) }],
      )
      return await standInsOf(tx, orgId, asked)
    }),
    partFacts: byId(async (tx, ids) => {
      const found = await partFactsOf(tx, orgId, ids, today(base.clock))
      return new Map([...found].map(([id, { facts }]) => [id, facts]))
    }),
    shelfDays: byId((tx, ids) => shelfDaysOf(tx, orgId, ids, today(base.clock))),
    decidedLines: loader((categories) =>
      read(async (tx) => Map.groupBy(await decidedLines(tx, orgId, categories), (line) => line.category)),
    ),
    recommendations: rowsById(recommendationsById),
    recommendationPages: ofOwners((of) =>
      loader((owners, page) => read((tx) => pagesOf(tx, orgId, of, owners, page))),
    ),
    recommendationCounts: ofOwners((of) =>
      loader((owners, choice) => read((tx) => countRecommendationsOf(tx, orgId, of, owners, choice))),
    ),
    rfqLines: byId(async (tx, ids) => Map.groupBy(await linesOf(tx, orgId, ids), (line) => line.rfqId)),
    reservations: byId(async (tx, ids) =>
      Map.groupBy(await reservationsOf(tx, orgId, ids), (reservation) => reservation.rfqId),
    ),
    rfqHistory: loader((ids, page) => read((tx) => historyPages(tx, orgId, ids, page))),
    stockLevels: byId(async (tx, ids) =>
      keyed(await stockLevelsOf(tx, orgId, ids), ({ componentId }) => componentId),
    ),
    quotes: byId(async (tx, ids) => Map.groupBy(await quotesOf(tx, orgId, ids), (quote) => quote.rfqId)),
    stockPages: loader((ids, page) => read((tx) => stockPages(tx, orgId, ids, page))),
    stockCounts: byId((tx, ids) => countStockOf(tx, orgId, ids)),
    offers: loader((ids, page) => read((tx) => componentPagesOf(tx, orgId, ids, page))),
    offerCounts: loader((ids) => read((tx) => countOffered(tx, ids))),
    transactionPages: ownerLoader((owners, page) => read((tx) => transactionPages(tx, orgId, owners, page))),
    transactionCounts: ownerLoader((owners, choice) =>
      read((tx) => countTransactions(tx, orgId, owners, choice)),
    ),
    preferences: ownerLoader((owners, span) => read((tx) => preferencesOf(tx, orgId, owners, span))),
    spend: ownerLoader((owners, span) => read((tx) => spendOf(tx, orgId, owners, span))),
    rfqPages: ownerLoader((owners, page) => read((tx) => rfqPages(tx, orgId, owners, page))),
    rfqCounts: ownerLoader((owners, choice) => read((tx) => countRfqs(tx, orgId, owners, choice))),
    rfqTotals: ownerLoader((owners, choice) => read((tx) => rfqTotals(tx, orgId, owners, choice))),
    integrations: rowsById(integrationsOf),
    webhookSecrets: byId(async (tx, ids) =>
      Map.groupBy(await secretsOf(tx, orgId, ids, base.clock.now()), (secret) => secret.integrationId),
    ),
    webhookSummaries: byId((tx, ids) =>
      summariesOf(tx, orgId, ids, new Date(base.clock.now().getTime() - WEBHOOK_DAYS * DAY_MS)),
    ),
    pauses: byId((tx, ids) => pausesOf(tx, orgId, ids)),
    standingCounts: byId(async (tx, ids) =>
      Map.groupBy(await countStandings(tx, orgId, ids), (count) => count.connectionId),
    ),
    recordCounts: byId(async (tx, ids) =>
      Map.groupBy(await countRecords(tx, orgId, ids), (count) => count.connectionId),
    ),
    schedules: byId(async (tx, ids) =>
      Map.groupBy(await schedulesOf(tx, orgId, ids), (schedule) => schedule.connectionId),
    ),
  }
}
