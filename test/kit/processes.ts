import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'

export interface Process {
  pid: number
  group: number
  /** Resident memory. */
  bytes: number
  /** Processor time it has had. */
  cpuSeconds: number
  command: string
}

/** Every process that lives; one that is over and only waits to be asked how it went does not. */
export const processes = async (): Promise<Process[]> => {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,rss=,time=,stat=,command='], {
    maxBuffer: 16 << 20,
  })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, group, kilobytes, time, state, command] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (!pid || state?.startsWith('Z')) return []
    return [
      {
        pid: Number(pid),
        group: Number(group),
        bytes: Number(kilobytes) * 1024,
        cpuSeconds: secondsOf(time ?? ''),
        command: command ?? '',
      },
    ]
  })
}

/** From `[hours:]minutes:seconds`. */
const secondsOf = (time: string): number => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)

// Below the ports that systems give to outgoing connections. None is given twice in a row: it may not be listened on yet.
const LOWEST = 10_000
const HIGHEST = 31_000
let next = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })

/** The first of `count` ports in a row that nobody listens on, and that nobody in this process has been given a while ago. */
export const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    if (next + count > HIGHEST) next = LOWEST
    const first = next
    next += count
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)))
    if (free.every(Boolean)) return first
  }
}
