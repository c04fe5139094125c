import { GraphQLError, GraphQLScalarType, type GraphQLScalarTypeConfig, Kind } from 'graphql'
import { decimal } from '#kernel/money.ts'

const refuse = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })

const scalar = <I, O>(
  config: Pick<GraphQLScalarTypeConfig<I, O>, 'name'> & {
    read: (value: unknown) => I
    show: (value: unknown) => O
  },
): GraphQLScalarType<I, O> =>
  new GraphQLScalarType<I, O>({
    name: config.name,
    serialize: config.show,
    parseValue: config.read,
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING) return config.read(node.value)
      // A number in the document is its own text: no float in between.
      if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return config.read(node.value)
      throw refuse(`${config.name} must be written as a text`)
    },
  })

const readDecimal = (value: unknown): string => {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw refuse('Decimal must be a text like "12.50"')
  try {
    return decimal(value)
  } catch {
    // What the reader complained about is said again in the caller's words.
    throw refuse('Decimal must be a number written as text, like "12.50"')
  }
}

const readInstant = (value: unknown): Date => {
  // A text without a zone would mean another moment on every machine.
  if (
    typeof value !== 'string' ||
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value)
  )
    throw refuse('DateTime must be written like 2026-03-01T08:30:00Z')
  const read = new Date(value)
  if (Number.isNaN(read.getTime())) throw refuse('DateTime must be a moment that exists')
  return read
}

const readDay = (value: unknown): string => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value))
    throw refuse('Date must be written like 2026-03-01')
  const read = new Date(`${value}T00:00:00Z`)
  if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 10) !== value)
    throw refuse('Date must be a day that exists')
  return value
}

const showInstant = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') return readInstant(value).toISOString()
  throw new TypeError('DateTime is made of a Date')
}

const readCursor = (value: unknown): string => {
  if (typeof value === 'string' && value.length <= 1000) return value
  throw refuse('Cursor must be sent back as it came')
}

/** How our scalars look in code: Decimal is text, DateTime a Date, Date a text YYYY-MM-DD, Cursor a text. */
export const scalars = {
  Decimal: scalar({ name: 'Decimal', read: readDecimal, show: (value) => decimal(value as string) }),
  DateTime: scalar({ name: 'DateTime', read: readInstant, show: showInstant }),
  Date: scalar({ name: 'Date', read: readDay, show: readDay }),
  Cursor: scalar({ name: 'Cursor', read: readCursor, show: (value) => String(value) }),
}
