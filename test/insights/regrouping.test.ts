import { describe, expect, it } from 'vitest'
import { standingsOf } from '#subgraphs/insights/store/courses.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { debtor, eventsIn, insightsIn, later } from './insight-facts.ts'
import { says, World } from './world.ts'

/** What a judgement leaves, without versions and the moment at which it was made. */
const JUDGED = {
  health: "to_jsonb(t) - '{as_of,identity_version,fingerprint}'::text[]",
  findings: "to_jsonb(t) - '{as_of}'::text[]",
  insights: "to_jsonb(t) - '{as_of,version}'::text[]",
  enrichments: 'to_jsonb(t)',
  enrichment_queue: 'to_jsonb(t)',
}
const judgedIn = async (bed: InsightsBed): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(JUDGED).map(async ([table, said]) => {
        const where = table === 'insights' ? 'where undone_at is null' : ''
        const rows = await bed.rows<{ row: string }>(
          `select (${said})::text as row from insights.${table} t ${where} order by 1`,
        )
        return [table, rows.map(({ row }) => row)]
      }),
    ),
  )

/** Customers with an account of C3 and one of WARP that does not pay; accounts of theirs can be linked and taken apart. */
const worldOf = (...names: string[]) => {
  const world = new World()
  const versions = new Map<string, number>()
  const owns = new Map(names.map((name) => [name, [name]]))
  const tell = (name: string, into: string | null) => {
    versions.set(name, (versions.get(name) ?? 0) + 1)
    const accounts = owns.get(name)!.flatMap((one) => [`HUBSPOT:${one}`, `WARP:${one}`])
    return world.tell('customers.identity.changed', says.identity(name, versions.get(name)!, accounts, into))
  }
  for (const [n, name] of names.entries()) {
    tell(name, null)
    world.tell('customers.company.changed', says.company(name))
    world.tell('telephony.account.changed', says.account(name, 'PAST_DUE', `${5000 + n * 1000}`))
  }
  return {
    world,
    /** All accounts of one come to another. @returns what is told of it */
    link: (from: string, into: string) => {
      owns.set(into, [...owns.get(into)!, ...owns.get(from)!])
      owns.set(from, [])
      return [tell(into, null), tell(from, into)]
    },
    /** The accounts that one began with go back to it. */
    split: (name: string, from: string) => {
      owns.set(
        from,
        owns.get(from)!.filter((one) => one !== name),
      )
      owns.set(name, [name])
      return [tell(from, null), tell(name, null)]
    },
  }
}

/** Lets people decide, as a decision leaves it. */
const decided = (bed: InsightsBed, customer: string, state: 'ACCEPTED' | 'DISMISSED', at: Date) =>
  bed.rows(
    `update insights.insights set state = $2, version = version + 1, decided_at = $3, as_of = $3, taken_from = null,
      is_recommended = is_recommended or $2 = 'ACCEPTED', dismissed_for = case when $2 = 'DISMISSED' then 'WRONG' end,
      dismissals = dismissals + ($2 = 'DISMISSED')::int, dismissed_at = case when $2 = 'DISMISSED' then $3 else dismissed_at end
    where customer_id = $1 and detector = 'payment-overdue' and is_open`,
    [customer, state, at],
  )
const overdueOf = async (bed: InsightsBed) =>
  (await insightsIn(bed, "detector = 'payment-overdue' and undone_at is null")).map(
    ({ customer_id, state }) => `${customer_id} ${state}`,
  )

/** Lets moments pass so that scores have a course. */
const judgedSince = async (bed: InsightsBed, world: World) => {
  for (const day of [0, 5, 11, 17]) {
    await bed.take(day === 0 ? world.told : [], later(day))
    await bed.scoreAll(later(day))
  }
}

