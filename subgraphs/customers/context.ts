import { type ControlLoaders, controlLoaders } from '#control/loaders.ts'
import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import type { Vault } from '#kernel/vault.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import type { Jobs } from '#service/jobs.ts'
import { idLoader, type Loader, loader } from '#service/loader.ts'
import type { AssetProgress } from './domain/assets.ts'
import type { AssignmentRule } from './domain/assignment.ts'
import type { DecidedKind } from './domain/company-kinds.ts'
import type { ExternalId } from './domain/external-ids.ts'
import type { GoldenRules, StandingCustomer } from './domain/golden.ts'
import type { PendingWriteRow } from './domain/pending-writes.ts'
import type { RfqStatus } from './domain/rfqs.ts'
import type { Pause } from './domain/settings.ts'
import type { TwinPolicy } from './domain/twins.ts'
import { assetProgress } from './store/asset-progress.ts'
import { assignmentRulesOf } from './store/assignment-rules.ts'
import { type AssignmentRunRow, assignmentRunsOf } from './store/assignment-runs.ts'
import { type BulkJobRow, bulkJobsById } from './store/bulk.ts'
import {
  type CompanyRecordRow,
  type CompanyRow,
  companiesById,
  companyRecordsById,
  customersOfCompanies,
} from './store/companies.ts'
import { decidedKindsOf } from './store/company-kinds.ts'
import { customersOfRecords } from './store/conflicts.ts'
import { type CustomerRow, customersById } from './store/customers.ts'
import { summariesOf, type WebhookSummaryRow } from './store/deliveries.ts'
import { externalIdsOf } from './store/external-ids.ts'
import { standingCustomers } from './store/golden.ts'
import { goldenRulesNow, type PinRow, pinsOf } from './store/golden-rules.ts'
import { type HealthProgressRow, healthProgress } from './store/health.ts'
import { accountStates, type IdentityRow, identitiesOf, type System } from './store/identities.ts'
import { accountsByName } from './store/identity-links.ts'
import { countRecords, type IntegrationRow, integrationsOf } from './store/integrations.ts'
import { type FieldLineage, lineageOf } from './store/lineage.ts'
import { type MappingLoaders, mappingLoaders } from './store/mapping-loaders.ts'
import {
  newestOnboardings,
  type OnboardingRow,
  type OnboardingStepRow,
  onboardingsById,
  stepsOf,
} from './store/onboardings.ts'
import { type OwnerRow, ownersById } from './store/owners.ts'
import { pausesOf } from './store/pauses.ts'
import { type PolicyVersionRow, policiesOf, policyVersions } from './store/policies.ts'
import { type AllRecordLoaders, recordLoaders } from './store/record-loaders.ts'
import { type HeldRenewalStage, renewalStagesOf } from './store/renewal-stages.ts'
import { countRfqsOfDeals, pagesOfRfqs, type RfqOfDealRow, type RfqsPage } from './store/rfq-pages.ts'
import { proposedDeals } from './store/rfq-proposals.ts'
import { FIRST, ruleVersions } from './store/rule-versions.ts'
import { type ScheduleRow, schedulesOf } from './store/schedules.ts'
import { type TimelineEntryRow, type TimelinePage, timelinesOf } from './store/timeline.ts'
import type { Transaction } from './store/transaction.ts'
import { twinPoliciesOf } from './store/twins.ts'
import { changeRecords } from './sync/change-records.ts'
import { pendingWritesOf } from './sync/pending-writes.ts'
import type { Portals } from './sync/portals.ts'

