import { publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import { event } from '#schema/events.ts'
import { consequenceOf, type Heard, type ProviderRefusal, summaryOf, write } from '../domain/enrichment.ts'
import { dayOf, nextDay } from '../domain/enrichment-budget.ts'
import type { EnrichmentSettings } from '../domain/enrichment-settings.ts'
import { DAY } from '../domain/measuring.ts'
import { keepAnswers } from '../store/enrichment-cache.ts'
import { addToDay, type EnrichmentDayRow } from '../store/enrichment-days.ts'
import { type Ended, endTurns, heldTurns } from '../store/enrichment-queue.ts'
import { saveEnrichments } from '../store/enrichments.ts'
import { asTransaction } from '../store/transaction.ts'
import { type EnrichmentTask, MOST_ATTEMPTS, type Taken } from './take-enrichments.ts'

/** A task, and what came of each of its questions, in their order. */
export interface DoneTask {
  task: EnrichmentTask
  heard: readonly Heard[]
}

const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 3_600_000

/**
 * Keeps what was written about customers, tells it where the text has moved, and ends their turns. A constant number of statements. What
 * somebody else has taken meanwhile is left to them.
 * @param chance a number in [0, 1) for each call, for waits that do not fall together
 */
export const keepEnrichments = async (
  transaction: object,
  orgId: string,
  { takenBy, settings, model, tasks }: Taken,
  done: readonly DoneTask[],
  { now, chance }: { now: Date; chance(): number },
): Promise<void> => {
  const tx = asTransaction(transaction)
  const held = await heldTurns(
    tx,
    orgId,
    takenBy,
    tasks.map(({ turn }) => turn.customerId),
  )
  const mine = done.filter(({ task }) => held.has(task.turn.customerId))
  const written = mine.map((one) => writtenOf(one, model, now))
  await saveEnrichments(
    tx,
    orgId,
    written.map(({ row }) => row),
  )
  const answers = mine.flatMap(({ task, heard }) =>
    heard.flatMap((one, place) => {
      if ('refusal' in one) return []
      const { provider, ...answer } = one
      return [{ provider, inputHash: task.asks[place]!.hash, answer }]
    }),
  )
  await keepAnswers(tx, orgId, answers, now, new Date(now.getTime() - settings.refreshDays * DAY))
  await addToDay(tx, orgId, dayOf(now), tallyOf(mine, written))
  await endTurns(
    tx,
    orgId,
    written.map(({ task, refused }) => endOf(task, refused, settings, now, chance())),
    now,
  )
  await publish(
    tx,
    orgId,
    written.flatMap(({ told }) => told),
    now,
  )
}

/** What is kept of a customer, and told of it where the text is another. */
const writtenOf = ({ task, heard }: DoneTask, model: string | null, now: Date) => {
  const { before, confidence, inputHash } = task
  const { customerId } = task.turn
  if (task.isSame)
    return {
      task,
      row: { ...before!, checkedAt: now },
      refused: before!.document.refused,
      isUngrounded: false,
      told: [],
    }
  const { document, ungrounded } = write(task.claims, confidence, [...task.heard, ...heard], model)
  const [was, is] = [before === null ? '' : summaryOf(before.document), summaryOf(document)]
  const fields = { summary: { value: is === '' ? null : is, confidence, asOf: now.toISOString() } }
  return {
    task,
    row: { customerId, document, inputHash, madeAt: now, checkedAt: now },
    refused: document.refused,
    isUngrounded: ungrounded !== null,
    told: was === is ? [] : [event('insights.profile.changed', customerId, { customerId, fields })],
  }
}

/** How asking went, by provider. */
const tallyOf = (
  done: readonly DoneTask[],
  written: readonly { isUngrounded: boolean }[],
): (Pick<EnrichmentDayRow, 'provider'> & Partial<EnrichmentDayRow>)[] =>
  (['RESEARCH', 'MODEL'] as const).flatMap((provider) => {
    const all = done.flatMap(({ heard }, place) =>
      heard
        .filter((one) => one.provider === provider)
        .map((one) => ({ one, isUngrounded: written[place]!.isUngrounded })),
    )
    const failed = all.filter(({ one }) => 'refusal' in one).length
    const ungrounded = provider === 'MODEL' ? all.filter((each) => each.isUngrounded).length : 0
    return all.length === 0
      ? []
      : [{ provider, answered: all.length - failed - ungrounded, ungrounded, failed }]
  })

/** How a turn ends: with a rest until news or age, with a wait until it is worth trying again, or for good. */
const endOf = (
  { turn }: EnrichmentTask,
  refused: readonly ProviderRefusal[],
  settings: EnrichmentSettings,
  now: Date,
  chance: number,
): Ended => {
  const { customerId, attempts, isAsked } = turn
  const first = (then: string) => refused.find(({ code }) => consequenceOf(code) === then)
  const failed = first('MEND') ?? (attempts >= MOST_ATTEMPTS ? first('LATER') : undefined)
  if (failed) return { customerId, state: 'FAILED', dueAt: null, attempts, isAsked: false, code: failed.code }
  const isWanted = isAsked || settings.automatic
  const late = isWanted ? first('LATER') : undefined
  if (late) {
    const wait = backoff(attempts, chance, FIRST_WAIT_MS, LONGEST_WAIT_MS)
    const dueAt = new Date(Math.max(now.getTime() + wait, late.againAt ? Date.parse(late.againAt) : 0))
    return { customerId, state: 'WAITING', dueAt, attempts, isAsked, code: late.code }
  }
  const spent = isWanted ? first('TOMORROW') : undefined
  // Among those that wait, whoever looks for a turn would walk past all that have none before tomorrow. Of those that somebody asked for there are few.
  const state = isAsked ? 'WAITING' : 'RESTING'
  if (spent) return { customerId, state, dueAt: nextDay(now), attempts: 0, isAsked, code: spent.code }
  const old = settings.automatic ? new Date(now.getTime() + settings.refreshDays * DAY) : null
  return { customerId, state: 'RESTING', dueAt: old, attempts: 0, isAsked: false, code: null }
}
