/** A graph that people write through, before a portal that was imported. Nobody works unless a test starts somebody. */
import type { sql } from 'kysely'
import type { Principal } from '#kernel/principal.ts'
import { type CustomersBed, customersBed, ORG, reader, worker, writer } from '../kit/customers.ts'
import { graphOf } from '../kit/customers-graph.ts'
import { until } from '../kit/until.ts'

/** What a test asks of a change that waits. */
export const PENDING = /* GraphQL */ `
  operation type state attempts lastError guidance nextTryAt fields { name label from to masked }`

interface Options {
  companies?: number
  /** Whether it has a place for the hub's key. Default true. */
  keyed?: boolean
}

/** Starts it. */
export const writingBed = async ({ companies = 3, keyed = true }: Options = {}) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies, keyed }))
  const { url, ask, statements } = stack.use(await graphOf(bed.test))
  {
    await using _ = worker(bed)
    await bed.sync('FULL')
  }
  const all = stack.move()
  return {
    ...bed,
    url,
    ask,
    /** Calls a mutation and answers what it says. */
    write: async (mutation: string, variables: object = {}, caller?: Principal) =>
      Object.values(await ask(mutation, variables, caller))[0] as Answer,
    /** Statements that answering took. */
    counting: async (query: string, variables: object = {}): Promise<number> => {
      const from = statements.length
      await ask(query, variables)
      return statements.slice(from).filter((text) => /(customers|sync)\.\w/.test(text)).length
    },
    rows: async <T>(text: ReturnType<typeof sql<T>>): Promise<T[]> =>
      (await bed.database.read(ORG, (tx) => text.execute(tx))).rows,
    /** Lets what waits go to HubSpot, and what comes back because of it come back. */
    pushed: () => pushed(bed),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
type Answer = any
export type WritingBed = Awaited<ReturnType<typeof writingBed>>

const pushed = async (bed: CustomersBed): Promise<void> => {
  await using _writer = writer(bed)
  await using _reader = reader(bed)
  const isWritten = async () => (await bed.outgoing()).length === 0
  // What comes back may have to be written again.
  await until(async () => (await isWritten()) && (await bed.waiting()).length === 0 && (await isWritten()))
}
