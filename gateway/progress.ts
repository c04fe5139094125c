/** How far a sync run is, as `SyncEvents` tells it. */
export interface Progress {
  id: string
  system: string
  mode: string
  state: string
  done: number
  total: number | null
  created: number
  updated: number
  skipped: number
  deleted: number
  failed: number
  apiCalls: number
  rate: number
  eta: string | null
  error: string | null
}

const WIDTH = 32
const whole = new Intl.NumberFormat('en')

/** One line that says how far a run is. */
export const line = (run: Progress): string => {
  const share = run.total ? Math.min(1, run.done / run.total) : run.state === 'COMPLETED' ? 1 : 0
  const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
  const of = run.total ? `/${whole.format(run.total)}` : ''
  const speed = run.state === 'RUNNING' ? ` · ${whole.format(Math.round(run.rate))}/s` : ''
  return `${run.system} ${bar} ${whole.format(run.done)}${of}${speed} · ${run.state.toLowerCase()}`
}

/** What came of a run, once it has ended. */
export const summary = (run: Progress): string => {
  const counts = (['created', 'updated', 'skipped', 'deleted', 'failed'] as const)
    .map((name) => `${whole.format(run[name])} ${name}`)
    .join(', ')
  return `${counts} · ${whole.format(run.apiCalls)} requests${run.error ? `\n${run.error}` : ''}`
}

/** Draws progress: over itself on a terminal, one line per tenth elsewhere. */
export const drawing = (to: { isTTY?: boolean; write(text: string): unknown }) => {
  let tenth = -1
  return (run: Progress): void => {
    const isOver = run.state !== 'RUNNING' && run.state !== 'QUEUED'
    const now = run.total ? Math.floor((run.done / run.total) * 10) : 0
    if (to.isTTY) to.write(`\r\u001b[2K${line(run)}`)
    else if (now !== tenth || isOver) to.write(`${line(run)}\n`)
    tenth = now
    if (isOver) to.write(`${to.isTTY ? '\n' : ''}${summary(run)}\n`)
  }
}
