import { pageSize } from '#kernel/cursor.ts'
import type { QueryResolvers } from '#schema/generated/insights.types.ts'
import { diffScores, type ScoreDifference } from '../commands/diff-scores.ts'
import type { Cause, Move } from '../domain/score-diff.ts'
import type { Signal } from '../domain/signal.ts'

const points = (hundredths: number): string => (hundredths / 100).toFixed(2)
const sum = (all: readonly { hundredths: number }[]): string =>
  points(all.reduce((total, { hundredths }) => total + hundredths, 0))

const shownMove = ({ dimension, metric, hundredths }: Move) => ({
  dimension,
  metric,
  points: points(hundredths),
})

const shownFact = (fact: Signal | null | undefined) => {
  if (!fact) return null
  const { amount, unit, label, happenedAt, endedAt } = fact
  return { amount: amount === null ? null : `${amount}`, unit, label, happenedAt, endedAt }
}

const shownCause = ({ kind, at, hundredths, moves, was, is, ...about }: Cause) => ({
  ...{ kind, at, points: points(hundredths), moves: moves.map(shownMove) },
  ...{ system: about.system ?? null, signal: about.signal ?? null, recordId: about.recordId ?? null },
  ...{ was: shownFact(was), is: shownFact(is) },
})

const shown = ({ customerId, before, after, moves, causes }: ScoreDifference) => ({
  customer: { id: customerId },
  from: before?.asOf ?? null,
  to: after.asOf,
  fromScore: before?.score ?? null,
  toScore: after.score,
  points: sum(moves),
  moves: moves.map(shownMove),
  causes: ({ first }: { first: number }) => causes.slice(0, pageSize(first)).map(shownCause),
  rest: ({ first }: { first: number }) => sum(causes.slice(pageSize(first))),
})

export const scoreDiffQueries = {
  scoreDiff: async (_, ask, ctx) => {
    const found = await diffScores(ctx, ask)
    return found && (shown(found) as never)
  },
} satisfies Pick<QueryResolvers, 'scoreDiff'>
