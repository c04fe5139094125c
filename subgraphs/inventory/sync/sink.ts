import {
  type C3,
  type RfqStatus,
  type RfqUpdate,
  VendorRefused,
  type WriteResult,
} from '#connectors/c3/index.ts'
import { withoutPersons } from '#kernel/mask.ts'
import { MovedOn } from '#sync/errors.ts'
import type { Refusal, Sink, Write, WriteAnswer, Written } from '#sync/sink.ts'
import type { FieldValue } from '#sync/values.ts'
import { NotAllowedInC3, NotHeldInC3 } from '../domain/errors.ts'
import { wayBetween } from '../domain/rfq.ts'
import { barsOf } from '../domain/rfq-bars.ts'
import { isWritable, lineOf, stockIdOf } from '../domain/rfq-fields.ts'

/**
 * C3 as the sync engine writes it: requests for prices are changed, and nothing else. Each item is named by its place in the ledger, so
 * that sending it again does nothing again, and goes on top of the version that was read before. A request that is several steps ahead
 * here takes one in each round.
 */
export const c3Sink = (c3: Pick<C3, 'write'>): Sink => ({
  takes: async () => (type, field, value) => type === 'rfqs' && isWritable(field, value),
  bars: (type, held, wanted) => (type === 'rfqs' ? barsOf(held, wanted) : new Map()),
  callsToWrite: (type, writes) =>
    Math.max(0, ...writes.filter(isUpdateOf(type)).map((write) => stepsOf(write).length)),
  write: async (type, writes) => {
    const isUpdate = isUpdateOf(type)
    // What is given back by one request may be what another is to hold.
    const updates = writes.filter(isUpdate).sort((a, b) => Number(takesStock(a)) - Number(takesStock(b)))
    const answers = new Map<string, WriteAnswer>()
    let round = updates.map((write) => ({ write, steps: stepsOf(write) }))
    for (let step = 0; round.length > 0; step++) {
      const items = round.map(({ steps }) => steps[0]!)
      const results = await c3.write('rfq-updates', items).catch((error: unknown) => {
        if (step === 0) throw error
        // What became of the first steps is known, and of the others of the batch, and must not be lost.
        for (const { write } of round) answers.set(write.id, notTaken(write.id, error))
        return []
      })
      round = results.flatMap((result, n) => {
        const { write, steps } = round[n]!
        const [, next, ...rest] = steps
        answers.set(write.id, answerOf(write, result))
        if (!next || result.outcome === 'REFUSED') return []
        const baseVersion = result.version === null ? {} : { baseVersion: result.version }
        return [{ write, steps: [{ ...next, ...baseVersion }, ...rest] }]
      })
    }
    return joined([
      ...updates.flatMap(({ id }) => answers.get(id) ?? []),
      ...writes.filter((write) => !isUpdate(write)).map(({ id }) => refused(id, 'NOT_OFFERED')),
    ])
  },
})

const isUpdateOf =
  (type: string) =>
  ({ operation }: Write): boolean =>
    type === 'rfqs' && operation === 'UPDATE'

/** What is sent of a write, one after the other: everything with the first step, and the further states of the request by themselves. */
const stepsOf = (write: Write): RfqUpdate[] => {
  const update = updateOf(write)
  const { status } = write.fields
  if (!status) return [update]
  const to = String(status.to)
  // Where no way leads there C3 says so.
  const [first, ...further] = (wayBetween(String(status.from), to) ?? [to]) as RfqStatus[]
  const { key, rfqId } = update
  return [
    { ...update, ...(first ? { status: first } : {}) },
    ...further.map((next, n) => ({ key: `${key} ${n + 2}`, rfqId, status: next })),
  ]
}

const joined = (answers: readonly WriteAnswer[]): WriteAnswer => ({
  written: answers.flatMap(({ written }) => written),
  refused: answers.flatMap((answer) => answer.refused),
})

/** Only what differs, line by line and stock row by stock row. */
const updateOf = ({ id, externalId = '', fields, revision }: Write): RfqUpdate => {
  const changed = Object.entries(fields).map(([field, { to }]) => [field, to] as const)
  const lines = changed.flatMap(([field, to]) => {
    const line = lineOf(field)
    return line === undefined ? [] : [{ line, unitPrice: to as string | null }]
  })
  const reservations = changed.flatMap(([field, to]) => {
    const stockId = stockIdOf(field)
    return stockId === undefined ? [] : [{ stockId, quantity: Number(to ?? 0) }]
  })
  return {
    ...(Object.fromEntries(changed.filter(isPlain)) as Partial<RfqUpdate>),
    ...(lines.length > 0 ? { lines } : {}),
    ...(reservations.length > 0 ? { reservations } : {}),
    ...(revision === undefined ? {} : { baseVersion: Number(revision) }),
    ...{ key: id, rfqId: externalId },
  }
}

const isPlain = ([field]: readonly [string, FieldValue]): boolean =>
  lineOf(field) === undefined && stockIdOf(field) === undefined

const takesStock = ({ fields }: Write): boolean =>
  Object.entries(fields).some(
    ([field, { from, to }]) => stockIdOf(field) !== undefined && Number(to ?? 0) > Number(from ?? 0),
  )

/** From prices C3 works out the total, of what it quotes it makes a quote, and what is lost gives back its stock. */
const isWorkedWith = (field: string): boolean => field === 'status' || lineOf(field) !== undefined

const answerOf = (write: Write, result: WriteResult): WriteAnswer => {
  const { id, externalId = '', fields } = write
  if (result.outcome === 'REFUSED') {
    // Of a request that C3 knows it says the version: what is not found then is stock that was to be held.
    const isStock = result.code === 'NOT_FOUND' && result.version !== null
    const code = isStock ? 'NOT_ENOUGH_STOCK' : result.code
    return refused(id, code, result.message, fields.status !== undefined)
  }
  const written: Written = {
    ...{ id, externalId, left: [] },
    modifiedAt: result.updatedAt === null ? undefined : new Date(result.updatedAt),
    isToRead: Object.keys(fields).some(isWorkedWith),
  }
  return { written: [written], refused: [] }
}

/** What has moved on there is read again: also that it is gone. */
const MOVED: readonly unknown[] = ['STALE', 'NOT_FOUND', 'DELETED']

/** What takes back here what was promised or decided here. */
const KNOWN: Readonly<Record<string, typeof NotHeldInC3 | typeof NotAllowedInC3>> = {
  NOT_ENOUGH_STOCK: NotHeldInC3,
  STATUS_NOT_ALLOWED: NotAllowedInC3,
}

const refused = (
  id: string,
  code: WriteResult['code'] | 'NOT_OFFERED',
  message: string | null = null,
  goesOn = false,
): WriteAnswer => {
  const reason = [code, message].filter(Boolean).join(': ')
  // A request that is to stay where it is cannot be taken back: what else of it is not allowed there a person has to mend.
  const known = code === 'STATUS_NOT_ALLOWED' && !goesOn ? undefined : KNOWN[code ?? '']
  const error = MOVED.includes(code)
    ? MovedOn.with()
    : (known?.with() ?? VendorRefused.with({ vendor: 'C3', reason: withoutPersons(reason) }))
  return notTaken(id, error)
}

const notTaken = (id: string, error: unknown): WriteAnswer => {
  const refusal: Refusal = { id, error, existingId: undefined }
  return { written: [], refused: [refusal] }
}
