/** What an import of any system is judged by. */

import type { Sampled } from './processes.ts'
import { type Bar, bar, type Figure, figure } from './report.ts'
import type { Requested } from './runs.ts'

/** What one import was seen to do. */
export interface ImportSeen extends Requested {
  records: number
  runSeconds: number
  /** The most of each; null where it cannot be read. */
  memoryMb: Record<'hub' | 'postgres' | 'simulators', number | null>
  cpuSeconds: Record<'hub' | 'postgres' | 'simulators', number | null>
  /** The most of the hub's memory in the last third of the import, by the most in the third before. */
  memoryGrowth: number | null
}

/** What hub, PostgreSQL and simulators took while an import ran. */
export const takenBy = (
  [hub, postgres, simulators]: readonly Sampled[],
  { startedAt, finishedAt }: { startedAt: number; finishedAt: number },
): Pick<ImportSeen, 'memoryMb' | 'cpuSeconds' | 'memoryGrowth'> => {
  const third = (finishedAt - startedAt) / 3
  const most = (from: number) =>
    Math.max(...(hub?.memory ?? []).filter(({ at }) => at >= from && at < from + third).map(({ mb }) => mb))
  const growth = most(finishedAt - third) / most(finishedAt - 2 * third)
  const of = (value: (sampled: Sampled | undefined) => number | null | undefined) => ({
    hub: value(hub) ?? null,
    postgres: value(postgres) ?? null,
    simulators: value(simulators) ?? null,
  })
  return {
    memoryMb: of((sampled) => sampled?.maxMemoryMb),
    cpuSeconds: of((sampled) => sampled?.cpuSeconds),
    memoryGrowth: Number.isFinite(growth) ? growth : null,
  }
}

export const importFigures = (phase: string, seen: ImportSeen): Figure[] => [
  figure(`${phase}: records`, seen.records),
  figure(`${phase}: requests`, seen.requests),
  figure(`${phase}: run`, seen.runSeconds, 's'),
  figure(`${phase}: first to last request`, seen.wallSeconds, 's'),
  figure(`${phase}: applied`, seen.records / seen.runSeconds, 'records/s'),
  figure(`${phase}: hub memory, most`, seen.memoryMb.hub, 'MB'),
  figure(`${phase}: PostgreSQL memory, most`, seen.memoryMb.postgres, 'MB'),
  figure(`${phase}: simulators memory, most`, seen.memoryMb.simulators, 'MB'),
  figure(`${phase}: hub CPU`, seen.cpuSeconds.hub, 's'),
  figure(`${phase}: PostgreSQL CPU`, seen.cpuSeconds.postgres, 's'),
  figure(`${phase}: simulators CPU`, seen.cpuSeconds.simulators, 's'),
]

/** That an import keeps to the limit, and loses little time by it. */
export const limitBars = (phase: string, seen: ImportSeen): Bar[] => [
  bar(`${phase}: requests in any window`, seen.busiestWindow, 'at most', seen.limit.max),
  bar(`${phase}: refused requests`, seen.refused, 'at most', 0),
  // Below one window of requests there is no floor to compare with.
  bar(
    `${phase}: wall / floor`,
    seen.floorSeconds > 0 ? seen.wallSeconds / seen.floorSeconds : null,
    'at most',
    1.15,
    '×',
  ),
]

/** How fast an import is that nothing holds back. */
export const speedBar = (phase: string, seen: ImportSeen): Bar =>
  bar(`${phase}: applied`, seen.records / seen.runSeconds, 'at least', 10_000, 'rec/s')

/** That an import needs no more memory the longer it runs. */
export const memoryBar = (phase: string, seen: ImportSeen): Bar =>
  bar(`${phase}: hub memory, last third by the third before`, seen.memoryGrowth, 'at most', 1.1, '×')

/** That ten times as much takes ten times as long, and no more memory. */
export const growthBars = (once: ImportSeen, tenfold: ImportSeen): Bar[] => [
  bar('ten times as much: time ratio', tenfold.runSeconds / once.runSeconds, 'at most', 10.5, '×'),
  bar(
    'ten times as much: hub memory ratio',
    once.memoryMb.hub && tenfold.memoryMb.hub ? tenfold.memoryMb.hub / once.memoryMb.hub : null,
    'at most',
    1.3,
    '×',
  ),
]
