/** What a load on the gateway costs: how long answers take, and whose CPU time they take. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Load, LoadSays } from './load.ts'
import { usageOf } from './processes.ts'

/** What one load on one operation was seen to do. */
export interface Measured {
  operation: string
  connections: number
  requestsPerSecond: number
  failed: number
  failure?: string
  /** Milliseconds until the whole answer was there. */
  p50: number
  p95: number
  p99: number
  kilobytes: number
  /** Milliseconds of CPU per request. */
  cpu: { gateway: number | null; subgraphs: number | null; postgres: number | null }
  requestsPerGatewayCpuSecond: number | null
}

/** The least of the values that so large a share of them does not exceed; null when there are none. */
export const quantile = (values: readonly number[], share: number): number | null =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null

/** Keeps a load on the gateway and tells how long answers took. @param groups processes whose CPU time is told, by name */
export const measure = async (
  operation: string,
  load: Load,
  groups: Record<keyof Measured['cpu'], readonly number[]>,
): Promise<Measured> => {
  const client = fork(join(import.meta.dirname, 'load.ts'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const usage = async () =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(groups).map(
          async ([name, pids]) => [name, (await usageOf(pids))?.cpuSeconds] as const,
        ),
      ),
    )
  client.send(load)
  await once(client, 'message')
  const before = await usage()
  const [found] = (await once(client, 'message')) as [Exclude<LoadSays, string>]
  const after = await usage()
  const { requests, seconds, failed, failure, bytes, milliseconds } = found
  const cpu = Object.fromEntries(
    Object.keys(groups).map((name) => {
      const [from, to] = [before[name], after[name]]
      return [name, from === undefined || to === undefined ? null : (1000 * (to - from)) / requests]
    }),
  ) as Measured['cpu']
  return {
    operation,
    connections: load.connections,
    requestsPerSecond: requests / seconds,
    failed,
    ...(failure ? { failure } : {}),
    p50: quantile(milliseconds, 0.5) ?? 0,
    p95: quantile(milliseconds, 0.95) ?? 0,
    p99: quantile(milliseconds, 0.99) ?? 0,
    kilobytes: bytes / requests / 1024,
    cpu,
    requestsPerGatewayCpuSecond: cpu.gateway ? 1000 / cpu.gateway : null,
  }
}
