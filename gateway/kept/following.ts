import { type IncomingMessage, request } from 'node:http'
import { linesOf } from '#events/lines.ts'
import { repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type PrincipalSeal } from '#kernel/principal.ts'
import type { TouchedPart } from './part.ts'

const REST_MS = 250
/** Longer than any pause between two lines. */
const SILENCE_MS = 5_000

/** Lines of `GET /touched` (service/touched.ts). */
type Line = { tables: string[] } | { touched: string[] } | { told: true } | { lost: true }

/** Hears what is touched in a part for as long as it is not disposed; while it is not heard, nothing of the part is kept. */
export const followTouched = (options: {
  name: string
  url: string
  part: TouchedPart
  seal: PrincipalSeal
  log: Log
}): AsyncDisposable => {
  const { name, url, part, seal, log } = options
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      const token = await seal.sign({ kind: 'system', id: 'system:gateway', orgId: null, scopes: [] })
      const response = await open(`${url}/touched`, token, signal)
      if (response.statusCode !== 200) {
        response.destroy()
        throw new Error(`answered ${response.statusCode}`)
      }
      for await (const lines of linesOf(response))
        for (const line of lines) if (line) hear(part, JSON.parse(line))
    } finally {
      part.lost()
    }
  }
  return repeat((signal) => round(signal), {
    everyMs: REST_MS,
    failed: (error) => log.debug({ err: error, part: name }, 'what is touched in a part is not heard'),
  })
}

const hear = (part: TouchedPart, line: Line): void => {
  if ('tables' in line) part.begin(line.tables)
  else if ('touched' in line)
    for (const each of line.touched) {
      const space = each.indexOf(' ')
      part.touch(each.slice(0, space), each.slice(space + 1))
    }
  else if ('told' in line) part.told()
  else part.lost()
}

const open = (url: string, token: string, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(url, { agent: false, headers: { [PRINCIPAL_HEADER]: token }, signal, timeout: SILENCE_MS })
      .once('response', resolve)
      .on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error('has said nothing for too long'))
      })
      .on('error', reject)
      .end()
  })
