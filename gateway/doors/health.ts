import type { FastifyInstance } from 'fastify'
import type { Clock } from '#kernel/clock.ts'

export interface Readiness {
  /** Whether every part answers. */
  ready: boolean
  /** `degraded` while all is answered and something cannot be changed. */
  status: 'ok' | 'degraded' | 'unavailable'
  /** Each part of the graph, whether it answers, and whether its database takes changes. */
  parts: { name: string; up: boolean; takesChanges: boolean }[]
  /** What is missing, in words; empty when nothing is. */
  missing: string[]
}

const KEPT_MS = 500
const ANSWER_WITHIN_MS = 2_000

/** What every answer of a gateway that ends says: whoever balances sends nothing more here. */
const STOPPING: Readiness = {
  ready: false,
  status: 'unavailable',
  parts: [],
  missing: ['this gateway is stopping: others answer'],
}

/**
 * `/healthz`: the process lives. `/readyz`: 200 once a query can be answered, else 503; either names what is missing.
 * @param options.stopping once it aborts, the gateway is no longer ready, whatever its parts are
 */
export const healthDoor = (
  app: FastifyInstance,
  options: { subgraphs: Readonly<Record<string, string>>; clock: Clock; stopping?: AbortSignal },
): void => {
  let kept: { at: number; answer: Promise<Readiness> } | undefined
  app.get('/healthz', async () => ({ name: 'gateway', status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    const now = options.clock.now().getTime()
    // Anybody may ask, so asking often must not become load on the subgraphs.
    if (!kept || Math.abs(now - kept.at) > KEPT_MS) kept = { at: now, answer: readiness(options.subgraphs) }
    const answer = options.stopping?.aborted ? STOPPING : await kept.answer
    return reply
      .code(answer.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer)
  })
}

const readiness = async (subgraphs: Readonly<Record<string, string>>): Promise<Readiness> => {
  const parts = await Promise.all(
    Object.entries(subgraphs).map(async ([name, url]) => {
      const said = await healthOf(url)
      return { name, up: said !== null, takesChanges: said === 'ok' }
    }),
  )
  const missing = parts.flatMap(({ name, up, takesChanges }) => {
    if (!up) return [`${name} does not answer`]
    return takesChanges
      ? []
      : [`the database of ${name} refuses changes: it is read-only, or its disk is full`]
  })
  const ready = parts.every(({ up }) => up)
  const status = ready ? (missing.length === 0 ? 'ok' : 'degraded') : 'unavailable'
  return { ready, status, parts, missing }
}

/** What a subgraph says of itself; null when it does not answer, whatever the reason. */
const healthOf = async (url: string): Promise<string | null> => {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    const said = (await response.json()) as { status?: string }
    return response.ok ? (said.status ?? null) : null
  } catch {
    return null
  }
}
