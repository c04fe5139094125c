import * as z from 'zod'
import { withoutPersons } from '#kernel/mask.ts'
import { readRecord } from './answers.ts'

/**
 * What HubSpot answers to writes of many records at once.
 *
 * trace     the caller's own name for one row of a batch; HubSpot gives it back (`objectWriteTraceId`)
 * refusal   a row that was understood and not written, while others were
 */

/** A change of one record. */
export interface HubSpotRow {
  trace: string
  /** The record's id, or the value of the unique property that it is named by. */
  id: string
  /** Null and the empty text take a value away. Cards, keys and tokens in them are masked on the way out. */
  properties: Readonly<Record<string, string | null>>
}

/** A row that was written. */
export interface HubSpotWritten {
  trace: string
  id: string
  isNew: boolean
  /** ISO 8601. */
  updatedAt: string
  /** Those that were sent, as they stand now, and some that HubSpot adds. */
  properties: Record<string, string | null>
}

/** A row that was not written. */
export interface HubSpotRefusal {
  trace: string
  /**
   * HubSpot's name for what is wrong with a value (`PROPERTY_DOESNT_EXIST` and `READ_ONLY_VALUE` before all others), else for
   * the refusal (`VALIDATION_ERROR`, `CONFLICT`, `OBJECT_NOT_FOUND`, …). `UNANSWERED`: the answer does not say what became of the row.
   */
  category: string
  /** HubSpot's words, without persons and secrets. */
  message: string
  /** The record that has the e-mail address or another unique value already. */
  existingId?: string
  /** Properties that do not exist or cannot be written: the row is good without them. */
  properties?: string[]
  /** What HubSpot says of single values. */
  faults: { property: string; code: string }[]
}

/** What became of each row, in the order of the rows. */
export interface HubSpotBatch {
  written: HubSpotWritten[]
  refused: HubSpotRefusal[]
}

const texts = z.record(z.string(), z.array(z.coerce.string())).catch({})
const said = z.object({
  category: z.string().catch('UNKNOWN'),
  message: z.string().catch(''),
  context: texts,
  errors: z
    .array(
      z.object({
        message: z.string().catch(''),
        code: z.string().optional().catch(undefined),
        context: texts,
      }),
    )
    .catch([]),
})

/** An error about rows: of a batch that went through in part, or of one that was refused whole. */
export type Said = z.infer<typeof said>

/** Reads an error body; one that is none says nothing. */
export const errorSaid = (body: unknown): Said =>
  said.catch({ category: 'UNKNOWN', message: '', context: {}, errors: [] }).parse(body)

const envelope = z.object({
  // Only a finished batch says what became of its rows.
  status: z.literal('COMPLETE').optional(),
  results: z.array(z.looseObject({})),
  errors: z.array(said).optional(),
})

/** A row of an answer to a write. */
export interface WrittenResult {
  record: ReturnType<typeof readRecord>
  trace: string | undefined
  isNew: boolean | undefined
}

/** Checks the answer to a batch create, update or upsert. */
export const writtenBatch = (body: unknown): { results: WrittenResult[]; errors: Said[] } => {
  const { results, errors = [] } = envelope.parse(body)
  return {
    results: results.map((raw) => ({
      record: readRecord(raw),
      trace: typeof raw.objectWriteTraceId === 'string' ? raw.objectWriteTraceId : undefined,
      isNew: typeof raw.new === 'boolean' ? raw.new : undefined,
    })),
    errors,
  }
}

/** Checks the answer to a batch of which single entries may be refused, whatever its results look like. */
export const partialBatch = (body: unknown): Said[] => envelope.parse(body).errors ?? []

const LISTED = /: (\[\{.*\}\])\s*$/s
const wrongValue = z.array(z.object({ name: z.string(), error: z.string(), message: z.string().catch('') }))

/** Each wrong value once: HubSpot lists them as entries, or as JSON within its message, or both. */
const faultsOf = ({ message, errors }: Said) => {
  const faults = errors.flatMap(({ code, message: words, context }) =>
    code === undefined ? [] : (context.propertyName ?? []).map((property) => ({ property, code, words })),
  )
  if (faults.length > 0) return faults
  try {
    const listed = wrongValue.parse(JSON.parse(LISTED.exec(message)?.[1] ?? '[]'))
    return listed.map(({ name, error, message: words }) => ({ property: name, code: error, words }))
  } catch {
    // Cut off or of another shape: then the words have to do.
    return [...message.matchAll(/Property \\*"(\w+)\\*" does not exist/g)].map(([words, property = '']) => ({
      property,
      code: 'PROPERTY_DOESNT_EXIST',
      words,
    }))
  }
}

/** A fault of the property and not of its value: any row with it is refused. */
const UNWRITABLE = ['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE']

/** The properties that an error says no row can be written with. */
export const unwritable = (error: Said): string[] => [
  ...new Set(faultsOf(error).flatMap(({ property, code }) => (UNWRITABLE.includes(code) ? [property] : []))),
]

const EXISTING = [/Existing ID: (\d+)/, /(\d+) already has that value/]
const LONGEST_MESSAGE = 500

/** What an error means for one row that it is about. */
export const refusal = (error: Said, trace: string): HubSpotRefusal => {
  const faults = faultsOf(error)
  const worst = UNWRITABLE.find((code) => faults.some((fault) => fault.code === code)) ?? faults[0]?.code
  const words = faults.map((fault) => fault.words).filter(Boolean)
  const message = withoutPersons(words.length > 0 ? words.join('; ') : error.message)
  const existingId = EXISTING.map((known) => known.exec(error.message)?.[1]).find(Boolean)
  const properties = unwritable(error)
  return {
    trace,
    category: worst ?? error.category,
    message: message.slice(0, LONGEST_MESSAGE),
    ...(existingId ? { existingId } : {}),
    ...(properties.length > 0 ? { properties } : {}),
    faults: faults.map(({ property, code }) => ({ property, code })),
  }
}

/** The values that an error names its rows by, from its own context and from its entries'. */
export const namedBy = (error: Said, keys: readonly string[]): Set<string> =>
  new Set([error, ...error.errors].flatMap(({ context }) => keys.flatMap((key) => context[key] ?? [])))
