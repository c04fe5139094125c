import { randomInt } from 'node:crypto'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { decimal } from '#kernel/money.ts'
import { byChance } from '#kernel/planning.ts'
import { auditAll } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { AccountStatus } from '../domain/account-life.ts'
import {
  addressesOf,
  e164,
  type Flaw,
  flawInAccount,
  type NewAccount,
  type NewTrunk,
} from '../domain/asset.ts'
import { makeBan } from '../domain/ban.ts'
import { withAllowance } from '../domain/credit.ts'
import { moveNumber } from '../domain/numbers.ts'
import { accountChanged, numberChanged, trunkChanged } from '../domain/telling.ts'
import { type BillingAccountRow, insertAccounts } from '../store/accounts.ts'
import { overlapsOf } from '../store/addresses.ts'
import { insertTrunks, type TrunkRow } from '../store/assets.ts'
import { creditRuleOf } from '../store/credit.ts'
import { lockEstates } from '../store/estates.ts'
import { insertNumbers, lockNumbering, takenNumbers } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Keeping } from './keep-estates.ts'
import { numberRow } from './new-numbers.ts'

/** What became of the accounts asked for, by their place in the list. */
export interface Opened {
  created: BillingAccountRow[]
  skipped: number
  refused: { index: number; flaw: Flaw }[]
  receipt: Receipt
}

const PARTITIONS = 16

const accountOf = (input: NewAccount, at: Date): BillingAccountRow => ({
  ban: input.ban || byChance(makeBan(randomInt(900_000_000))),
  name: input.name.trim(),
  domain: input.domain?.trim().toLowerCase() || null,
  status: input.status,
  suspendedBecause: input.status === 'SUSPENDED' ? 'OTHER' : null,
  closedAt: input.status === 'CHURNED' ? at : null,
  tier: input.tier,
  mrr: decimal(input.mrr),
  creditLimit: decimal(input.creditLimit ?? '0'),
  hasCreditLimit: typeof input.creditLimit === 'string',
  creditLimitsSet: typeof input.creditLimit === 'string' ? [decimal(input.creditLimit)] : [],
  currency: input.currency,
  contractEnd: input.contractEnd ?? null,
  paymentTerms: input.paymentTerms,
  paymentMethod: input.paymentMethod,
  paymentStatus: input.paymentStatus,
  apiEnabled: input.apiEnabled,
  smsEnabled: input.smsEnabled,
  openedFor: input.openedFor ?? null,
  version: 1,
  createdAt: at,
  updatedAt: at,
})

/** The same account always lies on the same partition of the platform. */
const partitionOf = (ban: string): string =>
  `P${String([...ban].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % PARTITIONS, 0)).padStart(2, '0')}`

/** How a new trunk stands: it carries calls once it has addresses and while its account may. */
const standing = (accountStatus: AccountStatus, hasAddresses: boolean) => {
  if (accountStatus === 'CHURNED') return { status: 'DELETED', suspendedWithAccount: false } as const
  if (!hasAddresses) return { status: 'PENDING', suspendedWithAccount: false } as const
  return accountStatus === 'ACTIVE'
    ? ({ status: 'ACTIVE', suspendedWithAccount: false } as const)
    : ({ status: 'SUSPENDED', suspendedWithAccount: true } as const)
}

