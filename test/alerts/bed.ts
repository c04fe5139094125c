import { TestClock } from '#kernel/clock.ts'
import { judgeFreshUsage } from '#subgraphs/telephony/commands/judge-fresh-usage.ts'
import { lookAfter } from '#subgraphs/telephony/jobs/tick-all.ts'
import { DEMO, principal } from '#test/kit/subgraph.ts'
import { PLAIN, termsSent } from '#test/rating/bed.ts'
import { type Sent, usageBed } from '#test/usage/bed.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** An event's payload, and its name. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it expects
export type Told = Record<string, any> & { name: string }

/**
 * Two accounts with two trunks each, of 10 calls at once and 1,000 minutes a month, at a time that stands still. Nothing is done by itself:
 * a test says when.
 */
export const alertsBed = async (start = '2026-11-18T10:20:00Z') => {
  const clock = new TestClock(start)
  const bed = await usageBed({ clock })
  const around = { orgId: DEMO, clock }
  let sent = 0
  return {
    ...bed,
    clock,
    /** What is done every five minutes. */
    tick: () => lookAfter({ database: bed.database, clock, published: () => undefined }, DEMO),
    /** What is done when usage has come in. */
    judge: (limit = 500) => bed.database.transaction(DEMO, (tx) => judgeFreshUsage(tx, around, limit)),
    report: (
      readings: readonly { trunkId: string; activeCalls: number; at?: Date }[],
      caller = principal(),
    ) =>
      bed.ask(
        `mutation ($readings: [ActiveCallsInput!]!) { reportActiveCalls(readings: $readings) {
          ... on ActiveCallsReported { accepted refused { index message } } ... on Invalid { field } } }`,
        {
          readings: readings.map(({ at = clock.now(), ...reading }) => ({
            ...reading,
            at: at.toISOString(),
          })),
        },
        caller,
      ),
    /** Has an account rated by a cent a minute from November on. */
    ratedPlainly: async (ban: string) => {
      const { plan } = await bed.ask(
        `mutation ($terms: RatePlanTermsInput!) { createRatePlan(name: "Plain", currency: "USD", terms: $terms) {
          ... on RatePlanChanged { plan { id } } } }`,
        { terms: termsSent(PLAIN) },
      )
      await bed.ask(
        `mutation ($ban: ID!, $planId: ID) { setAccountRatePlan(ban: $ban, planId: $planId, fromMonth: "2026-11") { __typename } }`,
        { ban, planId: plan.id },
      )
    },
    /** Calls over a trunk that all began at a moment, each sent once. */
    calls: async (trunkId: string, count: number, call: Partial<Sent> & { at?: Date } = {}) => {
      const { at = new Date(clock.now().getTime() - 5 * MINUTE_MS), ...more } = call
      const lines = Array.from({ length: count }, () => ({
        ...{ id: `c-${sent++}`, trunkId, kind: 'CALL', startedAt: at.toISOString() },
        ...(more.answered === false ? {} : { seconds: 60 }),
        ...more,
      }))
      const { body } = await bed.post(lines)
      if (body.accepted !== count) throw new Error(JSON.stringify(body))
    },
    /** What was told of accounts, in order: names without `telephony.`. */
    told: async (...names: string[]): Promise<Told[]> =>
      (
        await bed.rows(
          `select substr(name, 11) as name, payload from events.recorded where name like 'telephony.%' order by batch, place`,
        )
      )
        .map(({ name, payload }) => ({ ...(payload as object), name: name as string }) as Told)
        .filter(({ name }) => names.includes(name)),
  }
}
export type AlertsBed = Awaited<ReturnType<typeof alertsBed>>
