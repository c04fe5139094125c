/**
 * Reads the environment once and complains about everything at once.
 * A reader takes the environment and answers a value, or adds its fault to the list.
 */
export interface Fault {
  variable: string
  problem: string
  fix: string
}
export type Environment = Record<string, string | undefined>
export type Reader<T> = (env: Environment, faults: Fault[]) => T

/** Thrown with every fault of a configuration at once. */
export class ConfigError extends Error {
  readonly faults: Fault[]
  constructor(faults: Fault[]) {
    super(
      [
        'The configuration is not usable:',
        ...faults.map((f) => `  ${f.variable}: ${f.problem}. ${f.fix}`),
      ].join('\n'),
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** Reads every entry of the spec. Throws ConfigError naming every fault. */
export const readConfig = <S extends Record<string, Reader<unknown>>>(
  spec: S,
  env: Environment = process.env,
): { [K in keyof S]: ReturnType<S[K]> } => {
  const faults: Fault[] = []
  const values = Object.fromEntries(Object.entries(spec).map(([name, read]) => [name, read(env, faults)]))
  if (faults.length > 0) throw new ConfigError(faults)
  return values as { [K in keyof S]: ReturnType<S[K]> }
}

const given = (env: Environment, name: string): string | undefined => {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

const reader =
  <T>(
    name: string,
    fallback: T | undefined,
    shape: string,
    parse: (raw: string) => T | undefined,
  ): Reader<T> =>
  (env, faults) => {
    const raw = given(env, name)
    if (raw === undefined) {
      if (fallback === undefined)
        faults.push({ variable: name, problem: 'is missing', fix: `Set it to ${shape}` })
      return fallback as T
    }
    const value = parse(raw)
    if (value === undefined)
      faults.push({ variable: name, problem: `is not ${shape}`, fix: `Set it to ${shape}` })
    return value as T
  }

/** A whole number within bounds. */
export const int = (
  name: string,
  fallback?: number,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): Reader<number> =>
  reader(name, fallback, `a whole number from ${min} to ${max}`, (raw) => {
    const n = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN
    return n >= min && n <= max ? n : undefined
  })

export const text = (name: string, fallback?: string): Reader<string> =>
  reader(name, fallback, 'a text', (raw) => raw)

/** An absolute URL of one of the schemes, without a trailing slash. */
export const url = (name: string, fallback?: string, schemes = ['http:', 'https:']): Reader<string> =>
  reader(name, fallback, `a URL (${schemes.join(' or ')})`, (raw) =>
    URL.canParse(raw) && schemes.includes(new URL(raw).protocol) ? raw.replace(/\/$/, '') : undefined,
  )

/** A secret of at least `min` characters. Its value never appears in a fault. */
export const secret = (name: string, fallback?: string, min = 8): Reader<string> =>
  reader(name, fallback, `a secret of at least ${min} characters`, (raw) =>
    raw.length >= min ? raw : undefined,
  )

export const flag = (name: string, fallback = false): Reader<boolean> =>
  reader(
    name,
    fallback,
    'true or false',
    (raw) => ({ true: true, '1': true, false: false, '0': false })[raw.toLowerCase()],
  )

export const oneOf = <const T extends string>(name: string, values: readonly T[], fallback?: T): Reader<T> =>
  reader(name, fallback, `one of ${values.join(', ')}`, (raw) => values.find((v) => v === raw))

/** The inner reader's value, or undefined when its variable is absent; a wrong value is still a fault. */
export const optional =
  <T>(read: Reader<T>): Reader<T | undefined> =>
  (env, faults) => {
    const inner: Fault[] = []
    const value = read(env, inner)
    faults.push(...inner.filter((f) => f.problem !== 'is missing'))
    return inner.length > 0 ? undefined : value
  }

/** All of the group's values, or undefined when none is given; some but not all is a fault that names the missing ones. */
export const allOrNone =
  <S extends Record<string, Reader<unknown>>>(
    spec: S,
  ): Reader<{ [K in keyof S]: ReturnType<S[K]> } | undefined> =>
  (env, faults) => {
    const inner: Fault[] = []
    const entries = Object.entries(spec).map(([name, read]) => [name, read(env, inner)] as const)
    const missing = inner.filter((f) => f.problem === 'is missing')
    if (missing.length === entries.length && inner.length === missing.length) return undefined
    faults.push(...inner)
    return Object.fromEntries(entries) as { [K in keyof S]: ReturnType<S[K]> }
  }