/** The row of a new trunk, before its account's credit is asked. */
export const trunkRow = (
  clock: Clock,
  account: { ban: string; status: AccountStatus },
  trunk: NewTrunk,
): TrunkRow => {
  const at = clock.now()
  const ipAddresses = addressesOf(trunk.ipAddresses)
  return {
    id: newId(clock),
    ban: account.ban,
    name: trunk.name.trim(),
    ...standing(account.status, ipAddresses.length > 0),
    ipAddresses,
    concurrentCalls: trunk.concurrentCalls,
    allowedCalls: trunk.concurrentCalls,
    monthlyMinutes: trunk.monthlyMinutes,
    codecs: trunk.codecs,
    partitionId: byChance(partitionOf(account.ban), account.ban),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
}

/**
 * Opens billing accounts with their trunks and numbers: all that are sound, in a constant number of statements. Those
 * known already are left as they are, so that an import can be repeated; unsound ones are refused, each with its reason.
 */
export const openAccounts = (ctx: Context, inputs: readonly NewAccount[]): Promise<Opened> =>
  ctx.write(async (tx) => {
    const opened = await openIn(tx, { ...ctx, action: 'openBillingAccount' }, inputs)
    return { ...opened, receipt: await receiptOf(tx) }
  })

/** The same in the caller's transaction. */
export const openIn = async (
  tx: Transaction,
  keeping: Keeping,
  inputs: readonly NewAccount[],
): Promise<Omit<Opened, 'receipt'>> => {
  const { orgId, clock, principal, action, sealNumber } = keeping
  const at = clock.now()
  const refused = inputs.flatMap((input, index) => {
    const flaw = flawInAccount(input)
    return flaw ? [{ index, flaw }] : []
  })
  const unsound = new Set(refused.map((r) => r.index))
  const sound = inputs.flatMap((input, index) =>
    unsound.has(index) ? [] : [{ index, input, account: accountOf(input, at) }],
  )
  await lockEstates(tx, orgId)
  const withNumbers = await withFreeNumbers(tx, orgId, sound, refused)
  const free = await withFreeAddresses(tx, orgId, withNumbers, refused)
  const written = new Set(
    await insertAccounts(
      tx,
      orgId,
      free.map(({ account }) => account),
    ),
  )
  const opened = free.filter(({ account }) => written.delete(account.ban))
  const created = opened.map(({ account }) => account)
  const rule = await creditRuleOf(tx, orgId)
  const trunks = opened.flatMap(({ input, account }) => {
    const rows = input.trunks.map((t) => trunkRow(clock, account, t))
    return withAllowance(account, rule, rows)
  })
  const trunkIds = new Map(
    trunks.flatMap((trunk) =>
      trunk.status === 'DELETED' ? [] : [[`${trunk.ban} ${trunk.name}`, trunk.id] as const],
    ),
  )
  const numbers = opened.flatMap(({ input, account }) =>
    input.numbers.map((n) => {
      const trunkId = trunkIds.get(`${account.ban} ${n.trunkName?.trim()}`) ?? null
      const row = numberRow(keeping, account, n, trunkId, at)
      return account.status === 'CHURNED' ? moveNumber(row, 'RELEASED', at) : row
    }),
  )
  await insertTrunks(tx, orgId, trunks)
  await insertNumbers(tx, orgId, numbers)
  await auditAll(
    tx,
    created.map((account) => ({
      ...{ orgId, principal, action, at },
      subject: { type: 'BillingAccount', id: account.ban },
      after: { ...account },
    })),
  )
  await publish(
    tx,
    orgId,
    [
      ...created.map((account) => accountChanged(account, at)),
      ...trunks.map((trunk) => trunkChanged(trunk, at)),
      ...numbers.map((number) => numberChanged(number, at, sealNumber)),
    ],
    at,
  )
  return { created, skipped: free.length - created.length, refused }
}

interface Sound {
  index: number
  input: NewAccount
  account: BillingAccountRow
}

/**
 * Sorts out accounts that ask for a telephone number somebody has already, or that another one of the list asks for. One that is closed
 * asks for none: its numbers were given back.
 */
const withFreeNumbers = async (
  tx: Transaction,
  orgId: string,
  sound: readonly Sound[],
  refused: Opened['refused'],
): Promise<Sound[]> => {
  const wantedBy = ({ input, account }: Sound) =>
    account.status === 'CHURNED' ? [] : input.numbers.map((n) => e164(n.number)!)
  const wanted = sound.flatMap(wantedBy)
  if (wanted.length > 0) await lockNumbering(tx, orgId)
  const taken = wanted.length > 0 ? await takenNumbers(tx, orgId, wanted) : new Map<string, string>()
  return sound.filter((each) => {
    const { index, account } = each
    const mine = wantedBy(each)
    const clash = mine.findIndex((number) => (taken.get(number) ?? account.ban) !== account.ban)
    if (clash !== -1) {
      refused.push({
        index,
        flaw: { field: `numbers.${clash}.number`, problem: 'belongs to another account' },
      })
      return false
    }
    for (const number of mine) taken.set(number, account.ban)
    return true
  })
}

/** Sorts out accounts that ask for an address which a trunk has already, or which another trunk of the list asks for. */
const withFreeAddresses = async (
  tx: Transaction,
  orgId: string,
  sound: readonly Sound[],
  refused: Opened['refused'],
): Promise<Sound[]> => {
  const wanted = sound.flatMap(({ index, input, account }) =>
    input.trunks.map((trunk, place) => {
      const addresses = account.status === 'CHURNED' ? [] : addressesOf(trunk.ipAddresses)
      return { index, place, trunkId: null, ban: account.ban, addresses }
    }),
  )
  const overlaps = Map.groupBy(await overlapsOf(tx, orgId, wanted), ({ n }) => wanted[n]!.index)
  const out = new Set<number>()
  return sound.filter(({ index }) => {
    // Who is refused asks for nothing any more.
    const clash = overlaps.get(index)?.find(({ other }) => other === null || !out.has(wanted[other]!.index))
    if (!clash) return true
    const { place } = wanted[clash.n]!
    const problem = `holds ${clash.address}, which overlaps with an address of another trunk`
    refused.push({ index, flaw: { field: `trunks.${place}.ipAddresses`, problem } })
    out.add(index)
    return false
  })
}
