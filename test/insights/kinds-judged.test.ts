import { expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { takeSignals } from '#subgraphs/insights/commands/take-signals.ts'
import { isRead } from '#subgraphs/insights/domain/assess.ts'
import { kindsJudged, knownAt } from '#subgraphs/insights/domain/facts.ts'
import { findAll } from '#subgraphs/insights/domain/findings.ts'
import { health } from '#subgraphs/insights/domain/health.ts'
import { notice } from '#subgraphs/insights/domain/insights.ts'
import { kindOf, type SignalKind, signalKinds } from '#subgraphs/insights/domain/kinds.ts'
import { settingsOf } from '#subgraphs/insights/domain/settings.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { insightsBed } from './bed.ts'
import { ago, chance, NOW, randomFacts } from './facts.ts'
import { says, World } from './world.ts'

it('fetches those kinds of facts that customers are judged by, and no others', () => {
  const random = chance(5)
  const asked = new Set<SignalKind>()
  for (let round = 0; round < 40; round++) {
    const known = knownAt(randomFacts(random, 40), NOW)
    const spied = {
      ...known,
      facts: (kind: SignalKind) => {
        asked.add(kind)
        return known.facts(kind)
      },
    }
    const settings = settingsOf({})
    const scored = health(spied, settings.health)
    const { values } = findAll(spied, { settings, models: {}, health: scored }, undefined)
    const course = { days: [], slope: null, trend: null }
    notice(spied, { settings, health: { ...scored, ...course }, found: values }, undefined)
  }
  expect([...asked].sort()).toEqual([...kindsJudged].sort())
})

it('judges a customer anew for a fact that is read, and leaves it alone for one that nobody reads', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['HUBSPOT:company']))
  await bed.take(world.told, NOW)
  await bed.scoreAll(NOW)
  const unread = Object.keys(signalKinds).flatMap((kind, index) => {
    const { sending, shape, systems } = kindOf(kind)!
    if (!sending || shape === 'DAILY' || isRead(kind as SignalKind)) return []
    const [unit] = sending.units
    const told = {
      ...{ system: systems[0], kind, record: 'one', account: { system: 'HUBSPOT', id: 'company' } },
      ...{ amount: 1, unit: unit === 'CURRENCY' ? 'USD' : unit, label: sending.labels?.[0] },
      ...{ happenedAt: ago(2), observedAt: ago(1) },
    }
    return [{ index, told }]
  })
  const taken = await bed.database.transaction(world.orgId, (tx) =>
    takeSignals(asTransaction(tx), { orgId: world.orgId, clock: new TestClock(NOW) }, unread),
  )
  expect(taken).toEqual({ accepted: unread.length, known: 0, refused: [] })
  expect(await bed.scoreAll(NOW)).toBe(0)
  await bed.take([world.tell('customers.ticket.changed', says.ticket('ticket', 'company'))], NOW)
  expect(await bed.scoreAll(NOW)).toBe(1)
})
