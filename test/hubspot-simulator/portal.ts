import {
  DEMO_TOKEN,
  type HubSpotSimulatorOptions,
  startHubSpotSimulator,
} from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'

/** An answer read whole. */
export interface Answer<T> {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; throws when it is none. */
  json(): T
}

/** A simulated portal with plain calls to its API and to its control plane. */
export interface OpenPortal extends AsyncDisposable {
  url: string
  call<T = unknown>(path: string, body?: unknown, options?: CallOptions): Promise<Answer<T>>
  sim<T = unknown>(path: string, body?: unknown, method?: string): Promise<T>
}

export interface CallOptions {
  method?: string
  token?: string
  signal?: AbortSignal
}

export const openPortal = async (options: Partial<HubSpotSimulatorOptions> = {}): Promise<OpenPortal> => {
  const simulator = await startHubSpotSimulator({ port: 0, companies: 40, clock: systemClock, ...options })
  const send = async (path: string, body: unknown, { method, token, signal }: CallOptions) => {
    const response = await fetch(simulator.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${token ?? DEMO_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
  }
  return {
    url: simulator.url,
    call: (path, body, callOptions = {}) => send(path, body, callOptions),
    sim: async (path, body, method) => {
      const answer = await send(`/_sim/${path}`, body, method === undefined ? {} : { method })
      if (answer.status >= 400) throw new Error(answer.text)
      return answer.text === '' ? undefined : answer.json()
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}

/** Every id of a type by the list, with how many requests it took. */
export const listAll = async (portal: OpenPortal, type: string, query = ''): Promise<string[]> => {
  const ids: string[] = []
  let after: string | undefined
  do {
    const path = `/crm/v3/objects/${type}?limit=100${after === undefined ? '' : `&after=${after}`}${query}`
    const answer = await portal.call<Page>(path)
    if (answer.status !== 200) throw new Error(answer.text)
    const page = answer.json()
    ids.push(...page.results.map((r) => r.id))
    after = page.paging?.next?.after
  } while (after !== undefined)
  return ids
}

export interface Page {
  total?: number
  results: {
    id: string
    properties: Record<string, string | null>
    updatedAt: string
    archived: boolean
    associations?: Record<
      string,
      { results: { id: string; type: string }[]; paging?: { next: { after: string; link: string } } }
    >
  }[]
  paging?: { next?: { after: string } }
}

export interface JournalAnswer {
  counts: { total: number; byStatus: Record<string, number>; refused: Record<string, number> }
  windows: { limit: string; max: number; busiest: number }[]
  entries: {
    at: number
    method: string
    path: string
    status: number
    ms: number
    portal: string
    refused?: string
    fault?: string
  }[]
}
