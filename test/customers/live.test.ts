import { expect, it } from 'vitest'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { type CustomersBed, customersBed, ORG } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { askSubgraph, principal, SHARED_SECRET } from '#test/kit/subgraph.ts'
import { subscriber } from '#test/kit/subscriber.ts'
import { until } from '#test/kit/until.ts'

/** The customers subgraph at work, which connects the bed's portal and brings everything over. */
const connected = (bed: CustomersBed) =>
  graphOf(bed.test, {
    worker: true,
    connect: { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN },
  })

it('tells subscribers of deals that move and customers that change, and goes on by cursor after a break', async () => {
  await using bed = await customersBed({ companies: 20 })
  await using running = await connected(bed)
  const url = running.url!
  const ask = async (query: string, variables = {}) =>
    (await askSubgraph(url, query, variables, principal(ORG))).data
  const sync = async () => {
    const { startHubSpotSync } = await ask(
      'mutation { startHubSpotSync { ... on SyncStarted { run { id } } } }',
    )
    return await bed.ended(startHubSpotSync.run.id)
  }
  await until(async () => (await ask('{ customers { totalCount } }')).customers.totalCount === 20)
  await sync()
  const deal = (await bed.records('deals', '&associations=companies')).find(
    ({ properties, associations }) =>
      properties.dealstage === 'qualifiedtobuy' && (associations?.companies?.length ?? 0) === 1,
  )!
  const { customers } = await ask('{ customers(first: 20) { nodes { id hubspotCompanyId } } }')
  const owner = customers.nodes.find(
    (node: { hubspotCompanyId: string }) => node.hubspotCompanyId === deal.associations!.companies![0]!.id,
  )
  const other = customers.nodes.find((node: { id: string }) => node.id !== owner.id)

  const MOVES =
    'subscription ($id: ID, $after: Cursor) { dealStageChanged(customerId: $id, after: $after) { hubspotDealId stage stageLabel previousStage previousStageLabel stageChangedAt customer { id } } }'
  const CHANGES = 'subscription ($id: ID) { customerChanged(id: $id) { id name } }'
  await using moves = await subscriber(url, MOVES, { id: owner.id })
  await using foreign = await subscriber(url, MOVES, { id: other.id })
  await using changes = await subscriber(url, CHANGES, { id: owner.id })
  const move = async (dealstage: string) => {
    await bed.sim('records/deals', { id: deal.id, properties: { dealstage } })
    await sync()
  }
  // Subscribing is not acknowledged: the first moves show that both are listening.
  let stage = 'qualifiedtobuy'
  await until(
    async () => {
      stage = stage === 'contractsent' ? 'qualifiedtobuy' : 'contractsent'
      await move(stage)
      return moves.heard.length > 0 && changes.heard.length > 0
    },
    { everyMs: 50 },
  )
  await until(() => moves.heard.at(-1)!.data.dealStageChanged!.stage === stage)
  expect(moves.heard[0]!.data.dealStageChanged).toMatchObject({
    hubspotDealId: deal.id,
    customer: { id: owner.id },
  })
  expect(changes.heard[0]!.data.customerChanged).toMatchObject({ id: owner.id })
  const { cursor } = moves.heard.at(-1)!.extensions!
  const before = moves.heard.length
  await moves[Symbol.asyncDispose]()
  await move('closedwon')
  await move('contractsent')
  await using resumed = await subscriber(url, MOVES, { id: owner.id, after: cursor })
  await until(() => resumed.heard.length >= 2)
  expect(resumed.heard.map(({ data }) => data.dealStageChanged!.stage)).toEqual(['closedwon', 'contractsent'])
  expect(resumed.heard[1]!.data.dealStageChanged).toMatchObject({
    stageLabel: 'Contract sent',
    previousStage: 'closedwon',
    previousStageLabel: 'Closed won',
    stageChangedAt: expect.stringMatching(/Z$/),
  })
  expect(before).toBeGreaterThan(0)
  expect(foreign.heard).toEqual([])
  expect([...moves.failed, ...resumed.failed, ...changes.failed]).toEqual([])
})

