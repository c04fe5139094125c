/** A service that knows companies, asked over HTTP: docs/enrichment.md says in which words. */
import * as z from 'zod'
import type { Clock } from '#kernel/clock.ts'
import { exchange, readJson } from '../http.ts'
import { reachNamed } from '../outside.ts'
import type { Resolve } from '../reach.ts'
import { judgeStatus } from '../statuses.ts'

export { openCircuit } from '../circuit.ts'
export type { Resolve } from '../reach.ts'

const VENDOR = 'The research service'
/** A few facts are far below it. */
const MAX_BYTES = 256 * 1024
const MOST_FACTS = 100

/** Who is asked about, by what is no personal data. */
export interface AskedCompany {
  domain: string
  industry: string | null
}

const answered = z.object({
  summary: z.string().nullish(),
  facts: z
    .array(
      z.object({
        kind: z.string(),
        text: z.string(),
        source: z.string().nullish(),
        published_on: z.string().nullish(),
      }),
    )
    .max(MOST_FACTS)
    .default([]),
})
/** What the service says, in its own words. */
export type ResearchAnswer = z.output<typeof answered>

export interface ResearchService {
  /**
   * Asks about a company; one the service does not know is known nothing of.
   * @throws an error of `contract.ts`; the signal's reason when it aborts
   */
  about(company: AskedCompany, limits: { deadlineMs: number; signal?: AbortSignal }): Promise<ResearchAnswer>
}

/** Where questions are posted to, and by which key. */
export interface ResearchConfig {
  url: string
  key: string
  /** Whether its name may lead into the network that the hub stands in. */
  isInside?: boolean
  /** How names are looked up. Default: as the machine does. */
  resolve?: Resolve
}

/** Opens a way to the service. Nothing is connected before it is asked. */
export const openResearch = ({
  key,
  clock,
  ...place
}: ResearchConfig & { clock: Clock }): ResearchService => {
  const reach = reachNamed(VENDOR, place)
  return {
    about: async (company, limits) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      const call = { method: 'POST' as const, url: place.url, headers, body: JSON.stringify({ company }) }
      const answer = await exchange(VENDOR, call, { ...limits, maxBytes: MAX_BYTES, reach })
      if (answer.status === 404) return { facts: [] }
      judgeStatus(VENDOR, answer, clock.now())
      return readJson(VENDOR, answer, (body) => answered.parse(body))
    },
  }
}
