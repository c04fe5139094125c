import type { LoggedEvent } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import { customerOfAccount } from '../domain/links.ts'
import type { AccountKey } from '../domain/matching/judgement.ts'
import { matchDomain, normalName, registrableDomain } from '../domain/names.ts'
import { identityChanged } from '../domain/telling.ts'
import { customersById } from '../store/customers.ts'
import { refreshCustomers } from '../store/golden.ts'
import {
  type AccountRow,
  accountStates,
  lockIdentities,
  type Move,
  moveAccounts,
  writeAccounts,
} from '../store/identities.ts'
import { type Affected, insertCustomers, settleIdentities } from '../store/identity-changes.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/** Names of the events by which other systems' accounts come to customers. */
export const ACCOUNT_EVENTS = {
  inventory: ['inventory.account.changed'],
  telephony: ['telephony.account.changed'],
} as const

/**
 * Takes in accounts of other systems: each goes to the customer it was opened for, or begins as a customer of its own until it is matched
 * (`match-accounts.ts`). For whom it was opened is asked once, when it is met: what is decided of it later holds.
 * A batch takes the same number of statements, however many accounts it has.
 * @returns the accounts
 */
export const takeAccounts = async (
  raw: object,
  orgId: string,
  events: readonly LoggedEvent[],
  at: Date,
): Promise<AccountKey[]> => {
  const tx = asTransaction(raw)
  await lockIdentities(tx, orgId)
  // The batch is in order: the last word about an account is the one that holds.
  const rows = [
    ...new Map(events.map((event) => accountOf(orgId, event)).map((row) => [row.account_id, row])).values(),
  ]
  const [first] = rows
  if (!first) return []
  const ids = rows.map((row) => row.account_id)
  const before = await accountStates(tx, orgId, first.system, ids)
  await writeAccounts(tx, orgId, rows, at)
  const begun = rows.filter((row) => !before.has(row.account_id))
  await insertCustomers(
    tx,
    orgId,
    begun.map((row) => ({
      id: row.own_customer_id,
      name: row.name,
      normal_name: row.normal_name,
      domain: row.domain,
      industry: null,
      lifecycle_stage: null,
      owner_id: null,
      lead_company_id: null,
      kind: 'CUSTOMER',
    })),
    at,
  )
  const opened = await giveToWhom(tx, orgId, begun, events)
  const cameOrWent = rows.flatMap((row) => {
    const was = before.get(row.account_id)
    return was && was.isGone !== row.gone ? [{ id: was.customerId, into: null }] : []
  })
  const states = await settleIdentities(
    tx,
    orgId,
    [...begun.map((row) => ({ id: row.own_customer_id, into: null })), ...cameOrWent, ...opened],
    at,
  )
  const settled = new Set(states.map((state) => state.customerId))
  const others = [...before.values()].map((was) => was.customerId).filter((id) => !settled.has(id))
  await refreshCustomers(tx, orgId, [...new Set(others)], at)
  await publish(tx, orgId, states.map(identityChanged), at)
  return rows.map((row) => ({ system: row.system, accountId: row.account_id }))
}

/** New accounts that were opened for a customer go to it: two statements. One whom nobody knows, or who is gone, gets none. */
const giveToWhom = async (
  tx: Transaction,
  orgId: string,
  begun: readonly AccountRow[],
  events: readonly LoggedEvent[],
): Promise<Affected[]> => {
  const forWhom = new Map(events.flatMap(openedFor))
  const asked = begun.flatMap((row) => forWhom.get(row.account_id) ?? [])
  if (asked.length === 0) return []
  const customers = await customersById(tx, orgId, [...new Set(asked)])
  const moves = begun.flatMap(({ system, account_id, own_customer_id }): (Move & { was: string })[] => {
    const customer = customers.get(forWhom.get(account_id) ?? '')
    if (!customer) return []
    return [{ system, account_id, customer_id: customer.id, linked_by: 'OPENED_FOR', was: own_customer_id }]
  })
  await moveAccounts(tx, orgId, moves)
  return moves.flatMap(({ customer_id, was }) => [
    { id: customer_id, into: null },
    { id: was, into: customer_id },
  ])
}

const openedFor = (event: LoggedEvent): [string, string][] => {
  if (event.name !== 'telephony.account.changed') return []
  const told = readEvent('telephony.account.changed', event.version, event.payload)
  return isId(told.openedFor ?? '') ? [[told.ban, told.openedFor as string]] : []
}

const accountOf = (orgId: string, event: LoggedEvent): AccountRow => {
  if (event.name === 'inventory.account.changed') {
    const told = readEvent('inventory.account.changed', event.version, event.payload)
    return rowOf(orgId, 'C3', told.accountId, { ...told, gone: told.deleted })
  }
  const told = readEvent('telephony.account.changed', event.version, event.payload)
  return rowOf(orgId, 'WARP', told.ban, { ...told, integrationId: null, gone: false })
}

const rowOf = (
  orgId: string,
  system: 'C3' | 'WARP',
  accountId: string,
  told: {
    integrationId: string | null
    name: string
    domain: string | null
    place?: string | null | undefined
    country?: string | null | undefined
    phoneMarks?: readonly string[] | undefined
    observedAt: string
    gone: boolean
  },
): AccountRow => {
  const own = customerOfAccount(orgId, system, accountId)
  return {
    system,
    account_id: accountId,
    external_id: accountId,
    integration_id: told.integrationId,
    own_customer_id: own,
    customer_id: own,
    name: told.name,
    normal_name: normalName(told.name),
    domain: registrableDomain(told.domain),
    match_domain: matchDomain(told.domain),
    place: told.place ?? null,
    country: told.country ?? null,
    ban: system === 'WARP' ? accountId : null,
    phones: told.phoneMarks ?? [],
    observed_at: new Date(told.observedAt),
    gone: told.gone,
  }
}
