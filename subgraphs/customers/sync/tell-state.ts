import type { StateEvent } from '#events/feed.ts'
import type { Clock } from '#kernel/clock.ts'
import { NO_ID } from '#kernel/ids.ts'
import { progressOf } from '#sync/progress.ts'
import { kindsWith } from '../domain/company-kinds.ts'
import { CHILD_TYPES } from '../domain/kinds.ts'
import { matchDomain } from '../domain/names.ts'
import {
  identityChanged,
  integrationChanged,
  onboardingWaiting,
  runProgressed,
  toldIdentity,
} from '../domain/telling.ts'
import { decidedKindsOf } from '../store/company-kinds.ts'
import { identitiesOf } from '../store/identities.ts'
import { integrationsOf } from '../store/integrations.ts'
import { mappingsOf } from '../store/mappings.ts'
import { waitingOnboardings } from '../store/onboardings.ts'
import { stagesOf } from '../store/portal.ts'
import { customerIdsAfter, latestRuns, type StateRow, stateAfter } from '../store/state.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { companyChanged } from './companies.ts'
import { kindsOf } from './kinds.ts'
import { factsOf, mappedBy, type PortalFacts } from './portal-facts.ts'
import { belongingTo, type Kind, standingOf, tellingOf } from './records.ts'

const PAGE = 500
const LATEST_RUNS = 50

/** Everything one organisation holds here, as the events that would have led to it: for a sibling that starts anew. */
export const tellState = (clock: Clock) =>
  async function* (raw: object, orgId: string): AsyncGenerator<StateEvent> {
    const tx = asTransaction(raw)
    const integrations = await integrationsOf(tx, orgId)
    for (const row of integrations)
      yield { ...integrationChanged(row), occurredAt: row.last_sync_at ?? clock.now() }
    for (const id of await latestRuns(tx, orgId, LATEST_RUNS)) {
      const run = await progressOf(tx, id, clock)
      if (run) yield { ...runProgressed(run), occurredAt: run.finishedAt ?? run.requestedAt }
    }
    yield* tellIdentities(tx, orgId)
    for await (const row of pages((after) => waitingOnboardings(tx, orgId, after, PAGE))) {
      const { customer_id, name, domain } = row
      const customer = { id: customer_id, name, domain: matchDomain(domain) }
      const waiting = { onboardingId: row.id, waitsFor: row.step, customer, ban: row.ban }
      yield { ...onboardingWaiting(waiting, row.changed_at), occurredAt: row.changed_at }
    }
    const facts = new Map<string, PortalFacts>()
    const ids = integrations.map(({ id }) => id)
    const mappings = await mappingsOf(tx, orgId, ids)
    const decided = await decidedKindsOf(tx, orgId, ids)
    for (const { id, currency } of integrations) {
      const stages = await stagesOf(tx, { orgId, integrationId: id })
      const own = mappings.filter((row) => row.integration_id === id)
      facts.set(id, factsOf(currency, stages, { ...mappedBy(own), kinds: kindsWith(decided.get(id) ?? []) }))
    }
    const factsFor = (row: StateRow) => facts.get(row.integration_id) ?? factsOf(row.currency, [])
    for await (const row of pages((after) => stateAfter(tx, orgId, 'companies', after, PAGE)))
      yield {
        ...companyChanged(factsFor(row), row.properties, {
          id: row.id,
          externalId: row.external_id,
          customerId: row.customer_id ?? row.id,
          place: { orgId, integrationId: row.integration_id, type: 'companies' },
          observedAt: row.modified_at ?? row.valid_from,
          changed: [],
          deleted: false,
        }),
        occurredAt: row.valid_from,
      }
    for (const type of CHILD_TYPES)
      for await (const row of pages((after) => stateAfter(tx, orgId, type, after, PAGE)))
        for (const told of tellRecord(kindsOf(factsFor(row))[type], orgId, row))
          yield { ...told, occurredAt: row.valid_from }
  }

const tellRecord = (kind: Kind, orgId: string, row: StateRow) =>
  kind.tell(
    tellingOf(
      standingOf(row),
      belongingTo(
        { orgId, integrationId: row.integration_id },
        row.company_external_id,
        row.company_id && row.customer_id ? { id: row.company_id, customerId: row.customer_id } : undefined,
      ),
      row.valid_from,
    ),
  )

const tellIdentities = async function* (tx: Transaction, orgId: string): AsyncGenerator<StateEvent> {
  for (let after = NO_ID; ; ) {
    const page = await customerIdsAfter(tx, orgId, after, PAGE)
    const last = page.at(-1)
    if (!last) return
    const ids = page.map(({ id }) => id)
    const accounts = await identitiesOf(tx, orgId, ids)
    for (const row of page)
      yield {
        ...identityChanged(toldIdentity(row, accounts.get(row.id) ?? [])),
        occurredAt: row.updated_at,
      }
    after = last.id
  }
}

const pages = async function* <T extends { id: string }>(
  read: (after: string) => Promise<T[]>,
): AsyncGenerator<T> {
  for (let after = NO_ID; ; ) {
    const page = await read(after)
    yield* page
    const last = page.at(-1)
    if (!last) return
    after = last.id
  }
}
