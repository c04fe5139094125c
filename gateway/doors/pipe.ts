import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as open } from 'node:http'
import type { Readable } from 'node:stream'
import { RequestTooLarge } from '../errors.ts'

export interface Piped {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  body: Readable
  maxBytes: number
  /** How long a whole answer may take. */
  deadlineMs: number
}

export interface Answer {
  status: number
  headers: Record<string, string | string[]>
  body: Buffer
}

export interface Pipe extends AsyncDisposable {
  /**
   * Sends a body on while it arrives, holding no more of it than a socket's buffer.
   * @throws REQUEST_TOO_LARGE once more bytes came than are allowed; any other error when there is no whole answer in time
   */
  send(request: Piped): Promise<Answer>
}

/** What a subgraph's answer tells the stranger. */
const PASSED = ['content-type', 'location', 'retry-after', 'cache-control', 'set-cookie'] as const
const LONGEST_ANSWER = 1 << 20

/** Connections to the subgraphs, kept open between requests. */
export const openPipe = (): Pipe => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return {
    send: (request) => send(agent, request),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  }
}

const send = (agent: Agent, { body, maxBytes, deadlineMs, ...to }: Piped): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const upstream = open(to.url, { method: to.method, headers: to.headers, agent })
    const overdue = setTimeout(() => fail(new Error('no answer in time')), deadlineMs)
    const end = () => {
      clearTimeout(overdue)
      body.off('data', onData).off('aborted', onAborted).off('error', fail)
    }
    const fail = (error: Error) => {
      end()
      upstream.destroy()
      reject(error)
    }
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > maxBytes) return fail(RequestTooLarge.with())
      if (!upstream.write(chunk)) {
        body.pause()
        upstream.once('drain', () => body.resume())
      }
    }
    const onAborted = () => fail(new Error('the sender left'))
    body
      .on('data', onData)
      .once('end', () => upstream.end())
      .once('aborted', onAborted)
      .once('error', fail)
    upstream.once('error', fail)
    upstream.once('response', (response) => {
      read(response).then((answer) => {
        end()
        // It may have answered before the body was at its end.
        if (!body.readableEnded) upstream.destroy()
        resolve(answer)
      }, fail)
    })
  })

const read = async (response: IncomingMessage): Promise<Answer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > LONGEST_ANSWER) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return {
    status: response.statusCode ?? 502,
    headers: passed(response.headers),
    body: Buffer.concat(chunks),
  }
}

const passed = (headers: IncomingHttpHeaders): Answer['headers'] =>
  Object.fromEntries(
    PASSED.flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name] as string | string[]]],
    ),
  )
