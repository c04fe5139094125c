import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** What a group of processes holds and has used. */
export interface Usage {
  /** Memory in MB. Pages that several of them share count once where `shared` is asked for. */
  memoryMb: number
  cpuSeconds: number
}

/** Linux counts CPU time in hundredths of a second, whatever the kernel was built with. */
const TICKS_PER_SECOND = 100
const SAMPLE_EVERY_MS = 250

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

const afterName = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ')

const kilobytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

/** @param shared whether pages shared between processes are divided among them, as PostgreSQL's buffers have to be */
const usageOfOne = async (pid: number, shared: boolean): Promise<Usage> => {
  const [stat, status, rollup] = await Promise.all([
    read(`/proc/${pid}/stat`),
    read(`/proc/${pid}/status`),
    shared ? read(`/proc/${pid}/smaps_rollup`) : '',
  ])
  const fields = afterName(stat)
  return {
    memoryMb: (kilobytes(rollup, 'Pss') || kilobytes(status, 'VmRSS')) / 1024,
    cpuSeconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND,
  }
}

/** Memory and CPU time of processes. Undefined where there is no /proc to read it from. */
export const usageOf = async (pids: readonly number[], shared = false): Promise<Usage | undefined> => {
  if (process.platform !== 'linux' || pids.length === 0) return undefined
  const all = await Promise.all(pids.map((pid) => usageOfOne(pid, shared)))
  return {
    memoryMb: all.reduce((sum, one) => sum + one.memoryMb, 0),
    cpuSeconds: all.reduce((sum, one) => sum + one.cpuSeconds, 0),
  }
}

/** The process above another one; undefined when it is not on this machine. */
export const parentOf = async (pid: number): Promise<number | undefined> =>
  Number(afterName(await read(`/proc/${pid}/stat`))[1]) || undefined

/** A process and everything it has started, at this moment. */
export const familyOf = async (pid: number): Promise<number[]> => {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(pids.map(async (each) => [each, await parentOf(each)] as const))
  const family = [pid]
  for (const member of family)
    family.push(...parents.filter(([, parent]) => parent === member).map(([child]) => child))
  return family
}

/** What a group of processes took from the sampler's opening to its end: memory as it was seen, and CPU time. */
export interface Sampled {
  maxMemoryMb: number | null
  cpuSeconds: number | null
  memory: readonly { at: number; mb: number }[]
}

export interface Sampler {
  end(): Promise<Sampled>
}

/** Looks at processes, every 250 ms unless told otherwise. @param members asked each time: processes come and go */
export const openSampler = (
  members: () => Promise<number[]>,
  { shared = false, everyMs = SAMPLE_EVERY_MS }: { shared?: boolean; everyMs?: number } = {},
): Sampler => {
  const stopping = new AbortController()
  const memory: { at: number; mb: number }[] = []
  let first: number | undefined
  let last = 0
  const look = async () => {
    const usage = await usageOf(await members(), shared)
    if (!usage) return
    memory.push({ at: Date.now(), mb: usage.memoryMb })
    first ??= usage.cpuSeconds
    last = Math.max(last, usage.cpuSeconds)
  }
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await setTimeout(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return {
    end: async () => {
      stopping.abort()
      await looking
      await look()
      const maxMemoryMb = memory.length > 0 ? Math.max(...memory.map(({ mb }) => mb)) : null
      return { maxMemoryMb, cpuSeconds: first === undefined ? null : last - first, memory }
    },
  }
}
