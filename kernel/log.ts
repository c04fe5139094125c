import { type Logger, pino } from 'pino'
import { isHubError } from './errors.ts'
import { isPersonalName, withoutPersons } from './mask.ts'

/**
 * Logs have fields, never personal data in text. What the schema marks as personal, and what could carry a secret, is cut out by name
 * before it is written, and whatever then still looks like an address, a number or a key is cut out of the line.
 */
export type Log = Logger

/** What carries credentials, or what somebody has sent as a whole: under these names nothing is written either. */
const WIRE = ['authorization', 'cookie', 'password', 'token', 'payload', 'properties', 'body']
const isCensored = (name: string): boolean => isPersonalName(name) || WIRE.includes(name)

/**
 * Opens the log of one process. JSON lines on stdout, or on the stream given.
 * @param level pino's level name, such as `info`
 * @param debug areas that tell of details whatever the level is, as `isArea` takes them
 */
export const openLog = (
  name: string,
  level: string,
  to?: { write(line: string): void },
  debug: readonly string[] = [],
): Log => {
  return known(openStream(name, level, to), { path: '', level, wanted: debug.map(asPattern) })
}

/** Which areas of which logs tell of details. A log that nobody gave an area to is of none. */
type Area = { path: string; level: string; wanted: readonly RegExp[] }
export const areas = new WeakMap<Log, Area>()
/** Every log of this process that has an area. */
export const living = new Set<WeakRef<Log>>()
const known = (log: Log, area: Area): Log => {
  areas.set(log, area)
  living.add(new WeakRef(log))
  return log
}

/** Whether a text can name areas: `customers:webhooks`, everything within `customers:*`, or everything: `*`. */
export const isArea = (text: string): boolean => /^[a-z*][a-z0-9-]*(?::[a-z0-9*-]+)*$/.test(text)

export const asPattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/:\*$/, '(?::.*)?').replaceAll('*', '.*')}$`)

/** The log of one area within another's: `customers`, then `customers:webhooks`. It tells of details when that area is wanted. */
export const areaOf = (log: Log, name: string, fields: Readonly<Record<string, unknown>> = {}): Log => {
  const { path, level, wanted } = areas.get(log) ?? { path: '', level: log.level, wanted: [] }
  const area = { path: path ? `${path}:${name}` : name, level, wanted }
  return known(log.child({ ...fields, area: area.path }, { level: ownLevel(area) }), area)
}

/** The level an area has by itself. */
export const ownLevel = ({ path, level, wanted }: Area): string =>
  level !== 'trace' && wanted.some((pattern) => pattern.test(path)) ? 'debug' : level

const openStream = (name: string, level: string, to?: { write(line: string): void }): Log =>
  pino(
    {
      name,
      level,
      serializers: {
        // Only what is ours to say: a foreign error's message may quote a row, so it stays behind its class and stack place.
        err: (error: unknown) => describeError(error),
      },
      mixin: () => line.beside(),
      hooks: { streamWrite: maskLine },
    },
    to ?? pino.destination({ dest: 1, sync: false }),
  )

/** What every line says beside its own fields, asked for line by line: such as the request that it belongs to. */
export const line = { beside: (): object => ({}) }

// Value by value first: an escape such as \n would run into the word behind it and hide where that begins.
const maskLine = (line: string): string => {
  const said = JSON.stringify(JSON.parse(line), (name, value) => {
    if (isCensored(name)) return '[redacted]'
    return typeof value === 'string' ? withoutPersons(value) : value
  })
  return `${withoutPersons(said)}\n`
}

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