it('tells subscribers of tickets that are opened, each once and nothing of history', async () => {
  await using bed = await customersBed({ companies: 20 })
  await using running = await connected(bed)
  const url = running.url!
  const ask = async (query: string) => (await askSubgraph(url, query, {}, principal(ORG))).data
  await until(async () => (await ask('{ tickets(first: 1) { totalCount } }')).tickets.totalCount === 8)
  const OPENED = 'subscription ($id: ID) { ticketOpened(customerId: $id) { subject hubspotTicketId isOpen } }'
  await using opened = await subscriber(url, OPENED)
  const started = '{ startHubSpotSync(mode: FULL) { ... on SyncStarted { run { id } } } }'
  const sync = async () => bed.ended((await ask(`mutation ${started}`)).startHubSpotSync.run.id)
  const open = async (subject: string, createdate = systemClock.now()) => {
    const properties = {
      subject,
      createdate: createdate.toISOString(),
      hs_pipeline: '0',
      hs_pipeline_stage: '1',
    }
    await bed.sim('records/tickets', { properties })
    await sync()
  }
  await open('Of years ago', new Date('2020-01-01T00:00:00Z'))
  // Subscribing is not acknowledged: the first one heard shows that somebody is listening.
  let count = 0
  await until(
    async () => {
      count += 1
      await open(`Opened ${count}`)
      return opened.heard.length > 0
    },
    { everyMs: 50 },
  )
  const hears = (subject: string) => until(() => opened.heard.at(-1)?.data.ticketOpened?.subject === subject)
  await open('At last')
  await hears('At last')
  await bed.sim('records/tickets', {
    id: (await bed.records('tickets')).at(-1)!.id,
    properties: { subject: 'Renamed' },
  })
  await sync()
  await open('After all')
  await hears('After all')
  const heard = opened.heard.map(({ data }) => data.ticketOpened!)
  // By id: those that the portal began with are told of too when they are new, and two of them are called the same.
  const ids = heard.map(({ hubspotTicketId }) => hubspotTicketId)
  expect(ids).toEqual([...new Set(ids)])
  const subjects = heard.map(({ subject }) => subject)
  expect(subjects).not.toContain('Of years ago')
  expect(subjects).not.toContain('Renamed')
  expect(subjects.slice(-2)).toEqual(['At last', 'After all'])
  expect(opened.failed).toEqual([])
})

it('gives a sibling that starts anew its whole state at one position', async () => {
  await using bed = await customersBed({ companies: 20 })
  await using running = await connected(bed)
  await until(
    async () =>
      (
        await bed.database.read(ORG, (tx) =>
          tx.selectFrom('sync.runs').select('id').where('state', '=', 'COMPLETED').execute(),
        )
      ).length > 0,
  )
  const token = await principalSeal(SHARED_SECRET, systemClock).sign({
    kind: 'system',
    id: 'system:feed',
    orgId: null,
    scopes: ['*'],
  })
  const answer = await fetch(`${running.url}/feed/snapshot`, { headers: { [PRINCIPAL_HEADER]: token } })
  const lines = (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name?: string })
  const counts = Object.fromEntries(
    [
      ...Map.groupBy(
        lines.filter(({ name }) => name),
        ({ name }) => name,
      ),
    ].map(([name, all]) => [name, all.length]),
  )
  expect(counts).toEqual({
    'customers.integration.changed': 1,
    'customers.sync.progressed': 1,
    'customers.identity.changed': 20,
    'customers.company.changed': 20,
    'customers.contact.changed': 60,
    'customers.deal.changed': 16,
    'customers.ticket.changed': 8,
    'customers.task.changed': 16,
    'customers.note.changed': 24,
  })
})
