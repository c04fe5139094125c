import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { matchSome } from '#subgraphs/customers/commands/match-accounts.ts'
import { customerOfAccount } from '#subgraphs/customers/domain/links.ts'
import { moveAccounts } from '#subgraphs/customers/store/identities.ts'
import { decideCandidates } from '#subgraphs/customers/store/identity-candidates.ts'
import { explainPair } from '#subgraphs/customers/store/matching.ts'
import { matchAll, ORG } from '#test/kit/customers.ts'
import { arrive, candidates, groups, openBed, type Said, uuid } from './bed.ts'

const WORLD: readonly Said[] = [
  { system: 'HUBSPOT', id: uuid(1), name: 'Kelworth Controls', domain: 'kelworth.com' },
  { system: 'C3', id: 'c1', name: 'KELWORTH CONTROLS INC', domain: null },
  { system: 'WARP', id: 'w1', name: 'Kelworth Controls, Inc.', domain: 'kelworth.com' },
  { system: 'HUBSPOT', id: uuid(2), name: 'Kelworth Controls West', domain: 'kelworth.com' },
  { system: 'C3', id: 'c2', name: 'Osterby Clinics LLC', domain: 'osterby.org' },
  { system: 'WARP', id: 'w2', name: 'Osterby Clinic', domain: 'osterby.org' },
  { system: 'HUBSPOT', id: uuid(3), name: 'Halden Freight', domain: 'halden.com' },
  { system: 'HUBSPOT', id: uuid(4), name: 'Halden Freight LLC', domain: 'halden.com' },
  { system: 'C3', id: 'c3', name: 'Halden Freight', domain: 'halden.com' },
  { system: 'C3', id: 'c4', name: 'Marlund Optics', domain: null },
  { system: 'WARP', id: 'w4', name: 'Marland Optics', domain: null },
]

it('comes to the same, in whatever order accounts arrive and however many at a time', async () => {
  await using bed = await openBed()
  await arrive(bed, WORLD)
  await matchAll(bed)
  const once = await groups(bed)
  // A subsidiary is another customer; of two companies that are alike nobody can be told to be the one; a slip alone is asked about.
  expect(once).toEqual([`${uuid(1)} c1 w1`, uuid(2), 'c2 w2', uuid(3), uuid(4), 'c3', 'c4', 'w4'].sort())
  for (const turn of [3, 7]) {
    await using other = await openBed()
    const order = WORLD.map((_, n) => WORLD[(n * turn + 5) % WORLD.length]!)
    for (const said of order) {
      await arrive(other, [said])
      await matchAll(other, 1)
    }
    expect(await groups(other)).toEqual(once)
    expect((await candidates(other)).map(({ score, state }) => [score, state])).toEqual(
      (await candidates(bed)).map(({ score, state }) => [score, state]),
    )
  }
})

it('asks about what is likely, reports duplicates inside one portal, and shows what from', async () => {
  await using bed = await openBed()
  await arrive(bed, WORLD)
  await matchAll(bed)
  const found = await candidates(bed)
  const slip = found.find(({ rules }) => rules.includes('SLIP_ALONE'))!
  expect(slip).toMatchObject({ kind: 'MATCH', state: 'OPEN', verdict: 'ASK' })
  const twice = found.find(({ kind, b }) => kind === 'DUPLICATE' && b.accountId === uuid(4))!
  expect(twice).toMatchObject({ state: 'OPEN', a: { accountId: uuid(3) } })
  const shown = await bed.database.read(ORG, (tx) => explainPair(tx, ORG, slip.a, slip.b))
  expect(shown).toMatchObject({ score: slip.score, waterfall: slip.waterfall })
})

it('holds a person’s decision until what it was made on changes', async () => {
  await using bed = await openBed()
  const [one, two]: Said[] = [
    { system: 'C3', id: 'c', name: 'Osterby Clinics', domain: 'osterby.org' },
    { system: 'WARP', id: 'w', name: 'Osterby Clinics Inc', domain: 'osterby.org' },
  ]
  await arrive(bed, [one!, two!])
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c w'])
  const [candidate] = await candidates(bed)
  const reject = { state: 'REJECTED' as const, decidedBy: 'user 1', reason: 'Two houses.' }
  await bed.database.transaction(ORG, (tx) =>
    decideCandidates(tx, ORG, [candidate!.id], reject, systemClock.now()),
  )
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c', 'w'])
  await arrive(bed, [one!, two!])
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c', 'w'])
  await arrive(bed, [{ ...one!, name: 'Osterby Clinics Incorporated' }])
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c w'])
})

it('takes a link back when what it rested on is gone, and leaves what a person linked', async () => {
  await using bed = await openBed()
  const said: Said[] = [
    { system: 'C3', id: 'c', name: 'Osterby Clinics', domain: 'osterby.org' },
    { system: 'WARP', id: 'w', name: 'Osterby Clinics Inc', domain: 'osterby.org' },
    { system: 'WARP', id: 'v', name: 'Something Else', domain: null },
  ]
  await arrive(bed, said)
  await bed.database.transaction(ORG, (tx) =>
    moveAccounts(tx, ORG, [
      {
        system: 'WARP',
        account_id: 'v',
        customer_id: customerOfAccount(ORG, 'C3', 'c'),
        linked_by: 'MANUAL',
      },
    ]),
  )
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c v', 'w'])
  await arrive(bed, [{ ...said[0]!, name: 'Halden Freight', domain: 'halden.com' }])
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c v', 'w'])
  await arrive(bed, [{ ...said[2]!, gone: true }])
  await matchAll(bed)
  expect(await groups(bed)).toEqual(['c', 'w'])
})

it('matches many accounts in as many statements as one', async () => {
  await using bed = await openBed()
  const counted = async (said: Said[]) => {
    await arrive(bed, said)
    const from = bed.database.statements
    for (const _ of ['learn', 'judge'])
      await bed.database.transaction(ORG, (tx) =>
        matchSome(tx, { orgId: ORG, vault: bed.vault, at: systemClock.now() }, 500),
      )
    return bed.database.statements - from
  }
  const pair = (n: number): Said[] => [
    { system: 'C3', id: `c${n}`, name: `Brand${n.toString(36)}zq Works`, domain: `b${n}.com` },
    { system: 'WARP', id: `w${n}`, name: `Brand${n.toString(36)}zq Works`, domain: `b${n}.com` },
  ]
  const one = await counted(pair(1))
  const many = await counted(Array.from({ length: 100 }, (_, n) => pair(n + 2)).flat())
  expect(many).toBe(one)
  expect(await groups(bed)).toHaveLength(101)
})
