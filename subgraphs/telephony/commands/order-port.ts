import { isId, newId } from '#kernel/ids.ts'
import { receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { UnpricedNumber } from '../domain/asset.ts'
import { moveNumber } from '../domain/numbers.ts'
import { flawInOrder, type PortDirection } from '../domain/ports.ts'
import { lockAccount } from '../store/accounts.ts'
import { lockNumbers, type PhoneNumberRow } from '../store/numbers.ts'
import { insertPort, type PortOrderRow } from '../store/ports.ts'
import type { Transaction } from '../store/transaction.ts'
import { keepNumbers } from './keep-numbers.ts'
import { type PortAnswer, tellPorts } from './move-port.ts'
import { newNumbers } from './new-numbers.ts'

interface Order {
  carrier: string
  wantedOn?: string | null | undefined
}

/** Prepares an order for numbers that another carrier has: they are the account's from here on, and not in use. All of them or none. */
export const orderPortIn = (
  ctx: Context,
  ban: string,
  input: Order & { numbers: readonly UnpricedNumber[] },
): Promise<PortAnswer> =>
  ctx.write(async (tx) => {
    const refused = refusedOrder(input, 'numbers', input.numbers.length)
    if (refused) return refused
    const rows = await newNumbers(tx, ctx, ban, {
      ...{ numbers: input.numbers, status: 'PORTING_IN', origin: 'PORTED' },
      fieldOf: (place, field) => `input.numbers.${place}.${field}`,
    })
    if ('__typename' in rows) return rows
    const around = { ...ctx, action: 'orderPortIn', at: ctx.clock.now() }
    const numbers = await keepNumbers(
      tx,
      around,
      rows.map((after) => ({ after })),
    )
    return order(tx, around, { ban, direction: 'IN', ...input }, numbers)
  })

/** Takes another carrier's request for numbers of an account. They stay in use until they have moved. All of them or none. */
export const orderPortOut = (
  ctx: Context,
  ban: string,
  input: Order & { numberIds: readonly string[] },
): Promise<PortAnswer> =>
  ctx.write(async (tx) => {
    const refused = refusedOrder(input, 'numberIds', input.numberIds.length)
    if (refused) return refused
    if (!(await lockAccount(tx, ctx.orgId, ban))) return missing('The billing account')
    const held = await lockNumbers(tx, ctx.orgId, [...new Set(input.numberIds)].filter(isId))
    const byId = new Map(held.map((number) => [number.id, number]))
    for (const [place, id] of input.numberIds.entries()) {
      const number = byId.get(id)
      const field = `input.numberIds.${place}`
      if (number?.ban !== ban) return invalid(field, `${field} is no number of this account.`)
      if (number.status !== 'ACTIVE')
        return invalid(field, `${field} is not in use, or moving already.`, 'NUMBER_NOT_ACTIVE')
    }
    const around = { ...ctx, action: 'orderPortOut', at: ctx.clock.now() }
    const numbers = await keepNumbers(
      tx,
      around,
      held.map((before) => ({ before, after: moveNumber(before, 'PORTING_OUT', around.at) })),
    )
    return order(tx, around, { ban, direction: 'OUT', ...input }, numbers)
  })

const refusedOrder = ({ carrier }: Order, field: string, count: number): InvalidRefusal | undefined => {
  const flaw = flawInOrder(carrier, { field, count })
  return flaw ? invalid(`input.${flaw.field}`, `input.${flaw.field} ${flaw.problem}.`) : undefined
}

/** Writes the order itself, and tells of it. */
const order = async (
  tx: Transaction,
  around: Context & { action: string; at: Date },
  { ban, direction, carrier, wantedOn }: Order & { ban: string; direction: PortDirection },
  numbers: readonly PhoneNumberRow[],
): Promise<PortAnswer> => {
  const { orgId, clock, at } = around
  const port: PortOrderRow = {
    ...{ id: newId(clock), ban, direction, status: direction === 'IN' ? 'DRAFT' : 'SUBMITTED' },
    ...{ carrier: carrier.trim(), wantedOn: wantedOn ?? null, agreedOn: null, reason: null },
    ...{ version: 1, createdAt: at, updatedAt: at },
  }
  const ids = numbers.map(({ id }) => id)
  await insertPort(tx, orgId, port, ids)
  await tellPorts(tx, around, [{ after: port, numberIds: ids }])
  return { port, receipt: await receiptOf(tx) }
}
