import { type Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'

const MOST_BYTES = 32 * 1024 * 1024
const BEHIND_HEADER = 'x-hub-behind'
/** What a part says of an answer that somebody wants to keep: see service/noticing.ts. */
export const READ_HEADER = 'x-hub-read'
const HOLDS_HEADER = 'x-hub-holds'

/** Where a subgraph listens. */
export interface Address extends Pick<RequestOptions, 'host' | 'port' | 'path'> {
  /** As requests name it. */
  named: string
}

/** The other side closed the connection before it answered anything, as one does that stops: a read may be asked for again. */
export class NoAnswer extends Error {}

export interface Exchanged {
  status: number
  isBehind: boolean
  cookies: string[]
  /** The tables that it was made from, and for how many milliseconds it holds; absent: nobody could tell of it when they change. */
  read: { tables: string[]; holdsMs: number } | undefined
  text: string
}

const readOf = ({ headers }: IncomingMessage): Exchanged['read'] => {
  const { [READ_HEADER]: tables, [HOLDS_HEADER]: ms } = headers
  if (typeof tables !== 'string' || !tables) return undefined
  return { tables: tables.split(','), holdsMs: ms === undefined ? Number.POSITIVE_INFINITY : Number(ms) }
}

// A list is written as it is; a record is checked, kept and looked up in name by name first.
const listed = (headers: Record<string, string>, { named }: Address): string[] => {
  const list = ['host', named]
  for (const name of Object.keys(headers)) list.push(name, headers[name] as string)
  return list
}

// Written by hand where Node has a way of its own: `signal`, a URL and an iterated body each cost more than all the rest.
/** POSTs JSON and reads what is answered. Rejects when the signal aborts, or when nothing comes for so long. */
export const exchange = (
  to: Address,
  options: {
    /** False: over a connection of its own. */
    agent: Agent | false
    headers: Record<string, string>
    body: string
    signal: AbortSignal
    patienceMs: number
  },
): Promise<Exchanged> =>
  new Promise((resolve, reject) => {
    const { agent, headers, signal, patienceMs: timeout } = options
    if (signal.aborted) return reject(signal.reason)
    let hasAnswered = false
    const request = httpRequest(
      { ...to, method: 'POST', agent, headers: listed(headers, to), timeout },
      (response) => {
        hasAnswered = true
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          chunks.push(chunk)
          if (bytes > MOST_BYTES) response.destroy(new Error('answered too much'))
        })
        response.on('end', () => {
          signal.removeEventListener('abort', stop)
          const [first] = chunks
          resolve({
            status: response.statusCode ?? 0,
            isBehind: response.headers[BEHIND_HEADER] !== undefined,
            cookies: response.headers['set-cookie'] ?? [],
            read: readOf(response),
            text: (chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString(),
          })
        })
        response.on('error', fail)
      },
    )
    const stop = () => request.destroy(signal.reason)
    const fail = (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', stop)
      reject(
        error.code === 'ECONNRESET' && !hasAnswered
          ? new NoAnswer('the connection was closed', { cause: error })
          : error,
      )
    }
    request.on('error', fail)
    request.on('timeout', () => request.destroy(new Error('answered nothing for too long')))
    signal.addEventListener('abort', stop)
    request.end(options.body)
  })