describe('fault 55 (insights): a link that is undone', () => {
  it('leaves what was thought of both as it was: scores with their course, findings, what was noticed and decided, and what was written', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    await decided(bed, 'a', 'ACCEPTED', later(17))
    await bed.rows(
      `insert into insights.enrichments select org_id, customer_id, '{"sentences": [{"text": "It pays late."}], "confidence": "61.00", "refused": []}', 'of ' || customer_id, $1, $1 from insights.customers`,
      [later(17)],
    )
    await bed.rows(
      `insert into insights.enrichment_queue (org_id, customer_id, state, priority, is_asked, wanted_at, attempts, finished_at)
        select org_id, customer_id, 'RESTING', 5, false, $1, 1, $1 from insights.customers`,
      [later(17)],
    )
    const before = await judgedIn(bed)
    expect(before.health).toHaveLength(2)
    expect(JSON.parse(before.health![0]!).trend).not.toBeNull()
    for (const round of [0, 1]) {
      await bed.take(link('a', 'b'), later(17.1 + round / 10))
      await bed.scoreAll(later(17.1 + round / 10))
      expect((await judgedIn(bed)).health).toHaveLength(1)
      expect(await overdueOf(bed)).toEqual(['a EXPIRED', 'b NEW'])
      await bed.take(split('a', 'b'), later(17.15 + round / 10))
      await bed.scoreAll(later(17.15 + round / 10))
      expect(await judgedIn(bed)).toEqual(before)
    }
  })

  it('of which nobody knew when it was undone leaves nothing at all', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    const before = await judgedIn(bed)
    await bed.take([...link('a', 'b'), ...split('a', 'b')], later(17.1))
    await bed.scoreAll(later(17.1))
    expect(await judgedIn(bed)).toEqual(before)
  })

  it.each([[['a', 'c']], [['c', 'a']]])(
    'leaves nothing when two were linked to one and go again, in the order %s',
    async (order) => {
      await using bed = await insightsBed()
      const { world, link, split } = worldOf('a', 'b', 'c')
      await judgedSince(bed, world)
      await decided(bed, 'c', 'ACCEPTED', later(17))
      const before = await judgedIn(bed)
      for (const [n, name] of ['a', 'c'].entries()) {
        await bed.take(link(name, 'b'), later(17.1 + n / 100))
        await bed.scoreAll(later(17.1 + n / 100))
      }
      for (const [n, name] of order.entries()) {
        await bed.take(split(name, 'b'), later(17.2 + n / 100))
        await bed.scoreAll(later(17.2 + n / 100))
      }
      expect(await judgedIn(bed)).toEqual(before)
    },
  )

  it('leaves facts that came meanwhile with their accounts', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    await bed.take(link('a', 'b'), later(18))
    await bed.scoreAll(later(18))
    const news = [
      world.tell('telephony.account.changed', says.account('a', 'CURRENT', '5000')),
      world.tell('customers.ticket.changed', says.ticket('t', 'b')),
    ]
    await bed.take(news, later(19))
    await bed.scoreAll(later(19))
    await bed.take(split('a', 'b'), later(20))
    await bed.scoreAll(later(20))
    expect(await overdueOf(bed)).toEqual(['a EXPIRED', 'b NEW'])
    // As they are of customers that nobody ever linked.
    await using other = await insightsBed()
    const alone = worldOf('a', 'b').world
    await judgedSince(other, alone)
    await other.take(
      [
        alone.tell('telephony.account.changed', says.account('a', 'CURRENT', '5000')),
        alone.tell('customers.ticket.changed', says.ticket('t', 'b')),
      ],
      later(20),
    )
    await other.scoreAll(later(20))
    const scored = async (of: InsightsBed) =>
      await of.rows(
        'select customer_id, score, confidence, days, slope, trend from insights.health order by 1',
      )
    expect(await scored(bed)).toEqual(await scored(other))
  })

  it('leaves no day of it in where scores are going, though it stays to be asked for', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    await bed.take(link('a', 'b'), later(18))
    await bed.scoreAll(later(18))
    await bed.take([world.tell('customers.ticket.changed', says.ticket('t', 'a'))], later(21))
    await bed.scoreAll(later(21))
    await bed.take(split('a', 'b'), later(24))
    await bed.scoreAll(later(24))
    const days = (
      await bed.rows<{ days: [number, number][] }>("select days from insights.health where customer_id = 'b'")
    )[0]!.days
    const [course] = await bed.database.read(world.orgId, (tx) =>
      standingsOf(asTransaction(tx), world.orgId, [{ customerId: 'b', at: later(24) }]),
    )
    const of = (day: number) => Math.floor(later(day).getTime() / 86_400_000)
    expect(days.map(([day]) => day).filter((day) => day > of(17) && day < of(24))).toEqual([])
    expect(course!.standings.map(({ day, score }) => [day, score])).toEqual(days)
    const steps = await bed.rows(
      "select 1 from insights.health_history where customer_id = 'b' and is_undone",
    )
    expect(steps.length).toBeGreaterThan(0)
  })
})

