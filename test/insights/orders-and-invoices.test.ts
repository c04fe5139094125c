import { expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { orderLines } from '#subgraphs/insights/domain/order-lines.ts'
import { signalsOf } from '#subgraphs/insights/store/signals.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { chance, NOW, shuffled } from './facts.ts'
import { says, World } from './world.ts'

type Order = EventPayload<'inventory.order.changed'>
type Invoice = EventPayload<'telephony.invoice.changed'>

const line = (category: string | null, quantity: number, amount: string, manufacturer = 'Vishay') => ({
  ...{ componentId: `part-${amount}`, manufacturer, category, family: null, quantity, amount },
})
const order = (more: Partial<Order> = {}): Order => ({
  ...{ orderId: 'c3-1:2026-11-02:EUR:SALE', accountId: 'c3-1', kind: 'SALE', day: '2026-11-02' },
  ...{ orderedAt: '2026-11-02T08:00:00.000Z', total: { amount: '30.3000', currency: 'EUR' } },
  lines: [
    line('Resistors', 100, '10.1000'),
    line('Resistors', 3, '0.1000'),
    line(null, 1, '20.1000', 'Murata'),
  ],
  ...{ observedAt: '2026-11-03T08:00:00.000Z', deleted: false, ...more },
})
const invoice = (more: Partial<Invoice> = {}): Invoice => ({
  ...{ invoiceId: 'invoice-1', number: 'I-1', ban: 'ban-1', month: '2026-10', status: 'ISSUED' },
  ...{ total: { amount: '99.5000', currency: 'USD' }, issuedAt: '2026-11-01T00:00:00.000Z', paidAt: null },
  ...{ dueOn: '2026-11-15', observedAt: '2026-11-01T00:00:00.000Z', ...more },
})
const identified = () => {
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['C3:c3-1', 'WARP:ban-1']))
  return world
}
const known = async (bed: InsightsBed, world: World) => {
  const found = await bed.database.read(world.orgId, (tx) =>
    signalsOf(asTransaction(tx), world.orgId, ['customer']),
  )
  return found.get('customer')!.map(({ kind, amount, unit, label, happenedAt, endedAt, details }) => ({
    ...{ kind, amount, unit, label, at: happenedAt?.toISOString(), until: endedAt?.toISOString(), details },
  }))
}

it('keeps what a customer bought on a day and what of, as it was told last, and takes it back when it is gone', async () => {
  await using bed = await insightsBed()
  const world = identified()
  const first = world.tell('inventory.order.changed', order())
  await bed.take(world.told, NOW)
  const kept = {
    ...{ kind: 'order', amount: 30.3, unit: 'EUR', label: 'SALE', at: '2026-11-02T08:00:00.000Z' },
    details: {
      lines: [
        { category: null, family: null, manufacturer: 'Murata', quantity: 1, amount: '20.1' },
        { category: 'Resistors', family: null, manufacturer: 'Vishay', quantity: 103, amount: '10.2' },
      ],
    },
  }
  expect(await known(bed, world)).toEqual([kept])
  expect(await bed.scoreAll(NOW)).toBe(1)

  // The same sum of other parts is another fact.
  const other = [line('Capacitors', 1, '30.3000')]
  const second = world.tell('inventory.order.changed', order({ lines: other }))
  for (const batch of [[second, first], [first], [second]]) await bed.take(batch, NOW)
  expect(await known(bed, world)).toMatchObject([{ details: { lines: [{ category: 'Capacitors' }] } }])
  expect(await bed.scoreAll(NOW)).toBe(1)

  const gone = world.tell('inventory.order.changed', order({ deleted: true, total: null, lines: [] }))
  for (const batch of [[gone], [second], [gone]]) await bed.take(batch, NOW)
  expect(await known(bed, world)).toEqual([])
  expect(await bed.scoreAll(NOW)).toBe(1)
  expect(await bed.scoreAll(NOW)).toBe(0)
})

it('keeps invoices until they are void, with when they are due and when they were paid', async () => {
  await using bed = await insightsBed()
  const world = identified()
  const told = (more: Partial<Invoice>) => world.tell('telephony.invoice.changed', invoice(more))
  await bed.take([...world.told, told({}), told({ invoiceId: 'invoice-2', dueOn: '2026-11-20' })], NOW)
  await bed.take([told({ status: 'OVERDUE' })], NOW)
  await bed.take([told({ status: 'PAID', paidAt: '2026-11-18T00:00:00.000Z' })], NOW)
  const paid = { label: 'PAID', until: '2026-11-18T00:00:00.000Z', details: { dueOn: '2026-11-15' } }
  const open = { label: 'ISSUED', until: undefined, details: { dueOn: '2026-11-20' } }
  const byLabel = (list: { label: string | null }[]) => list.sort((a, b) => (a.label! < b.label! ? -1 : 1))
  expect(byLabel(await known(bed, world))).toMatchObject([open, paid])
  await bed.take([told({ invoiceId: 'invoice-2', status: 'VOID' })], NOW)
  expect(await known(bed, world)).toMatchObject([{ ...paid, amount: 99.5, unit: 'USD' }])
})

it('adds up an order’s parts exactly, whatever order they come in, and keeps the fifty that cost most', () => {
  const random = chance(5)
  const parts = Array.from({ length: 200 }, (_, n) => line(`Category ${n % 80}`, 1, `${(n % 80) + 1}.1`))
  const lines = orderLines(parts)
  expect(orderLines(shuffled(random, parts))).toEqual(lines)
  expect(lines).toHaveLength(50)
  expect(lines[0]).toMatchObject({ category: 'Category 79', quantity: 2, amount: '160.2' })
  expect(orderLines([line(null, 1, '0.1'), line(null, 1, '0.2')])).toMatchObject([{ amount: '0.3' }])
})
