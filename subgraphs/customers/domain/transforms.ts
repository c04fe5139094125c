import Big from 'big.js'
import { z } from 'zod'
import { decimal } from '#kernel/money.ts'
import { DATE_FORMATS, formatDate, parseDate } from './dates.ts'

/**
 * What may be done to a value on its way from a portal into a hub field: a small closed set, each with its parameters.
 * A transform that can be undone without loss has `invert`: it is what the other direction needs.
 */
const separator = z.string().min(1).max(10)
const digitMark = z.enum(['.', ',', "'", ' '])

export const transformShapes = {
  TRIM: z.strictObject({ kind: z.literal('TRIM') }),
  UPPER: z.strictObject({ kind: z.literal('UPPER') }),
  LOWER: z.strictObject({ kind: z.literal('LOWER') }),
  NUMBER: z
    .strictObject({
      kind: z.literal('NUMBER'),
      decimal: z.enum(['.', ',']).default('.'),
      group: digitMark.nullish(),
    })
    .refine((given) => given.decimal !== given.group, {
      error: 'The mark before the decimals and the one between thousands must differ.',
    }),
  CURRENCY: z
    .strictObject({
      kind: z.literal('CURRENCY'),
      decimal: z.enum(['.', ',']).default('.'),
      group: digitMark.nullish(),
      unit: z.enum(['MAJOR', 'MINOR']).default('MAJOR'),
    })
    .refine((given) => given.decimal !== given.group, {
      error: 'The mark before the decimals and the one between thousands must differ.',
    }),
  DATE: z.strictObject({ kind: z.literal('DATE'), format: z.enum(DATE_FORMATS) }),
  ENUM_MAP: z
    .strictObject({
      kind: z.literal('ENUM_MAP'),
      options: z
        .array(z.strictObject({ from: z.string().max(300), to: z.string().max(300) }))
        .min(1)
        .max(1000),
      otherwise: z.enum(['KEEP', 'BLANK']).default('KEEP'),
    })
    .refine((given) => new Set(given.options.map(({ from }) => from)).size === given.options.length, {
      error: 'An option is mapped twice: give each one target.',
    }),
  SPLIT: z.strictObject({
    kind: z.literal('SPLIT'),
    separator,
    part: z
      .int()
      .min(-50)
      .max(50)
      .refine((part) => part !== 0, {
        error: 'Parts are counted from 1, or from -1 for the last.',
      }),
  }),
  JOIN: z.strictObject({ kind: z.literal('JOIN'), separator: z.string().max(10) }),
  TEMPLATE: z.strictObject({ kind: z.literal('TEMPLATE'), text: z.string().min(1).max(500) }),
} as const

export type TransformKind = keyof typeof transformShapes
export type Transform = { [K in TransformKind]: z.infer<(typeof transformShapes)[K]> }[TransformKind]
type Of<K extends TransformKind> = Extract<Transform, { kind: K }>

/** Transforms that take several properties at once: they can only come first. */
export const GATHERING: ReadonlySet<TransformKind> = new Set(['JOIN', 'TEMPLATE'])

/** Checks a transform's parameters. @returns the sentence that says what is wrong, when something is */
export const readTransform = (given: { kind: TransformKind }): Transform | { wrong: string } => {
  const read = transformShapes[given.kind].safeParse(given)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const where = issue?.path.join('.')
  return { wrong: `${given.kind}${where ? ` (${where})` : ''}: ${issue?.message ?? 'cannot be used'}` }
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/

const parseNumber = (text: string, mark: string, group: string | null | undefined): string | null => {
  const plain = (group ? text.replaceAll(group === ' ' ? /[\s\u00a0\u202f]/g : group, '') : text).replace(
    mark,
    '.',
  )
  return NUMBER.test(plain) && plain.length <= 40 ? decimal(plain) : null
}

const writeNumber = (text: string, mark: string): string | null =>
  NUMBER.test(text) ? decimal(text).replace('.', mark) : null

const shiftDecimal = (amount: string, places: number): string =>
  new Big(amount).times(new Big(10).pow(places)).toFixed()

/** What one value becomes; null is no value. */
type Change = (text: string) => string | null

const forward: { [K in Exclude<TransformKind, 'JOIN' | 'TEMPLATE'>]: (given: Of<K>) => Change } = {
  TRIM: () => (text) => text.trim(),
  UPPER: () => (text) => text.toUpperCase(),
  LOWER: () => (text) => text.toLowerCase(),
  NUMBER: (given) => (text) => parseNumber(text.trim(), given.decimal, given.group),
  CURRENCY: (given) => (text) => {
    // "1.200,50 €", "USD 12": what is no digit around the number names the currency.
    const bare = text.replace(/^[^\d+-]+|[^\d]+$/g, '')
    const amount = parseNumber(bare, given.decimal, given.group)
    return amount === null || given.unit === 'MAJOR' ? amount : shiftDecimal(amount, -2)
  },
  DATE: (given) => (text) => parseDate(text.trim(), given.format),
  ENUM_MAP: (given) => {
    const targets = new Map(given.options.map(({ from, to }) => [from, to]))
    return (text) => targets.get(text) ?? (given.otherwise === 'KEEP' ? text : null)
  },
  SPLIT: (given) => (text) =>
    text
      .split(given.separator)
      .at(given.part > 0 ? given.part - 1 : given.part)
      ?.trim() ?? null,
}

const backward: { [K in 'NUMBER' | 'CURRENCY' | 'DATE' | 'ENUM_MAP']: (given: Of<K>) => Change } = {
  NUMBER: (given) => (text) => writeNumber(text, given.decimal),
  CURRENCY: (given) => (text) =>
    NUMBER.test(text)
      ? writeNumber(given.unit === 'MAJOR' ? text : shiftDecimal(text, 2), given.decimal)
      : null,
  DATE: (given) => (text) => formatDate(text, given.format),
  ENUM_MAP: (given) => {
    const sources = new Map(given.options.map(({ from, to }) => [to, from]))
    return (text) => sources.get(text) ?? (given.otherwise === 'KEEP' ? text : null)
  },
}

/** Makes a transform of one value ready: the parameters are looked at once, not per value. */
export const prepare = (transform: Exclude<Transform, { kind: 'JOIN' | 'TEMPLATE' }>): Change =>
  (forward[transform.kind] as (given: Transform) => Change)(transform)

/** The way back, for the other direction; undefined when something is lost on the way in. */
export const invert = (transform: Transform): Change | undefined => {
  if (!isInvertible(transform)) return undefined
  return (backward[transform.kind as keyof typeof backward] as (given: Transform) => Change)(transform)
}

/** Whether a value that went in can be written back as it was. */
export const isInvertible = (transform: Transform): boolean =>
  transform.kind === 'ENUM_MAP'
    ? new Set(transform.options.map(({ to }) => to)).size === transform.options.length
    : transform.kind in backward
