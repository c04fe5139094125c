import {
  DEMO_TOKEN,
  type HubSpotSimulatorOptions,
  startHubSpotSimulator,
} from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Control, controlOf } from '#test/kit/simulator.ts'

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
  sim: Control
}

export interface CallOptions {
  method?: string
  token?: string
  signal?: AbortSignal
}

export const openPortal = async (options: Partial<HubSpotSimulatorOptions> = {}): Promise<OpenPortal> => {
  const simulator = await startHubSpotSimulator({ port: 0, companies: 40, clock: systemClock, ...options })
  const call: OpenPortal['call'] = async (path, body, { method, token, signal } = {}) => {
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
    call,
    sim: controlOf(simulator.url),
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
