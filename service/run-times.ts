/** When something was asked for, begun and ended. */
interface Moments {
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

const secondsBetween = (from: Date | null, to: Date | null): number | null =>
  from && to ? Math.max(0, to.getTime() - from.getTime()) / 1000 : null

/** The times of a `SyncRun` that follow from its moments: the same in every subgraph that shows runs. */
export const runTimes = {
  waitSeconds: ({ requestedAt, startedAt }: Moments) => secondsBetween(requestedAt, startedAt),
  tookSeconds: ({ startedAt, finishedAt }: Moments) => secondsBetween(startedAt, finishedAt),
}
