import { type Logger, pino } from 'pino'
import { isHubError } from './errors.ts'
import { withoutPersons } from './mask.ts'

/**
 * Logs have fields, never personal data in text. What could carry a secret or a person is cut out by name before it is
 * written, and whatever then still looks like an address, a number or a key is cut out of the line.
 */
export type Log = Logger

const CENSORED = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'email',
  'phone',
  'firstname',
  'lastname',
  'firstName',
  'lastName',
  'payload',
  'properties',
  'body',
]

/**
 * Opens the log of one process. JSON lines on stdout, or on the stream given.
 * @param level pino's level name, such as `info`
 */
export const openLog = (name: string, level: string, to?: { write(line: string): void }): Log =>
  pino(
    {
      name,
      level,
      redact: { paths: CENSORED.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
      serializers: {
        // Only what is ours to say: a foreign error's message may quote a row, so it stays behind its class and stack place.
        err: (error: unknown) => describeError(error),
      },
      hooks: { streamWrite: maskLine },
    },
    to ?? pino.destination({ dest: 1, sync: false }),
  )

// An escape such as \n would run into the word behind it and hide where that begins.
const maskLine = (line: string): string =>
  line.includes('\\')
    ? `${JSON.stringify(JSON.parse(line), (_, said) => (typeof said === 'string' ? withoutPersons(said) : said))}\n`
    : withoutPersons(line)

/** Errors of the language and of ours; those of parsers, libraries and databases quote what they were given. */
const OWN_WORDS = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'ReferenceError',
  'AbortError',
  'TimeoutError',
])

const describeError = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, detail: _, ...rest } = error as Error & { code?: unknown; detail?: unknown }
  const at = error.stack
    ?.split('\n')
    .filter((line) => line.includes('    at '))
    .slice(0, 6)
    .map((line) => line.trim())
  return {
    type: error.name,
    ...(code === undefined ? {} : { code: String(code) }),
    ...(isHubError(error) || (OWN_WORDS.has(error.name) && !('severity' in rest))
      ? { message: error.message.slice(0, 300) }
      : {}),
    at,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  }
}
