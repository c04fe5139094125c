import { randomInt } from 'node:crypto'
import { publish } from '#events/outbox.ts'
import { newId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { auditAll } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { e164, type Flaw, flawInAccount, type NewAccount } from '../domain/asset.ts'
import { makeBan } from '../domain/ban.ts'
import { accountChanged, numberChanged, trunkChanged } from '../domain/telling.ts'
import { type BillingAccountRow, insertAccounts } from '../store/accounts.ts'
import { insertTrunks, type TrunkRow } from '../store/assets.ts'
import { insertNumbers, lockNumbering, takenNumbers } from '../store/numbers.ts'
import type { Transaction } from '../store/transaction.ts'
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
  domain: input.domain?.toLowerCase() ?? null,
  status: input.status,
  tier: input.tier,
  mrr: input.mrr,
  creditLimit: input.creditLimit,
  currency: input.currency,
  contractEnd: input.contractEnd ?? null,
  paymentTerms: input.paymentTerms,
  paymentMethod: input.paymentMethod,
  paymentStatus: input.paymentStatus,
  createdAt: at,
  updatedAt: at,
})

/** The same account always lies on the same partition of the platform. */
const partitionOf = (ban: string): string =>
  `P${String([...ban].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % PARTITIONS, 0)).padStart(2, '0')}`

/** The rows of a new trunk. */
export const trunkRow = (
  ctx: Context,
  ban: string,
  trunk: NewAccount['trunks'][number],
  at: Date,
): TrunkRow => ({
  id: newId(ctx.clock),
  ban,
  name: trunk.name,
  status: 'ACTIVE',
  ipAddresses: trunk.ipAddresses,
  concurrentCalls: trunk.concurrentCalls,
  monthlyMinutes: trunk.monthlyMinutes,
  partitionId: byChance(partitionOf(ban), ban),
  createdAt: at,
  updatedAt: at,
})

/**
 * Opens billing accounts with their trunks and numbers: all that are sound, in a constant number of statements. Those
 * known already are left as they are, so that an import can be repeated; unsound ones are refused, each with its reason.
 */
export const openAccounts = (ctx: Context, inputs: readonly NewAccount[]): Promise<Opened> =>
  ctx.write(async (tx) => {
    const at = ctx.clock.now()
    const refused = inputs.flatMap((input, index) => {
      const flaw = flawInAccount(input)
      return flaw ? [{ index, flaw }] : []
    })
    const unsound = new Set(refused.map((r) => r.index))
    const sound = inputs.flatMap((input, index) =>
      unsound.has(index) ? [] : [{ index, input, account: accountOf(input, at) }],
    )
    const free = await withFreeNumbers(tx, ctx.orgId, sound, refused)
    const written = new Set(
      await insertAccounts(
        tx,
        ctx.orgId,
        free.map(({ account }) => account),
      ),
    )
    const opened = free.filter(({ account }) => written.delete(account.ban))
    const created = opened.map(({ account }) => account)
    const trunks = opened.flatMap(({ input, account }) =>
      input.trunks.map((t) => trunkRow(ctx, account.ban, t, at)),
    )
    const trunkIds = new Map(trunks.map((trunk) => [`${trunk.ban} ${trunk.name}`, trunk.id]))
    const numbers = opened.flatMap(({ input, account }) =>
      input.numbers.map((n) =>
        numberRow(ctx, account, n, trunkIds.get(`${account.ban} ${n.trunkName}`) ?? null, at),
      ),
    )
    await insertTrunks(tx, ctx.orgId, trunks)
    await insertNumbers(tx, ctx.orgId, numbers)
    await auditAll(
      tx,
      created.map((account) => ({
        orgId: ctx.orgId,
        principal: ctx.principal,
        action: 'openBillingAccount',
        subject: { type: 'BillingAccount', id: account.ban },
        after: { ...account },
        at,
      })),
    )
    await publish(
      tx,
      ctx.orgId,
      [
        ...created.map((account) => accountChanged(account, at)),
        ...trunks.map((trunk) => trunkChanged(trunk, at)),
        ...numbers.map((number) => numberChanged(number, at, ctx.sealNumber)),
      ],
      at,
    )
    return { created, skipped: free.length - created.length, refused, receipt: await receiptOf(tx) }
  })

interface Sound {
  index: number
  input: NewAccount
  account: BillingAccountRow
}

/** Sorts out accounts that ask for a telephone number somebody has already, or that another one of the list asks for. */
const withFreeNumbers = async (
  tx: Transaction,
  orgId: string,
  sound: readonly Sound[],
  refused: Opened['refused'],
): Promise<Sound[]> => {
  const wanted = sound.flatMap(({ input }) => input.numbers.map((n) => e164(n.number)!))
  if (wanted.length > 0) await lockNumbering(tx, orgId)
  const taken = wanted.length > 0 ? await takenNumbers(tx, orgId, wanted) : new Map<string, string>()
  return sound.filter(({ index, input, account }) => {
    const mine = input.numbers.map((n) => e164(n.number)!)
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
