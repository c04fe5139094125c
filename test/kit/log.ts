import { type Log, openLog } from '#kernel/log.ts'

/** A log that says nothing. */
export const silentLog: Log = openLog('test', 'silent')

/** A log whose lines a test can read. */
export const recordingLog = (level = 'debug'): { log: Log; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = []
  return { log: openLog('test', level, { write: (line) => lines.push(JSON.parse(line)) }), lines }
}
