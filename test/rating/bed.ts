/** Accounts that are billed by a rate plan, and what puts them there. */
import { type Clock, TestClock } from '#kernel/clock.ts'
import { takeOrganisations } from '#subgraphs/telephony/commands/take-organisations.ts'
import type { RatePlanTerms } from '#subgraphs/telephony/domain/rate-plans.ts'
import { closeAllDays } from '#subgraphs/telephony/jobs/close-days.ts'
import { silentLog } from '#test/kit/log.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type Sent, usageBed } from '#test/usage/bed.ts'

/** A price that is the same for whatever goes anywhere. */
export const flat = (price: string) =>
  (['LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL'] as const).map((of) => ({
    class: of,
    steps: [{ upTo: null as number | null, price }],
  }))

/** Terms as a caller sends them. */
export const termsSent = ({ currency: _, ...terms }: RatePlanTerms): object => ({
  ...terms,
  minutePrices: terms.minutePrices.map(sentPrice),
  messagePrices: terms.messagePrices.map(sentPrice),
})
const sentPrice = ({ class: of, steps }: RatePlanTerms['minutePrices'][number]) => ({
  class: of,
  steps: steps.map(({ upTo, price }) => (upTo === null ? { price } : { upTo, price })),
})

/** A plan without a pool: 0.01 a minute, 0.002 a message, 20 a month. */
export const PLAIN: RatePlanTerms = {
  ...{ currency: 'USD', monthlyFee: '20', includedMinutes: 0, includedClasses: [] },
  ...{ minutePrices: flat('0.01'), messagePrices: flat('0.002'), numberPrices: [] },
}

/** A telephony subgraph whose organisation lives in Berlin. */
export const ratingBed = async (clock: Clock = new TestClock('2026-11-20T12:00:00Z')) => {
  // What is done by the clock the tests do themselves.
  const bed = await usageBed({ clock })
  const inZone = (timeZone: string) =>
    bed.database.transaction(DEMO, (tx) =>
      takeOrganisations(tx, DEMO, [
        {
          ...{ pos: 1, orgId: DEMO, key: DEMO, name: 'hub.organisation.changed', version: 1 },
          ...{ payload: { organisationId: DEMO, slug: 'demo', timeZone }, occurredAt: clock.now() },
        },
      ]),
    )
  await inZone('Europe/Berlin')
  let plans = 0
  const makePlan = async (terms: RatePlanTerms, name = `Plan ${++plans}`): Promise<string> => {
    const made = await bed.ask(
      `mutation ($name: String!, $currency: String!, $terms: RatePlanTermsInput!) {
        createRatePlan(name: $name, currency: $currency, terms: $terms) {
          ... on RatePlanChanged { plan { id version } } ... on Refusal { code message } ... on Invalid { field } } }`,
      { name, currency: terms.currency, terms: termsSent(terms) },
    )
    if (!made.plan) throw new Error(JSON.stringify(made))
    return made.plan.id
  }
  const setPlan = (ban: string, planId: string | null, fromMonth: string) =>
    bed.ask(
      `mutation ($ban: ID!, $planId: ID, $fromMonth: String!) {
        setAccountRatePlan(ban: $ban, planId: $planId, fromMonth: $fromMonth) {
          __typename ... on Refusal { code } ... on Invalid { field } } }`,
      { ban, planId, fromMonth },
    )
  /** Has calls of so many seconds each, and messages, go over an account's first trunk. */
  let sent = 0
  const use = async (
    n: number,
    at: string,
    {
      calls = [],
      messages = 0,
      class: of = 'LOCAL',
    }: { calls?: number[]; messages?: number; class?: string },
  ) => {
    const record = { trunkId: bed.accounts[n]!.trunks[0]!, startedAt: at, class: of }
    const lines: Sent[] = [
      ...calls.map((seconds) => ({
        ...record,
        id: `u-${sent++}`,
        kind: 'CALL' as const,
        answered: true,
        seconds,
      })),
      ...Array.from({ length: messages }, () => ({ ...record, id: `u-${sent++}`, kind: 'MESSAGE' as const })),
    ]
    const { body } = await bed.post(lines)
    if (body.accepted !== lines.length) throw new Error(JSON.stringify(body))
  }
  /** What is done when days end, as the hourly job does it. */
  const closeDays = (database: Pick<RatingRows, 'relay' | 'transaction'> = bed.database) =>
    closeAllDays({ database, clock, log: silentLog, published: () => {} })
  /**
   * Two who do things at once: neither's transaction ends before the other's has done all it does, or waits for what this one holds, or
   * there is no other left. What nobody holds is done by both.
   */
  const twoAtOnce = () => {
    const hasDone = [false, false]
    const isOver = [false, false]
    const isWaiting = async () => {
      const [row] =
        await bed.rows(`select count(*)::integer as n from pg_locks l join pg_stat_activity a using (pid)
        where not l.granted and a.datname = current_database()`)
      return row!.n !== 0
    }
    const one = (me: 0 | 1): Pick<RatingRows, 'relay' | 'transaction'> => ({
      relay: (run) => bed.database.relay(run),
      transaction: (orgId, run) =>
        bed.database.transaction(orgId, async (tx) => {
          hasDone[me] = false
          const done = await run(tx)
          hasDone[me] = true
          await until(async () => hasDone[1 - me]! || isOver[1 - me]! || (await isWaiting()))
          return done
        }),
    })
    return async <T>(
      run: (database: Pick<RatingRows, 'relay' | 'transaction'>) => Promise<T>,
    ): Promise<T[]> =>
      Promise.all(
        ([0, 1] as const).map(async (me) => {
          try {
            return await run(one(me))
          } finally {
            isOver[me] = true
          }
        }),
      )
  }
  /** What others were told under a name, in order, since the last time it was asked. */
  const seen = new Map<string, number>()
  const told = async (name: string) => {
    const rows = await bed.rows(
      `select batch, place, payload from events.recorded where name = '${name}' order by batch, place`,
    )
    const before = seen.get(name) ?? 0
    seen.set(name, rows.length)
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it was told
    return rows.slice(before).map(({ payload }) => payload as any)
  }
  return {
    closeDays,
    twoAtOnce,
    told,
    ...bed,
    [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose](),
    inZone,
    makePlan,
    setPlan,
    use,
  }
}
type RatingRows = Awaited<ReturnType<typeof usageBed>>['database']
export type RatingBed = Awaited<ReturnType<typeof ratingBed>>
