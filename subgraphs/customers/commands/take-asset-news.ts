import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { Jobs } from '#service/jobs.ts'
import type { ChangeRecords } from '../context.ts'
import { hasAssets } from '../domain/assets.ts'
import { writeAlertTickets, writeAllAssets, writeAllUsage } from '../jobs/definitions.ts'
import { hasAlertsWaiting } from '../store/alert-tickets.ts'
import { forgetStreets } from '../store/emergency-addresses.ts'
import { type IntegrationRow, integrationsOf, noteSince } from '../store/integrations.ts'
import { unplaceAssets } from '../store/timeline-told.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { hasUnwrittenDays } from '../store/usage-days.ts'
import { writeAccountFields } from './write-account-fields.ts'

/** Our own events after which records of trunks and numbers belong to others, or to a portal that had none. */
export const ASSET_NEWS = ['customers.identity.changed', 'customers.integration.changed'] as const

/** Has everything that portals are told of trunks, numbers and accounts looked at again. */
const placeAnew = async (tx: Transaction, jobs: Pick<Jobs, 'enqueue'>, orgId: string): Promise<void> => {
  if ((await unplaceAssets(tx, orgId, {})) > 0) await jobs.enqueue(tx, writeAllAssets, { orgId })
}

/** Has what was used before there was a company to say it said now. @param bans of these accounts; left out: of all */
const tellUsage = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueue'>,
  orgId: string,
  bans?: readonly string[],
): Promise<void> => {
  if (await hasUnwrittenDays(tx, orgId, bans)) await jobs.enqueue(tx, writeAllUsage, { orgId, turn: 'met' })
}

/** Lets a portal have the streets of numbers from now on, or takes them back. */
export const turnAddresses = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueue'>,
  { was, portal }: { was: boolean; portal: IntegrationRow },
): Promise<void> => {
  const { org_id: orgId, id: integrationId, sends_addresses: is } = portal
  if (is === was) return
  if (!is) await forgetStreets(tx, { orgId, integrationId })
  await placeAnew(tx, jobs, orgId)
}

/** Notes whether a portal has records of trunks and numbers from now on, and brings there everything there is. */
export const turnAssets = async (
  tx: Transaction,
  jobs: Pick<Jobs, 'enqueue'>,
  { was, portal, at }: { was: boolean; portal: IntegrationRow; at: Date },
): Promise<void> => {
  const is = hasAssets(portal)
  if (is === was) return
  const { org_id: orgId, id } = portal
  await noteSince(tx, orgId, id, 'assets_since', is ? at : null)
  if (!is) return
  await placeAnew(tx, jobs, orgId)
  await tellUsage(tx, jobs, orgId)
}

/**
 * Has alerts that wait for their ticket looked at again, usage that waits for a company, and trunks and numbers whose customer is another
 * company now, or a portal that was connected or switched on: with everything there is. Only notes what is to be done; a batch takes the same number of statements, however many events it has.
 */
export const takeAssetNews =
  (changeRecords: ChangeRecords, { jobs, clock }: { jobs: Pick<Jobs, 'enqueue'>; clock: { now(): Date } }) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const tx = asTransaction(raw)
    const identities = events
      .filter(({ name }) => name === 'customers.identity.changed')
      .map(({ version, payload }) => readEvent('customers.identity.changed', version, payload))
    const bansOf = ({ accounts }: (typeof identities)[number]) =>
      accounts.flatMap(({ system, accountId }) => (system === 'WARP' ? [accountId] : []))
    const bans = identities.flatMap(bansOf)
    // Who has none left is not met again by looking at trunks and numbers.
    const bare = identities.filter((each) => bansOf(each).length === 0).map(({ customerId }) => customerId)
    const around = { orgId, changeRecords, numberOf: () => undefined, at: clock.now() }
    await writeAccountFields(tx, around, [...new Set(bare.filter(isId))])
    const moved = bans.length > 0 && (await unplaceAssets(tx, orgId, { bans: [...new Set(bans)] })) > 0
    if (moved) await jobs.enqueue(tx, writeAllAssets, { orgId })
    if (bans.length > 0) await tellUsage(tx, jobs, orgId, [...new Set(bans)])
    // Of a customer whom nobody had met, or for a portal that could not have tickets.
    if (await hasAlertsWaiting(tx, orgId)) await jobs.enqueue(tx, writeAlertTickets, { orgId })
    if (!events.some(({ name }) => name === 'customers.integration.changed')) return
    for (const portal of await integrationsOf(tx, orgId))
      await turnAssets(tx, jobs, { was: portal.assets_since !== null, portal, at: clock.now() })
  }
