import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { explainPair } from '#subgraphs/customers/store/matching.ts'
import { matchAll, ORG } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { until } from '#test/kit/until.ts'
import { arrive, type Bed, candidates, groups, openBed, ownName, type Said, uuid } from './bed.ts'

const SWITCHBOARD = '+1 303 200 4100'

it('fault 56 (insights): 500 companies with info@ at one provider and one switchboard stay 500, and nobody is asked about any two', async () => {
  await using bed = await openBed()
  const mark = bed.vault.mark('+13032004100', `${ORG}:phone`)
  const tenants = Array.from({ length: 500 }, (_, n): Said => {
    // Half of them at the provider that everybody is at, half under the business centre's own domain.
    const shared = { name: `${ownName(n)} Trading`, domain: n % 4 < 2 ? 'gmx.de' : 'business-center.com' }
    return n % 2 === 0
      ? { ...shared, system: 'HUBSPOT', id: uuid(n + 1), phone: SWITCHBOARD }
      : { ...shared, system: 'C3', id: `c${n}`, phones: [mark] }
  })
  await arrive(bed, tenants)
  await matchAll(bed)
  expect(await groups(bed)).toHaveLength(500)
  expect(await candidates(bed)).toEqual([])
  // One of them is in WARP as well: its name still finds it, and nobody else.
  await arrive(bed, [{ system: 'WARP', id: 'w7', name: `${tenants[7]!.name} LLC`, phones: [mark] }])
  await matchAll(bed)
  expect((await groups(bed)).filter((group) => group.includes('w7'))).toEqual(['c7 w7'])
})

it('fault 58 (insights): names with foreign letters, turned writing, invisible signs and emoji are kept as they came and matched as they look', async () => {
  await using bed = await openBed()
  // A Cyrillic o and a; invisible signs with a turn to the right-hand side; letters of another width; an emoji of four bytes.
  const disguised = [
    'Kelwоrth Cаstings',
    'Kel\u200bworth\u202e Cast\u2060ings',
    'Ｋｅｌｗｏｒｔｈ Castings 🚀',
  ]
  await arrive(bed, [
    { system: 'HUBSPOT', id: uuid(1), name: disguised[0]! },
    { system: 'C3', id: 'c', name: disguised[1]! },
    { system: 'WARP', id: 'w', name: disguised[2]! },
    { system: 'C3', id: 'other', name: 'Osterby \u202eCastings' },
  ])
  await matchAll(bed)
  expect(await groups(bed)).toEqual([`${uuid(1)} c w`, 'other'])
  const kept = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.identities').select('name').where('account_id', '<>', 'other').execute(),
  )
  expect(kept.map(({ name }) => name).sort()).toEqual([...disguised].sort())
  await using graph = await graphOf(bed.test)
  const { explainMatch } = (await graph.ask(
    `{ explainMatch(a: { system: C3, accountId: "c" }, b: { system: WARP, accountId: "w" }) { score waterfall { field a b why } } }`,
  )) as { explainMatch: { waterfall: { field: string; a: string | null; b: string | null; why: string }[] } }
  const name = explainMatch.waterfall.find(({ field }) => field === 'NAME')!
  expect([name.a, name.b]).toEqual([disguised[1], disguised[2]])
  // What they are called stands for itself and in no sentence, where it could turn or hide what follows.
  expect(explainMatch.waterfall.filter(({ why }) => /[^\p{ASCII}’−]/u.test(why))).toEqual([])
})

const PROGRAM = fileURLToPath(new URL('../kit/matching-process.ts', import.meta.url))
const started = async (bed: Bed, batch: number): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(bed.test.urls), String(batch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child
}
const waiting = (bed: Bed): Promise<number> =>
  bed.database.read(ORG, async (tx) => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from customers.identity_due`.execute(
      tx,
    )
    return rows[0]!.n
  })

it('comes to the same with two loops at once, of which one is killed within a batch', async () => {
  const said = Array.from({ length: 60 }, (_, n): Said[] => [
    { system: 'C3', id: `c${n}`, name: `${ownName(n)} Works`, domain: n % 3 === 0 ? null : `b${n}.com` },
    { system: 'WARP', id: `w${n}`, name: `${ownName(n)} Works Inc`, domain: `b${n}.com` },
  ]).flat()
  await using alone = await openBed()
  await arrive(alone, said)
  await matchAll(alone)
  await using bed = await openBed()
  await arrive(bed, said)
  const [one, two] = await Promise.all([started(bed, 4), started(bed, 4)])
  await using _ended = {
    [Symbol.asyncDispose]: async () => {
      for (const child of [one, two]) child.kill('SIGKILL')
    },
  }
  await until(async () => (await waiting(bed)) < said.length)
  one.kill('SIGKILL')
  await once(one, 'exit')
  await until(async () => (await waiting(bed)) === 0)
  expect(await groups(bed)).toEqual(await groups(alone))
  expect((await candidates(bed)).map(({ a, b, score, state }) => [a, b, score, state])).toEqual(
    (await candidates(alone)).map(({ a, b, score, state }) => [a, b, score, state]),
  )
  const told = await bed.database.read(ORG, async (tx) => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from events.recorded where name = 'customers.identity.changed'`.execute(tx)
    return rows[0]!.n
  })
  // Of each pair the one that others came to, and the one that came: each told once, whoever was killed.
  expect(told).toBe(120)
  const pair = await bed.database.read(ORG, (tx) =>
    explainPair(tx, ORG, { system: 'C3', accountId: 'c0' }, { system: 'WARP', accountId: 'w0' }),
  )
  expect(pair).toMatchObject({ verdict: 'LINK' })
})
