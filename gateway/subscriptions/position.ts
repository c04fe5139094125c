import { PRINCIPAL_HEADER, type PrincipalSeal } from '#kernel/principal.ts'
import type { Caller } from '../identity/index.ts'

/** The place `now` in a part's log, as a cursor; undefined for a part that does not tell. @throws when it does not answer */
export type Positions = (part: string, caller: Caller) => Promise<string | undefined>

const ANSWER_WITHIN_MS = 5_000
/** No cursor is longer. */
export const LONGEST_CURSOR = 1_000

/** Asks parts for their position. @param subgraphs their addresses by name */
export const openPositions =
  ({ subgraphs, seal }: { subgraphs: Readonly<Record<string, string>>; seal: PrincipalSeal }): Positions =>
  async (part, { principal }) => {
    const response = await fetch(`${subgraphs[part]}/position`, {
      headers: { [PRINCIPAL_HEADER]: await seal.sign(principal) },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    if (!response.ok) {
      await response.body?.cancel()
      // Then its stream is followed from whenever that starts.
      if (response.status === 404) return undefined
      throw new Error(`${part} did not tell its position: ${response.status}`)
    }
    const { position } = (await response.json()) as { position?: unknown }
    return typeof position === 'string' && position.length < LONGEST_CURSOR ? position : undefined
  }