describe('whoever is merged into another', () => {
  const LIMITS = [250, 1]
  it.each(LIMITS)(
    'leaves it what people decided, of whatever it had noticed nothing itself, until it stands for itself again (%i at a time)',
    async (limit) => {
      await using bed = await insightsBed()
      const world = new World()
      debtor(world, 1)
      await bed.take(world.told, NOW)
      await bed.scoreAll(NOW)
      await decided(bed, 'debtor-1', 'DISMISSED', later(1))
      const identity = (version: number, ...rest: [string[], (string | null)?]) =>
        world.tell('customers.identity.changed', says.identity('debtor-1', version, ...rest))
      const survivor = (version: number, accounts: string[]) =>
        world.tell('customers.identity.changed', says.identity('survivor', version, accounts))
      const own = ['HUBSPOT:debtor-1', 'WARP:debtor-1']
      await bed.take([survivor(1, ['C3:own'])], later(1))
      await bed.scoreAll(later(1))
      const before = await judgedIn(bed)
      // Told one by one: the survivor may be judged before whoever is merged into it, or after.
      for (const told of [survivor(2, ['C3:own', ...own]), identity(2, [], 'survivor')]) {
        await bed.take([told], later(2))
        await bed.batch(world.orgId, later(2), limit)
      }
      await bed.scoreAll(later(2), limit)
      expect(await overdueOf(bed)).toEqual(['debtor-1 DISMISSED', 'survivor DISMISSED'])
      // The last word holds: nothing is raised of it for as long as it rests.
      await bed.scoreAll(later(20), limit)
      expect(await overdueOf(bed)).toEqual(['debtor-1 DISMISSED', 'survivor DISMISSED'])
      for (const told of [survivor(3, ['C3:own']), identity(3, own)]) {
        await bed.take([told], later(2.1))
        await bed.batch(world.orgId, later(2.1), limit)
      }
      await bed.scoreAll(later(2.1), limit)
      expect(await overdueOf(bed)).toEqual(['debtor-1 DISMISSED'])
      expect((await judgedIn(bed)).insights).toEqual(before.insights)
    },
  )

  it('does not take with it what people decided of both together', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    await bed.take(link('a', 'b'), later(17.1))
    await bed.scoreAll(later(17.1))
    await decided(bed, 'b', 'DISMISSED', later(17.2))
    await bed.take(split('a', 'b'), later(17.3))
    await bed.scoreAll(later(17.3))
    expect(await overdueOf(bed)).toEqual(['a NEW', 'b DISMISSED'])
  })

  it('is no more told to be anything, and is told again when it stands for itself', async () => {
    await using bed = await insightsBed()
    const { world, link, split } = worldOf('a', 'b')
    await judgedSince(bed, world)
    /** The last word about every field of a customer. */
    const saidOf = async (customer: string) => {
      const said: Record<string, unknown> = {}
      for (const { key, payload } of await bed.profiles(world.orgId))
        if (key === customer)
          for (const [field, one] of Object.entries(payload.fields)) said[field] = one!.value
      const scores = (await bed.told(world.orgId)).filter(({ key }) => key === customer)
      return { ...said, health: scores.at(-1)?.payload.score ?? null }
    }
    const before = await saidOf('a')
    expect(Object.values(before).filter((value) => value !== null).length).toBeGreaterThan(3)
    await bed.take(link('a', 'b'), later(17.1))
    await bed.scoreAll(later(17.1))
    expect(Object.values(await saidOf('a')).filter((value) => value !== null)).toEqual([])
    await bed.take(split('a', 'b'), later(17.2))
    await bed.scoreAll(later(17.2))
    expect(await saidOf('a')).toEqual(before)
    const raised = await eventsIn(bed, 'insights.insight.raised')
    expect(new Set(raised.map(({ key }) => key)).size).toBe(raised.length)
  })

  it('in a whole batch takes as many statements as one', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `customer-${n}`)
    await using bed = await insightsBed()
    const { world, link } = worldOf(...names)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const cost = async (pairs: readonly number[], at: Date) => {
      await bed.take(
        pairs.flatMap((n) => link(`customer-${n}`, `customer-${n + 30}`)),
        at,
      )
      const before = bed.database.statements
      expect(await bed.batch(world.orgId, at)).toBe(pairs.length * 2)
      return bed.database.statements - before
    }
    expect(
      await cost(
        names.slice(1, 30).map((_, n) => n + 1),
        later(0.01),
      ),
    ).toBe(await cost([0], later(0.02)))
  })
})
