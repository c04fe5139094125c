import { expect, it } from 'vitest'
import { DEMO_CLIENT_SECRET } from '#connectors/hubspot/simulator/index.ts'
import { worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'
import { PATH, type WebhookBed, webhookBed } from './bed.ts'

interface Told {
  counts: Record<'attempts' | 'delivered' | 'failed' | 'givenUp' | 'dropped', number>
  waiting: { events: number; inFlight: number; retrying: number }
  attempts: { status: number; forged?: boolean; duplicate?: boolean }[]
}

/** A portal that tells the hub of everything by itself, and mixes it up as it is told to. */
const talkative = async (mishaps: object) => {
  const webhooks = { secrets: [DEMO_CLIENT_SECRET], allowV1: false, networks: [] }
  await using stack = new AsyncDisposableStack()
  const t = stack.use(await webhookBed({ companies: 12, webhooks }))
  await t.sim('webhooks', { targetUrl: `${t.url}${PATH}`, subscriptions: 'all', batchMs: 5 })
  await t.sim('faults', { webhooks: mishaps })
  const all = stack.move()
  return { ...t, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Everything that people do to records in a portal. */
const liveliness = async (t: WebhookBed) => {
  const [companies, contacts, deals] = await Promise.all(
    ['companies', 'contacts', 'deals'].map(async (type) => (await t.records(type)).map(({ id }) => id)),
  )
  const { results } = await t.sim<{ results: { id: string }[] }>('records/deals', {
    list: ['New', 'Going', 'Back'].map((dealname) => ({
      properties: { dealname, dealstage: 'appointmentscheduled', pipeline: 'default' },
    })),
  })
  for (const round of [1, 2, 3]) {
    const list = (ids: string[], property: string) =>
      ids.map((id) => ({ id, properties: { [property]: `${property} ${round}` } }))
    await t.sim('records/companies', { list: list(companies!.slice(0, 8), 'name') })
    await t.sim('records/contacts', { list: list(contacts!.slice(0, 10), 'jobtitle') })
    await t.sim('records/deals', { list: list([results[0]!.id, ...deals!.slice(0, 5)], 'dealname') })
  }
  // New ones, which no task is about: a task is told of again when what it is about goes.
  await t.sim('records/deals', { id: results[1]!.id, archive: true })
  await t.sim('records/deals', { id: results[2]!.id, archive: true })
  await t.sim('records/deals', { id: results[2]!.id, restore: true })
  await t.sim('records/deals', {
    id: results[0]!.id,
    associate: { to: 'companies', id: companies![3], primary: true },
  })
}

const heard = (t: WebhookBed) =>
  until(async () => {
    const told = await t.sim<Told>('webhooks/journal')
    const { events, inFlight, retrying } = told.waiting
    return events + inFlight + retrying === 0 && told.counts.attempts > 0 ? told : undefined
  })

it('ends with what the portal has when webhooks come twice, out of order, late and mixed with forged ones', async () => {
  // In how many deliveries the changes gather is up to the machine: a share of a few might be none.
  await using t = await talkative({ duplicate: 1, reorder: 0.5, forge: 1, delayMs: 5 })
  await liveliness(t)
  const { attempts, counts } = await heard(t)
  await t.settled()
  expect(await checkLedger(t)).toEqual(CLEAN)
  const forged = attempts.filter((attempt) => attempt.forged)
  expect(forged.length).toBeGreaterThan(0)
  expect(new Set(forged.map(({ status }) => status))).toEqual(new Set([401]))
  expect(attempts.filter((attempt) => !attempt.forged).every(({ status }) => status === 200)).toBe(true)
  expect(attempts.some(({ duplicate }) => duplicate)).toBe(true)
  expect([counts.failed, counts.givenUp]).toEqual([forged.length, 0])
})

it('ends with what the portal has when webhooks are lost, once its records are compared', async () => {
  await using t = await talkative({ drop: 0.5 })
  await liveliness(t)
  expect((await heard(t)).counts.dropped).toBeGreaterThan(0)
  await t.settled()
  await using _ = worker(t)
  await t.sync('RECONCILE')
  expect(await checkLedger(t)).toEqual(CLEAN)
})
