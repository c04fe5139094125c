import { describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { asRun, noteDone } from '#subgraphs/insights/commands/note-runs.ts'
import { startTally } from '#subgraphs/insights/jobs/tally.ts'
import { silentLog } from '#test/kit/log.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import type { InsightsBed } from './bed.ts'
import { ago, NOW } from './facts.ts'
import { payers, start } from './running.ts'

const RUNS =
  'query ($kinds: [InsightRunKind!], $first: Int! = 20, $after: Cursor) { insightRuns(kinds: $kinds, first: $first, after: $after) { nodes { kind startedAt endedAt outcome customers failures workedMs } pageInfo { endCursor hasNextPage } } }'
interface Shown {
  kind: string
  outcome: string
  startedAt: string
}
const runs = async (url: string, variables: Record<string, unknown> = {}, who = principal()) => {
  const { data, errors } = await askSubgraph(url, RUNS, variables, who)
  expect(errors).toBeUndefined()
  return data.insightRuns as { nodes: Shown[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
}
const noted = (bed: InsightsBed, at: Date, customers: number, failures = 0) =>
  bed.database.transaction(DEMO, (tx) =>
    noteDone(tx, DEMO, { kind: 'JUDGE', clock: new TestClock(at), customers, failures, workedMs: 7 }),
  )
const run = (bed: InsightsBed, at: Date, work: () => Promise<unknown>) =>
  asRun(bed.database, { orgId: DEMO, kind: 'LEARN_BUYING', clock: new TestClock(at) }, work)

describe('what the hub does for all customers', () => {
  it('is noted run by run, also where it fails, and not where there was nothing to do', async () => {
    await using hub = await start()
    await run(hub.bed, ago(2), async () => true)
    await run(hub.bed, ago(1), async () => false)
    await run(hub.bed, ago(1), async () => null)
    const failing = run(hub.bed, NOW, () => Promise.reject(new Error('no memory')))
    await expect(failing).rejects.toThrow('no memory')
    expect((await runs(hub.url)).nodes).toMatchObject([
      { kind: 'LEARN_BUYING', startedAt: NOW.toISOString(), outcome: 'FAILED', customers: null, failures: 1 },
      { kind: 'LEARN_BUYING', startedAt: ago(2).toISOString(), outcome: 'DONE', failures: 0 },
    ])
  })

  it('is one run of an hour where it goes on all the time, however many batches and processes', async () => {
    await using hub = await start()
    const [hour, later] = [NOW, new Date(NOW.getTime() + 59 * 60_000)]
    await Promise.all([noted(hub.bed, hour, 250), noted(hub.bed, later, 3, 1)])
    await noted(hub.bed, new Date(NOW.getTime() + 3_600_000), 0, 2)
    expect((await runs(hub.url)).nodes).toMatchObject([
      { kind: 'JUDGE', outcome: 'FAILED', customers: 0, failures: 2 },
      {
        ...{ kind: 'JUDGE', startedAt: hour.toISOString(), endedAt: later.toISOString(), outcome: 'DONE' },
        ...{ customers: 253, failures: 1, workedMs: 14 },
      },
    ])
  })

  it('is counted while batches run, and noted when the process ends', async () => {
    await using hub = await start()
    const { database } = hub.bed
    {
      await using tally = startTally('JUDGE', { rows: database, clock: hub.clock, log: silentLog })
      expect(await tally.count(DEMO, async () => 5)).toBe(5)
      expect(await tally.count(DEMO, async () => 0)).toBe(0)
      await expect(tally.count(DEMO, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
    }
    expect((await runs(hub.url)).nodes).toMatchObject([{ kind: 'JUDGE', customers: 5, failures: 1 }])
  })

  it('shows a judging of all customers until the last of them has been, and ends one that another took the place of', async () => {
    await using hub = await start()
    await hub.bed.take(payers(4).told, ago(1))
    await hub.bed.scoreAll(ago(1))
    const recompute = () => askSubgraph(hub.url, 'mutation { recomputeInsights { recompute { total } } }')
    await recompute()
    await recompute()
    await hub.bed.batch(DEMO, NOW, 3)
    await noted(hub.bed, NOW, 3)
    const states = async () =>
      (await runs(hub.url, { kinds: ['RECOMPUTE'] })).nodes.map(({ outcome }) => outcome)
    expect(await states()).toEqual(['RUNNING', 'DONE'])
    await hub.bed.batch(DEMO, NOW, 3)
    await noted(hub.bed, NOW, 1)
    expect(await states()).toEqual(['DONE', 'DONE'])
    expect((await runs(hub.url, { kinds: ['RECOMPUTE'] })).nodes[0]).toMatchObject({ customers: 4 })
  })

  it('is listed page by page, each once, for 90 days, and to its own organisation alone', async () => {
    await using hub = await start()
    await run(hub.bed, ago(93), async () => true)
    for (const days of [5, 4, 3, 3, 2]) await run(hub.bed, ago(days), async () => true)
    const seen: Shown[] = []
    for (let after: string | undefined; ; ) {
      const page = await runs(hub.url, { first: 2, after })
      seen.push(...page.nodes)
      after = page.pageInfo.endCursor
      if (!page.pageInfo.hasNextPage) break
    }
    expect(seen.map(({ startedAt }) => startedAt)).toEqual(
      [2, 3, 3, 4, 5].map((days) => ago(days).toISOString()),
    )
    expect((await runs(hub.url, { kinds: ['ENRICH'] })).nodes).toEqual([])
    expect((await runs(hub.url, {}, principal(EMPTY))).nodes).toEqual([])
    const foreign = Buffer.from(JSON.stringify(['2026', 'x'])).toString('base64url')
    const { errors } = await askSubgraph(hub.url, RUNS, { after: foreign })
    expect(errors?.map((e) => e.extensions?.code)).toEqual(['BAD_INPUT'])
  })
})

it('says whether customers are judged in time', async () => {
  await using hub = await start()
  const ASK = '{ insightEngine { waiting waitingSince due nextDueAt lastJudgedAt recompute { kind } } }'
  const engine = async (who = principal()) => (await askSubgraph(hub.url, ASK, {}, who)).data.insightEngine
  const nobody = {
    waiting: 0,
    waitingSince: null,
    due: 0,
    nextDueAt: null,
    lastJudgedAt: null,
    recompute: null,
  }
  expect(await engine()).toEqual(nobody)
  await hub.bed.take(payers(4).told, ago(1))
  expect(await engine()).toMatchObject({ waiting: 4, waitingSince: ago(1).toISOString() })
  await hub.bed.scoreAll(ago(1))
  await noted(hub.bed, ago(1), 4)
  expect(await engine()).toMatchObject({
    ...{ waiting: 0, due: 0, lastJudgedAt: ago(1).toISOString() },
    nextDueAt: expect.any(String),
  })
  expect(await engine(principal(EMPTY))).toEqual(nobody)
})
