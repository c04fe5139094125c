import { takeTurnOf } from '#sync/checkpoint.ts'
import type { ChangeRecords } from '../context.ts'
import {
  type AccountTold,
  accountProperties,
  creditLimit,
  type HoldingsRow,
  WITHOUT_ACCOUNTS,
} from '../domain/account-properties.ts'
import { assetLists, hasAssetRecords, hasAssets } from '../domain/assets.ts'
import { monthOf } from '../domain/usage-days.ts'
import {
  accountsTold,
  forgetAccountCompanies,
  holdingsOf,
  newestUsage,
  noteAccountCompanies,
  type OwnedAccount,
} from '../store/account-summaries.ts'
import { identitiesOf } from '../store/identities.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { assetsOfAccounts } from '../store/timeline-told.ts'
import type { Transaction } from '../store/transaction.ts'
import type { NumberOf } from './write-assets.ts'
import { type CompanyFields, type Saying, writeCompanyFields } from './write-company-fields.ts'

interface Around {
  orgId: string
  changeRecords: ChangeRecords
  numberOf: NumberOf
  at: Date
}

const NOTHING: HoldingsRow = { trunks: 0, numbers: 0, e911: [], e911_hash: null, resp_org: [] }

/**
 * Lets the companies of customers say what billing accounts these have, how they pay, what they use and hold; and where a portal has no
 * room for trunks and numbers as records of their own, also which. What a company says already is no change; who has no account any more
 * says nothing of any, where the hub had written it. The statements do not depend on how many customers they are.
 */
export const writeAccountFields = async (
  tx: Transaction,
  around: Around,
  customerIds: readonly string[],
): Promise<void> => {
  const { orgId, changeRecords, at } = around
  if (customerIds.length === 0) return
  const portals = (await integrationsOf(tx, orgId)).filter(hasAssets)
  if (portals.length === 0) return
  const accounts = [...(await identitiesOf(tx, orgId, customerIds))].flatMap(([customerId, all]) =>
    all.flatMap(({ system, account_id }): OwnedAccount[] =>
      system === 'WARP' ? [{ ban: account_id, customerId }] : [],
    ),
  )
  const owners = new Set(accounts.map(({ customerId }) => customerId))
  const bare = customerIds.filter((id) => !owners.has(id))
  const fields = new Map<string, Readonly<Record<string, Saying>>>(
    [...(bare.length > 0 ? await forgetAccountCompanies(tx, orgId, bare) : [])].map((id) => [
      id,
      WITHOUT_ACCOUNTS,
    ]),
  )
  if (accounts.length > 0) {
    for (const [id, said] of await saidOf(tx, around, portals, accounts)) fields.set(id, said)
    await noteAccountCompanies(tx, orgId, [...owners])
  }
  if (fields.size > 0) await writeCompanyFields(tx, changeRecords, { orgId, integrationId: null, fields, at })
}

/**
 * Waits for its turn with the companies of portals. First thing in a transaction that locks what was told of accounts and then writes
 * companies: whoever takes in companies decides then who is who, and whoever takes in accounts decides that and then keeps what was told.
 */
export const takeCompaniesTurn = async (tx: Transaction, orgId: string): Promise<void> => {
  const portals = (await integrationsOf(tx, orgId)).filter(hasAssets)
  for (const connectionId of portals.map(({ id }) => id).sort())
    await takeTurnOf(tx, { connectionId, type: 'companies' })
}

const saidOf = async (
  tx: Transaction,
  around: Around,
  portals: readonly IntegrationRow[],
  owned: readonly OwnedAccount[],
): Promise<CompanyFields> => {
  const { orgId, at } = around
  const bans = owned.map(({ ban }) => ban)
  const { accounts, brands } = await accountsTold(tx, orgId, bans)
  const holdings = await holdingsOf(tx, orgId, owned)
  const usage = await newestUsage(tx, orgId, bans)
  const lists = portals.every(hasAssetRecords)
    ? new Map<string, Record<string, Saying>>()
    : await listsOf(tx, around, owned)
  const byBan = new Map<string, AccountTold>(accounts.map((each) => [each.ban, each]))
  return new Map(
    [...Map.groupBy(owned, ({ customerId }) => customerId)].map(([customerId, own]) => {
      const told = own.flatMap(({ ban }) => byBan.get(ban) ?? [])
      const used = own.flatMap(({ ban }) => usage.get(ban) ?? [])
      const of = {
        accounts: told,
        brands: brands.filter(({ ban }) => own.some((each) => each.ban === ban)),
        holdings: holdings.get(customerId) ?? NOTHING,
        usage: used,
        month: monthOf(used, at),
      }
      const limit = { warp_credit_limit: { ifBlank: creditLimit(told) } }
      return [customerId, { ...accountProperties(of), ...limit, ...lists.get(customerId) }] as const
    }),
  )
}

/** Which trunks and numbers customers have, for portals that have no room for them. */
const listsOf = async (
  tx: Transaction,
  { orgId, numberOf }: Around,
  owned: readonly OwnedAccount[],
): Promise<Map<string, Record<string, Saying>>> => {
  const bans = owned.map(({ ban }) => ban)
  const assets = Map.groupBy(await assetsOfAccounts(tx, orgId, bans), ({ state }) => state.ban)
  return new Map(
    [...Map.groupBy(owned, ({ customerId }) => customerId)].map(([customerId, accounts]) => {
      const own = accounts.flatMap(({ ban }) => assets.get(ban) ?? [])
      const said = assetLists({
        trunks: own.flatMap((each) => (each.subject === 'TRUNK' ? [each.state] : [])),
        numbers: own.flatMap(({ subject, id, state }) =>
          subject === 'NUMBER'
            ? [{ state, text: state.sealed && numberOf(orgId, id, state.sealed)?.number }]
            : [],
        ),
      })
      const here = Object.entries(said).map(
        ([name, text]) =>
          [name, (portal: IntegrationRow) => (hasAssetRecords(portal) ? undefined : text)] as const,
      )
      return [customerId, Object.fromEntries(here)] as const
    }),
  )
}
