import { z } from 'zod'
import type { LoggedEvent } from './event.ts'

/**
 * The feed's lines: JSON, one per line.
 *   {"pos":7,"orgId":…,"key":…,"name":…,"version":…,"payload":…,"occurredAt":…,"stamp":…,"trace":…}   an event
 *   {"position":9,"stamp":…}    looked through up to here; of a snapshot's first line: its state is of here
 *   {"end":true}                a snapshot is complete
 *   {"error":{"code":"CURSOR_EXPIRED","message":…,"oldest":5}}   the stream ends here
 *   (blank)                     still alive
 */
const line = z.union([
  z.object({
    pos: z.int(),
    orgId: z.uuid(),
    key: z.string(),
    name: z.string(),
    version: z.int(),
    payload: z.unknown(),
    occurredAt: z.iso.datetime(),
    stamp: z.string().optional(),
    trace: z.string().optional(),
  }),
  z.object({ position: z.int(), stamp: z.string().optional() }),
  z.object({ end: z.literal(true) }),
  z.object({ error: z.object({ code: z.string(), message: z.string(), oldest: z.int().optional() }) }),
])
type Line = z.infer<typeof line>

export const eventLine = (event: LoggedEvent): string =>
  `${JSON.stringify({
    pos: event.pos,
    orgId: event.orgId,
    key: event.key,
    name: event.name,
    version: event.version,
    payload: event.payload,
    occurredAt: event.occurredAt,
    stamp: event.stamp,
    trace: event.trace,
  })}\n`

export const otherLine = (content: Exclude<Line, { pos: number }>): string => `${JSON.stringify(content)}\n`

/** Reads one line. @throws Error when it is none of the feed's */
export const readLine = (text: string): Exclude<Line, { pos: number }> | LoggedEvent => {
  const read = line.parse(JSON.parse(text))
  return 'pos' in read ? { ...read, occurredAt: new Date(read.occurredAt) } : read
}

const LONGEST_LINE = 16_000_000

/** A line has more characters than it may have. */
export class LineTooLong extends Error {
  constructor() {
    super('a line is too long')
  }
}

/**
 * Cuts a stream of bytes into its complete lines, as they come in.
 * @param options.withRest answers the unfinished last line too
 * @param options.longest of how many characters a line may be
 * @throws Error when a line is longer
 */
export async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  { withRest = false, longest = LONGEST_LINE }: { withRest?: boolean; longest?: number } = {},
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    if (rest.length > longest || lines.some((line) => line.length > longest)) throw new LineTooLong()
    yield lines
  }
  if (withRest) yield [rest]
}
