import type { JournalEntry } from '#connectors/simulator/index.ts'

/** A call of a simulator's control plane: a question without a body, an order with one. */
export type Control = <T = unknown>(path: string, body?: unknown, method?: string) => Promise<T>

/** What a simulator answers to `journal`. */
export interface Journal {
  counts: { total: number; byStatus: Record<string, number>; refused: Record<string, number> }
  windows: { limit: string; max: number; busiest: number }[]
  entries: JournalEntry[]
}

/**
 * Controls the simulator at a URL.
 * @returns calls of `/_sim/…`; they throw what a refusal says
 */
export const controlOf =
  (url: string): Control =>
  async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const answer = await fetch(`${url}/_sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${url}/_sim/${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
