import { define, Unavailable } from '#kernel/errors.ts'

export const Contended = define('HUB_CONTENDED', {
  status: 503,
  retry: 'now',
  says: 'Too many changes met at the same place, and nothing was changed. Try again.',
})
export const HomeUnusable = define('HUB_HOME_UNUSABLE', {
  status: 500,
  retry: 'never',
  says: 'The data directory {path} {problem}. {fix}',
})
export const ServerFailed = define('HUB_POSTGRES_FAILED', {
  status: 500,
  retry: 'never',
  says: 'The embedded PostgreSQL {problem}. {fix}',
})
export const MigrationRefused = define('HUB_MIGRATION_REFUSED', {
  status: 500,
  retry: 'never',
  says: 'Migration {file} of database {database} {problem}. {fix}',
})

/** SQLSTATE of a PostgreSQL error or the code of a socket error, if the thing thrown has one. */
export const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Whether the transaction failed only because of its neighbours (serialization failure, deadlock), so that running it again is right. */
export const isContention = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '')

const SOCKET_CODES = [
  'ECONNREFUSED',
  // The file of a Unix socket is gone while its server is down.
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]
// node-postgres gives these no code.
const LOST_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|timeout expired|Client was closed)/

/** Whether the connection the error came from is gone or in an unknown state: it must not go back to its pool. */
export const isConnectionLost = (error: unknown): boolean => {
  const code = codeOf(error)
  if (code) return /^(08|57P0)/.test(code) || code === '25P03' || SOCKET_CODES.includes(code)
  return error instanceof Error && LOST_MESSAGES.test(error.message)
}

// 53: out of connections, memory or disk · 57014: statement timeout · 55P03: lock timeout · 25006: read-only server.
const isOutOfService = (error: unknown): boolean =>
  /^(53|57014|55P03|25006)/.test(codeOf(error) ?? '') || isConnectionLost(error)

/** Whether the server answers but takes no changes: it is read-only (25006), or its disk is full (53100). */
export const isChangeRefused = (error: unknown): boolean => ['25006', '53100'].includes(codeOf(error) ?? '')

/** What the rest of the hub sees of an error of PostgreSQL: trouble of the server is HUB_UNAVAILABLE, the rest stays as it is. */
export const fromDatabase = (error: unknown): unknown =>
  isOutOfService(error) ? Unavailable.with({ what: 'The database' }, { cause: error }) : error
