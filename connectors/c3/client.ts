import { openCaller } from '../caller.ts'
import { openCircuit } from '../circuit.ts'
import {
  type ConnectorOptions,
  type Page,
  VendorInconsistent,
  VendorRefused,
  vendorAnswer,
} from '../contract.ts'
import { type Check, exchange, type HttpCall, MAX_ANSWER_BYTES } from '../http.ts'
import { PAGES, readAccount, readNothing, readWebhook, resultsFor } from './answers.ts'
import { judge, VENDOR } from './verdict.ts'
import {
  type Account,
  API_KEY_HEADER,
  type C3Page,
  type Kind,
  type Kinds,
  LIMITS,
  type Webhook,
  type WebhookWish,
  type Write,
  type WriteResult,
  type Writes,
} from './wire.ts'

/** How to reach one C3. Its limiter has one bucket, `requests`. */
export interface C3Options extends ConnectorOptions {
  apiKey: string
}

export interface C3ListOptions {
  /** Only what changed at or after this instant, deleted records included. Left out: everything that is not deleted. */
  updatedSince?: Date | undefined
  /** `next` of the page after which to go on, with the same `updatedSince`. */
  after?: string | undefined
  /** Records per page, at most 500. */
  limit?: number
}

/** One C3. Methods may throw the errors of `connectors/contract.ts`, and the signal's reason. */
export interface C3 {
  /** Whom the key speaks for, and what it may do. */
  account(): Promise<Account>
  /** Records by (updatedAt, id). A record that changes while it is read comes again at the end. */
  list<K extends Kind>(kind: K, options?: C3ListOptions): AsyncIterable<Page<Kinds[K]>>
  /** The records with these ids (at most 100) in one request, deleted ones included; those that C3 does not know are left out. */
  read<K extends Kind>(kind: K, ids: readonly string[]): Promise<Kinds[K][]>
  /**
   * Writes at most 100 items in one request. It may be sent again whatever came back: an item is done once for its key.
   * @returns what became of each, in their order
   */
  write<W extends Write>(what: W, items: readonly Writes[W][]): Promise<WriteResult[]>
  /** Where C3 posts what has changed; undefined when nowhere. */
  webhook(): Promise<Webhook | undefined>
  setWebhook(wish: WebhookWish): Promise<Webhook>
  removeWebhook(): Promise<void>
  /** Requests sent, tries included. */
  readonly requests: Readonly<{ total: number; retries: number }>
}

/** What C3 grants one key: the `limits` of a limiter. */
export const C3_LIMITS = { requests: { max: 100, intervalMs: 10_000 } } as const

const BUCKETS = Object.keys(C3_LIMITS)

/** Opens one C3. It holds nothing that would have to be closed. */
export const openC3 = (options: C3Options): C3 => {
  const {
    clock,
    log,
    random,
    limiter,
    deadlineMs = 30_000,
    patienceMs = 120_000,
    signal,
    pause,
    reach,
  } = options
  const waiting = pause ? { pause } : {}
  const call = openCaller({
    vendor: VENDOR,
    limiter,
    clock,
    log,
    random,
    buckets: BUCKETS,
    circuit: options.circuit ?? openCircuit({ clock, random, ...waiting }),
    patienceMs,
    interactive: options.interactive ?? false,
    signal,
    ...waiting,
  })
  const requests = { total: 0, retries: 0 }
  const baseUrl = options.baseUrl.replace(/\/+$/, '')

  // Every call may be sent again: readings change nothing, writes are done once for their key, a webhook is set to what it is.
  const ask = <T>(method: HttpCall['method'], path: string, check: Check<T>, body?: unknown): Promise<T> =>
    call({
      bucket: 'requests',
      onTry: (number) => {
        requests.total += 1
        if (number > 1) requests.retries += 1
      },
      send: async () => {
        const headers: Record<string, string> = { [API_KEY_HEADER]: options.apiKey }
        if (body !== undefined) headers['content-type'] = 'application/json'
        const sent = body === undefined ? undefined : JSON.stringify(body)
        const limits = { deadlineMs, maxBytes: MAX_ANSWER_BYTES, signal, reach }
        const answer = await exchange(
          VENDOR,
          { method, url: `${baseUrl}/c3/${path}`, headers, body: sent },
          limits,
        )
        return judge(answer, check, clock.now())
      },
    })

  const readPage = <K extends Kind>(kind: K, query: URLSearchParams): Promise<C3Page<Kinds[K]>> =>
    ask('GET', `${kind}?${query}`, PAGES[kind])

  const list = async function* <K extends Kind>(
    kind: K,
    { updatedSince, limit = LIMITS.page, after: from }: C3ListOptions = {},
  ): AsyncGenerator<Page<Kinds[K]>> {
    const seen = new Set<string>()
    let after = from
    for (;;) {
      if (after !== undefined) seen.add(after)
      const query = new URLSearchParams({ limit: String(limit) })
      if (updatedSince) query.set('updatedSince', updatedSince.toISOString())
      if (after !== undefined) query.set('after', after)
      const { items, nextCursor } = await readPage(kind, query)
      // A cursor that comes twice would read the same pages for ever; an empty page has nothing to go on from.
      if (nextCursor !== null && (seen.has(nextCursor) || items.length === 0))
        throw VendorInconsistent.with({ vendor: VENDOR })
      yield { records: items, next: nextCursor ?? undefined }
      if (nextCursor === null) return
      after = nextCursor
    }
  }

  return {
    requests,
    list,
    account: () => ask('GET', 'account', readAccount),
    read: async (kind, ids) => {
      if (ids.length === 0) return []
      const { items } = await readPage(kind, new URLSearchParams({ ids: ids.join(',') }))
      return items
    },
    write: async (what, items) => {
      if (items.length === 0) return []
      const keys = items.map(({ key }) => key)
      return ask(what === 'rfq-updates' ? 'PUT' : 'POST', what, resultsFor(keys), { items })
    },
    webhook: () =>
      ask('GET', 'webhook', readWebhook).catch((error: unknown) => {
        if (VendorRefused.is(error) && vendorAnswer(error)?.status === 404) return undefined
        throw error
      }),
    setWebhook: (wish) => ask('PUT', 'webhook', readWebhook, wish),
    removeWebhook: () => ask('DELETE', 'webhook', readNothing),
  }
}
