import { expect, it } from 'vitest'
import { type CustomersBed, importedBed, reader, worker } from '#test/kit/customers.ts'
import { callPortal } from '#test/kit/portal.ts'
import { until } from '#test/kit/until.ts'
import { askedGraph } from './asked-graph.ts'
import { eventsOf } from './rows.ts'

interface Told {
  dealId: string
  stage: string
  stageLabel: string | null
  customerId: string | null
}

const inStep = () => importedBed({ companies: 60 }, [worker, reader])

const told = async (bed: CustomersBed) => ({
  won: await eventsOf<Told>(bed, 'customers.deal.won'),
  lost: await eventsOf<Told>(bed, 'customers.deal.lost'),
})
const open = async (bed: CustomersBed) =>
  (await bed.records('deals')).filter(({ properties }) => !properties.dealstage!.startsWith('closed'))
const move = (bed: CustomersBed, id: string, dealstage: string) =>
  bed.sim('records/deals', { id, properties: { dealstage } })
const readById = async (bed: CustomersBed, id: string) => {
  await bed.note('deals', [id])
  await until(async () => (await bed.waiting()).length === 0)
}

it('tells of no deal that was closed before the portal was connected, however often it is read', async () => {
  await using bed = await inStep()
  const closed = (await bed.records('deals')).filter(({ properties }) =>
    properties.dealstage!.startsWith('closed'),
  )
  expect(closed.length).toBeGreaterThan(5)
  expect(await told(bed)).toEqual({ won: [], lost: [] })
  await bed.sync('FULL')
  await bed.sync('RECONCILE')
  await readById(bed, closed[0]!.id)
  // Touched, but as closed as ever; and away and back.
  await bed.sim('records/deals', { id: closed[0]!.id, properties: { dealname: 'Called otherwise' } })
  await bed.sync('INCREMENTAL')
  await bed.sim('records/deals', { id: closed[1]!.id, archive: true })
  await bed.sync('INCREMENTAL')
  await bed.sim('records/deals', { id: closed[1]!.id, restore: true })
  await bed.sync('INCREMENTAL')
  expect(await told(bed)).toEqual({ won: [], lost: [] })
})

it.each(['a poll', 'a webhook', 'reconciling'] as const)(
  'tells of a deal that is won or lost once, when %s brings it, and again only when it happens again',
  async (way) => {
    await using bed = await inStep()
    const [first, second] = await open(bed)
    const bring = async (id: string) => {
      if (way === 'a webhook') return await readById(bed, id)
      await bed.sync(way === 'a poll' ? 'INCREMENTAL' : 'RECONCILE')
    }
    await move(bed, first!.id, 'closedwon')
    await bring(first!.id)
    await move(bed, second!.id, 'closedlost')
    await bring(second!.id)
    // Every other way brings them once more.
    await bed.sync('INCREMENTAL')
    await bed.sync('FULL')
    await readById(bed, first!.id)
    const once = await told(bed)
    expect(
      [once.won, once.lost].map((all) => all.map(({ stage, stageLabel }) => [stage, stageLabel])),
    ).toEqual([[['closedwon', 'Closed won']], [['closedlost', 'Closed lost']]])
    expect(once.won[0]!.customerId).not.toBeNull()
    await move(bed, first!.id, 'contractsent')
    await bring(first!.id)
    await move(bed, first!.id, 'closedwon')
    await bring(first!.id)
    expect((await told(bed)).won.map(({ dealId }) => dealId)).toEqual([
      once.won[0]!.dealId,
      once.won[0]!.dealId,
    ])
  },
)

it('tells of a deal that was made and won between two polls', async () => {
  await using bed = await inStep()
  await bed.sim('records/deals', {
    properties: { dealname: 'Quick', dealstage: 'closedwon', pipeline: 'default', amount: '700.50' },
  })
  await bed.sync('INCREMENTAL')
  await bed.sync('RECONCILE')
  const { won, lost } = await told(bed)
  expect(lost).toEqual([])
  expect(won).toHaveLength(1)
  expect(won[0]).toMatchObject({ stage: 'closedwon', amount: { amount: '700.5', currency: 'USD' } })
})

it('lets deals follow a stage that becomes a closed one, though nobody touches them, and tells nobody that they were won', async () => {
  await using graph = await askedGraph({ companies: 30 })
  const stageId = 'qualifiedtobuy'
  const inStage = (await graph.records('deals')).filter(({ properties }) => properties.dealstage === stageId)
  expect(inStage.length).toBeGreaterThan(0)
  const open = async () => {
    const { customers } = await graph.ask(
      '{ customers(first: 30) { nodes { deals(open: true, first: 50) { nodes { hubspotDealId stage isWon } } } } }',
    )
    return new Set<string>(
      customers.nodes.flatMap((node: { deals: { nodes: { hubspotDealId: string }[] } }) =>
        node.deals.nodes.map(({ hubspotDealId }) => hubspotDealId),
      ),
    )
  }
  const before = await open()
  expect(inStage.filter(({ id }) => before.has(id)).length).toBeGreaterThan(0)
  await callPortal(
    graph.portal,
    `/crm/v3/pipelines/deals/default/stages/${stageId}`,
    { metadata: { isClosed: 'true', probability: '1.0' } },
    { method: 'PATCH' },
  )
  await graph.sync('FULL')
  await until(async () => {
    const now = await open()
    return inStage.every(({ id }) => !now.has(id))
  })
  expect((await open()).size).toBe(before.size - inStage.filter(({ id }) => before.has(id)).length)
  expect(await eventsOf(graph, 'customers.deal.won')).toEqual([])
})
