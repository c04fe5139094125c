/** Draws sync runs for people who watch a terminal. */

/** The part of a `SyncRun` that is drawn. */
export interface DrawnRun {
  id: string
  system: string
  state: string
  done: number
  total: number | null
  failed: number
  apiCalls: number
  rate: number
  eta: string | null
  error: string | null
}

const WIDTH = 28
const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED']

/** Whether a run will not move any more. */
export const hasEnded = (run: DrawnRun): boolean => ENDED.includes(run.state)

const bar = (run: DrawnRun): string => {
  const share = run.state === 'COMPLETED' ? 1 : run.total ? Math.min(1, run.done / run.total) : 0
  const full = Math.round(share * WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.round(share * 100)).padStart(3)} %`
}

const minutes = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** One line: a bar, the counts, the speed, the time left. */
export const drawRun = (run: DrawnRun, now: Date): string => {
  const counts = `${run.done}${run.total === null ? '' : ` of ${run.total}`} records`
  const speed = `${Math.round(run.rate)}/s · ${run.apiCalls} requests`
  const left = hasEnded(run) || !run.eta ? '' : ` · ${minutes(Date.parse(run.eta) - now.getTime())} left`
  const failed = run.failed > 0 ? ` · ${run.failed} failed` : ''
  const end = hasEnded(run) || run.state === 'HELD' ? ` · ${run.state.toLowerCase()}` : ''
  return `${run.system.padEnd(7)} ${bar(run)}  ${counts} · ${speed}${failed}${left}${end}`
}

export interface Screen {
  /** Shows these lines in the place of the last ones. Where nobody watches (a file, a pipe) only what changed in tens. */
  show(lines: readonly string[]): void
}

/** A screen on a stream: redraws in place on a terminal, writes a line now and then elsewhere. */
export const openScreen = (out: NodeJS.WriteStream): Screen => {
  let shown = 0
  const told = new Map<number, string>()
  return {
    show: (lines) => {
      if (out.isTTY) {
        out.write(`${shown > 0 ? `\x1b[${shown}A` : ''}${lines.map((line) => `\x1b[2K${line}\n`).join('')}`)
        shown = lines.length
        return
      }
      lines.forEach((line, place) => {
        // The percentage's tens and the state: enough for a log.
        const stage = `${/(\d*)\d %/.exec(line)?.[1]}${/· ([a-z]+)$/.exec(line)?.[1] ?? ''}`
        if (told.get(place) !== stage) out.write(`${line}\n`)
        told.set(place, stage)
      })
    },
  }
}