/** Changes records here, to be written to HubSpot: see sync/change-records.ts. */
export type ChangeRecords = typeof changeRecords

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext, MappingLoaders, ControlLoaders {
  db: Database<DB>
  write: Write<DB>
  /** Call after a commit that published events: they are then moved at once. */
  published(): void
  /** Changes records here, and notes them to be written to HubSpot: in the caller's transaction, after its own look at them. */
  changeRecords: ChangeRecords
  vault: Vault
  /** What is to be done later: written down in the transaction that makes it necessary. */
  jobs: Pick<Jobs, 'enqueue' | 'enqueueAll'>
  /** The way to HubSpot. Never inside a transaction: a portal may take its time. */
  portals: Portals
  /** Whether mails can be sent at all. */
  hasMailServer: boolean
  /** By id; a merged customer's id answers the one it was merged into. */
  customers: Loader<string, CustomerRow, void>
  companies: Loader<string, CompanyRow, void>
  companyRecords: Loader<string, CompanyRecordRow, void>
  /** The ids under which other programs know records, by our id of the record. */
  externalIds: Loader<string, ExternalId[], void>
  /** What customers' accounts say, and the rules by which one value is chosen. */
  standing: Loader<string, StandingCustomer & { rules: GoldenRules }, void>
  /** What was decided by hand of customers. */
  pins: Loader<string, PinRow[], void>
  /** People, deals, tickets, tasks and notes. */
  records: AllRecordLoaders
  /** What was decided of a portal's words for companies, by the connection's id. */
  companyKinds: Loader<string, { version: number; decided: DecidedKind[] }, void>
  /** Which customers are made companies of portals, by connection; absent while nothing is decided. */
  twinPolicies: Loader<string, TwinPolicy, void>
  /** What the stages of a portal's deals say of renewals, by the connection's id. */
  renewalStages: Loader<string, { version: number; stages: HeldRenewalStage[] }, void>
  /** Changes of many records. */
  bulkJobs: Loader<string, BulkJobRow, void>
  /** What is still to be written to HubSpot, by record. */
  pendingWrites: Loader<string, PendingWriteRow[], void>
  owners: Loader<string, OwnerRow, void>
  identities: Loader<string, IdentityRow[], void>
  /** Accounts by system and id in one word (`nameOfKey`). */
  accounts: Loader<string, IdentityRow, void>
  integrations: Loader<string, IntegrationRow, void>
  pauses: Loader<string, Pause[], void>
  /** To whom contacts are given, by connection. */
  assignmentRules: Loader<string, { version: number; rules: AssignmentRule[] }, void>
  /** How far contacts that nobody looks after were given to colleagues, by connection. */
  assignmentRuns: Loader<string, AssignmentRunRow, void>
  /** How far companies say their customers' health, by connection. */
  healthProgress: Loader<string, HealthProgressRow, void>
  /** How far portals have their records of trunks and numbers. */
  assetProgress: Loader<string, AssetProgress[], void>
  recordCounts: Loader<string, { type: string; count: number }[], void>
  webhookSummaries: Loader<string, WebhookSummaryRow, void>
  /** The customer of a record's main company, by `integration/company's record`. */
  customerOfCompany: Loader<string, string, void>
  customerOfAccount: Loader<string, string, System>
  /** The customer whose record it is, by our id of the record. */
  customerOfRecord: Loader<string, string, void>
  /** The requests for prices that belong to deals, newest first, and how many there are in one state or in any. */
  dealRfqs: Loader<string, RfqOfDealRow[], RfqsPage>
  dealRfqCounts: Loader<string, number, RfqStatus | null>
  /** The deals that requests for prices seem to belong to, by request. */
  proposedDeals: Loader<string, string, void>
  /** What happened to customers, latest first. */
  timelines: Loader<string, TimelineEntryRow[], TimelinePage>
  /** What is done by the clock, by connection. */
  schedules: Loader<string, ScheduleRow[], void>
  /** Who wins at a portal, by connection: as it was in a version, or now. */
  policies: Loader<string, PolicyVersionRow, number | null>
  onboardings: Loader<string, OnboardingRow, void>
  onboardingSteps: Loader<string, OnboardingStepRow[], void>
  /** The newest onboarding of a customer, by the customer. */
  onboardingOfCustomer: Loader<string, OnboardingRow, void>
  /** Where a field of a company came from, by company and the field's name at the source. */
  lineage: Loader<string, FieldLineage, string>
}

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  wired: Pick<Context, 'vault' | 'portals' | 'jobs' | 'hasMailServer'>,
): Context => {
  const { orgId } = base
  const read = <T>(run: (tx: Transaction) => Promise<T>) => db.read(orgId, run)
  const byId = <V>(batch: (tx: Transaction, ids: readonly string[]) => Promise<ReadonlyMap<string, V>>) =>
    idLoader<V>((ids) => read((tx) => batch(tx, ids)))
  return {
    ...base,
    ...wired,
    db,
    published,
    changeRecords,
    write: writing(db, orgId, published),
    customers: byId((tx, ids) => customersById(tx, orgId, ids)),
    companies: byId((tx, ids) => companiesById(tx, orgId, ids)),
    companyRecords: byId((tx, ids) => companyRecordsById(tx, orgId, ids)),
    externalIds: byId((tx, ids) => externalIdsOf(tx, orgId, ids)),
    standing: byId(async (tx, ids) => {
      const rules = await goldenRulesNow(tx, orgId)
      const standing = await standingCustomers(tx, orgId, ids)
      return new Map([...standing].map(([id, customer]) => [id, { ...customer, rules }]))
    }),
    pins: byId((tx, ids) => pinsOf(tx, orgId, ids)),
    records: recordLoaders(read, orgId),
    ...mappingLoaders(read, orgId),
    ...controlLoaders(read, orgId, base.clock),
    companyKinds: loader((ids) =>
      read(async (tx) => {
        const known = await integrationsOf(tx, orgId, ids)
        const decided = await decidedKindsOf(tx, orgId, ids)
        const versions = await ruleVersions(tx, orgId, 'COMPANY_KINDS', ids)
        return new Map(
          known.map(({ id }) => [id, { version: versions.get(id) ?? FIRST, decided: decided.get(id) ?? [] }]),
        )
      }),
    ),
    twinPolicies: byId((tx, ids) => twinPoliciesOf(tx, orgId, ids)),
    renewalStages: loader((ids) =>
      read(async (tx) => {
        const known = await integrationsOf(tx, orgId, ids)
        const stages = await renewalStagesOf(tx, orgId, ids)
        const versions = await ruleVersions(tx, orgId, 'RENEWAL_STAGES', ids)
        return new Map(
          known.map(({ id }) => [id, { version: versions.get(id) ?? FIRST, stages: stages.get(id) ?? [] }]),
        )
      }),
    ),
    bulkJobs: byId((tx, ids) => bulkJobsById(tx, orgId, ids)),
    pendingWrites: byId((tx, ids) => pendingWritesOf(tx, orgId, ids)),
    owners: byId((tx, ids) => ownersById(tx, orgId, ids)),
    identities: byId((tx, ids) => identitiesOf(tx, orgId, ids)),
    accounts: loader((names) => read((tx) => accountsByName(tx, orgId, names))),
    integrations: byId(async (tx, ids) => {
      const rows = await integrationsOf(tx, orgId, ids)
      return new Map(rows.map((row) => [row.id, row]))
    }),
    pauses: byId((tx, ids) => pausesOf(tx, orgId, ids)),
    assignmentRules: loader((ids) =>
      read(async (tx) => {
        const known = await integrationsOf(tx, orgId, ids)
        const rules = await assignmentRulesOf(tx, orgId, ids)
        const versions = await ruleVersions(tx, orgId, 'ASSIGNMENT', ids)
        return new Map(
          known.map(({ id }) => [id, { version: versions.get(id) ?? FIRST, rules: rules.get(id) ?? [] }]),
        )
      }),
    ),
    assignmentRuns: byId((tx, ids) => assignmentRunsOf(tx, orgId, ids)),
    healthProgress: byId((tx, ids) => healthProgress(tx, orgId, ids)),
    assetProgress: byId((tx, ids) => assetProgress(tx, orgId, ids)),
    recordCounts: byId((tx, ids) => countRecords(tx, orgId, ids)),
    webhookSummaries: byId((tx, ids) => summariesOf(tx, orgId, ids, daysBefore(base.clock.now(), 30))),
    customerOfCompany: loader((keys) => read((tx) => customersOfCompanies(tx, orgId, keys))),
    customerOfRecord: loader((ids) => read((tx) => customersOfRecords(tx, orgId, ids))),
    customerOfAccount: loader(async (ids, system) => {
      const states = await read((tx) => accountStates(tx, orgId, system, ids))
      return new Map([...states].map(([id, { customerId }]) => [id, customerId]))
    }),
    dealRfqs: loader((ids, page) => read((tx) => pagesOfRfqs(tx, orgId, ids, page))),
    dealRfqCounts: loader((ids, status) => read((tx) => countRfqsOfDeals(tx, orgId, ids, status))),
    proposedDeals: byId((tx, ids) => proposedDeals(tx, orgId, ids)),
    timelines: loader((ids, page) => read((tx) => timelinesOf(tx, orgId, ids, page))),
    schedules: byId(async (tx, ids) =>
      Map.groupBy(await schedulesOf(tx, orgId, ids), (schedule) => schedule.connectionId),
    ),
    policies: loader((ids, version) =>
      read((tx) => (version === null ? policiesOf(tx, orgId, ids) : policyVersions(tx, orgId, ids, version))),
    ),
    onboardings: byId((tx, ids) => onboardingsById(tx, orgId, ids)),
    onboardingSteps: byId((tx, ids) => stepsOf(tx, orgId, ids)),
    onboardingOfCustomer: byId((tx, ids) => newestOnboardings(tx, orgId, ids)),
    lineage: loader((ids, field) => read((tx) => lineageOf(tx, orgId, ids, field))),
  }
}

const daysBefore = (at: Date, days: number): Date => new Date(at.getTime() - days * 86_400_000)
