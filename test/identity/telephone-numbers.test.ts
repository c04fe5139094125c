import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import type { LoggedEvent } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { event } from '#schema/events.ts'
import { markNumber, sealNumber } from '#schema/phone-number.ts'
import { takeAccountNumbers } from '#subgraphs/customers/commands/take-account-numbers.ts'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { explainPair } from '#subgraphs/customers/store/matching.ts'
import { accountChanged } from '#subgraphs/inventory/domain/telling.ts'
import { matchAll, ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { arrive, type Bed, groups, openBed, ownName, uuid } from './bed.ts'

const AT = new Date('2026-11-20T00:00:00.000Z')
let pos = 0
const logged = (made: ReturnType<typeof event>): LoggedEvent => ({
  ...{ ...made, pos: ++pos, orgId: ORG, occurredAt: AT },
})

/** A C3 customer as inventory tells of it. */
const c3 = (bed: Bed, id: string, name: string, phone: string | null, city: string | null = null) =>
  logged(
    accountChanged(
      { id, connectionId: 'c3', name, domain: null, phone, city, country: 'United States' },
      phone ? markNumber(bed.vault, ORG, phone) : undefined,
      AT,
      false,
    ),
  )

/** A number of a billing account as telephony tells of it. */
const number = (
  bed: Bed,
  numberId: string,
  ban: string,
  written: string,
  status: 'ACTIVE' | 'RELEASED' = 'ACTIVE',
) =>
  logged(
    event('telephony.number.changed', ban, {
      ...{ numberId, ban, trunkId: null, type: 'LOCAL', status },
      sealed: sealNumber(bed.vault, ORG, numberId, { number: written, cnam: null }),
      ...{ createdAt: AT.toISOString(), observedAt: AT.toISOString() },
    }),
  )
const take = (bed: Bed, events: readonly LoggedEvent[]) =>
  bed.database.transaction(ORG, (tx) =>
    takeAccountNumbers(tx, { orgId: ORG, vault: bed.vault, at: systemClock.now() }, events),
  )

it('tells a telephone number of C3 by a mark that nobody reads it from, the same however it is written, another one elsewhere', async () => {
  await using bed = await openBed()
  const told = JSON.stringify(c3(bed, 'c', 'Kelworth', '(303) 555-0142').payload)
  expect(told).not.toMatch(/555|0142/)
  const marks = ['(303) 555-0142', '+1 303.555.0142', '13035550142'].map((written) =>
    markNumber(bed.vault, ORG, written),
  )
  expect(new Set(marks).size).toBe(1)
  expect(markNumber(bed.vault, OTHER_ORG, '+13035550142')).not.toBe(marks[0])
  expect(markNumber(bed.vault, ORG, 'ask at the desk')).toBeUndefined()
})

it('finds by its telephone number who is written otherwise, and asks; with a slip in the name it is enough to link', async () => {
  await using bed = await openBed()
  await arrive(bed, [
    { system: 'HUBSPOT', id: uuid(1), name: 'Fenland Marine', phone: '303-555-0142' },
    { system: 'HUBSPOT', id: uuid(2), name: 'Halversen Holdings', phone: '+1 303 555 0177' },
  ])
  await bed.database.transaction(ORG, (tx) =>
    takeAccounts(
      tx,
      ORG,
      [
        c3(bed, 'c1', 'Fenlund Marine', '(303) 555-0142'),
        c3(bed, 'c2', 'Front Range Pipe', '3035550177'),
        c3(bed, 'c3', 'Fenlind Marine', null),
      ],
      systemClock.now(),
    ),
  )
  await matchAll(bed)
  expect(await groups(bed)).toEqual([uuid(2), `${uuid(1)} c1`, 'c2', 'c3'].sort())
  const compared = await bed.database.read(ORG, (tx) =>
    explainPair(tx, ORG, { system: 'HUBSPOT', accountId: uuid(2) }, { system: 'C3', accountId: 'c2' }),
  )
  const phone = compared!.waterfall.find(({ field }) => field === 'PHONE')
  expect(phone).toMatchObject({ level: 'EXACT', a: null, b: null })
  expect(compared!.verdict).not.toBe('LINK')
})

it('finds a billing account by the numbers that it has, and no longer by one that it has given back', async () => {
  await using bed = await openBed()
  await arrive(bed, [
    { system: 'HUBSPOT', id: uuid(1), name: 'Fenland Marine', phone: '303-555-0142' },
    { system: 'WARP', id: 'w1', name: 'Fenlund Marine' },
  ])
  const told = [number(bed, 'n1', 'w1', '+13035550142'), number(bed, 'n2', 'w1', '+13035550143')]
  await take(bed, told)
  await matchAll(bed)
  expect(await groups(bed)).toEqual([`${uuid(1)} w1`])
  // Told again, nothing is done again.
  await take(bed, told)
  const due = () =>
    bed.database.read(ORG, (tx) => tx.selectFrom('customers.identity_due').select('account_id').execute())
  expect(await due()).toEqual([])
  await take(bed, [number(bed, 'n1', 'w1', '+13035550142', 'RELEASED')])
  await matchAll(bed)
  expect(await groups(bed)).toEqual([uuid(1), 'w1'])
  const from = bed.database.statements
  await take(
    bed,
    Array.from({ length: 80 }, (_, n) => number(bed, `m${n}`, 'w1', `+1303555${2000 + n}`)),
  )
  expect(bed.database.statements - from).toBe(3)
  const [kept] = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.identities').select('phones').where('account_id', '=', 'w1').execute(),
  )
  expect(kept!.phones).toHaveLength(50)
})

it('looks for accounts that are near by indexes alone, among very many', async () => {
  await using bed = await openBed()
  await arrive(
    bed,
    Array.from({ length: 3_000 }, (_, n) => ({
      ...{ system: 'C3' as const, id: `c${n}`, name: `${ownName(n)} Works`, domain: `b${n}.com` },
      phones: [`mark-${n}`],
    })),
  )
  const plan = await session(bed.test.adminUrl, async (client) => {
    await client.query('update customers.identities set name_core = normal_name')
    await client.query('analyze customers.identities')
    await client.query("select set_config('hub.org_id', $1, false)", [ORG])
    const { rows: settings } = await client.query<{ body: string; config: string[] }>(
      "select prosrc as body, proconfig as config from pg_proc where oid = 'customers.accounts_near'::regproc",
    )
    for (const setting of settings[0]!.config) {
      const [name, ...value] = setting.split('=')
      await client.query(`set ${name} = ${name === 'search_path' ? value.join('=') : `'${value.join('=')}'`}`)
    }
    const body = settings[0]!.body
      .replace('asked_systems', "array['C3']")
      .replace('asked_ids', "array['c7']")
      .replaceAll('limit most', 'limit 12')
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${body}`)
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  })
  expect(plan).not.toMatch(/Seq Scan/)
  for (const index of ['by_domain', 'by_phone', 'by_core', 'by_ban'])
    expect(plan).toContain(`identities_${index}`)
})
