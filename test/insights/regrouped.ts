import type { InsightsBed } from './bed.ts'
import { insightsIn, later } from './insight-facts.ts'
import { says, World } from './world.ts'

/** What a judgement leaves, without versions and the moment at which it was made. */
const JUDGED = {
  health: "to_jsonb(t) - '{as_of,identity_version,fingerprint}'::text[]",
  findings: "to_jsonb(t) - '{as_of}'::text[]",
  insights: "to_jsonb(t) - '{as_of,version}'::text[]",
  enrichments: 'to_jsonb(t)',
  enrichment_queue: 'to_jsonb(t)',
}
export const judgedIn = async (bed: InsightsBed): Promise<Record<string, string[]>> =>
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
export const worldOf = (...names: string[]) => {
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
export const decided = (bed: InsightsBed, customer: string, state: 'ACCEPTED' | 'DISMISSED', at: Date) =>
  bed.rows(
    `update insights.insights set state = $2, version = version + 1, decided_at = $3, as_of = $3, taken_from = null,
      is_recommended = is_recommended or $2 = 'ACCEPTED', dismissed_for = case when $2 = 'DISMISSED' then 'WRONG' end,
      dismissals = dismissals + ($2 = 'DISMISSED')::int, dismissed_at = case when $2 = 'DISMISSED' then $3 else dismissed_at end
    where customer_id = $1 and detector = 'payment-overdue' and is_open`,
    [customer, state, at],
  )
export const overdueOf = async (bed: InsightsBed) =>
  (await insightsIn(bed, "detector = 'payment-overdue' and undone_at is null")).map(
    ({ customer_id, state }) => `${customer_id} ${state}`,
  )

/** Lets moments pass so that scores have a course. */
export const judgedSince = async (bed: InsightsBed, world: World) => {
  for (const day of [0, 5, 11, 17]) {
    await bed.take(day === 0 ? world.told : [], later(day))
    await bed.scoreAll(later(day))
  }
}
