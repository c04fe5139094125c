import type { DeadLetter } from '#sync/dead-letters.ts'
import type { SyncLog } from '#sync/logs.ts'

export {
  countLetters,
  dismissLetter,
  type LetterFilter,
  listLetters,
  replayLetters,
} from '#sync/dead-letters.ts'
export { type LogFilter, listLogs } from '#sync/logs.ts'

export type DeadLetterRow = DeadLetter
export type SyncLogRow = SyncLog
