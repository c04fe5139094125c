import type { FastifyInstance } from 'fastify'
import type { Clock } from '#kernel/clock.ts'

export interface Readiness {
  ready: boolean
  /** Each part of the graph, and whether it answers. */
  parts: { name: string; up: boolean }[]
  /** What is missing, in words; empty when nothing is. */
  missing: string[]
}

const KEPT_MS = 500
const ANSWER_WITHIN_MS = 2_000

/** `/healthz`: the process lives. `/readyz`: 200 once a query can be answered, else 503 naming what is missing. */
export const healthDoor = (
  app: FastifyInstance,
  options: { subgraphs: Readonly<Record<string, string>>; clock: Clock },
): void => {
  let kept: { at: number; answer: Promise<Readiness> } | undefined
  app.get('/healthz', async () => ({ name: 'gateway', status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    const now = options.clock.now().getTime()
    // Anybody may ask, so asking often must not become load on the subgraphs.
    if (!kept || Math.abs(now - kept.at) > KEPT_MS) kept = { at: now, answer: readiness(options.subgraphs) }
    const answer = await kept.answer
    return reply
      .code(answer.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(answer)
  })
}

const readiness = async (subgraphs: Readonly<Record<string, string>>): Promise<Readiness> => {
  const parts = await Promise.all(
    Object.entries(subgraphs).map(async ([name, url]) => ({ name, up: await answers(url) })),
  )
  const missing = parts.filter((part) => !part.up).map((part) => `${part.name} does not answer`)
  return { ready: missing.length === 0, parts, missing }
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false // Whatever the reason: it does not answer.
  }
}
