import { openCaller } from '../caller.ts'
import { openCircuit } from '../circuit.ts'
import { type ConnectorOptions, type Page, VendorInconsistent } from '../contract.ts'
import { exchange, MAX_ANSWER_BYTES } from '../http.ts'
import { PAGES } from './answers.ts'
import { judge, VENDOR } from './verdict.ts'
import {
  API_KEY_HEADER,
  type C3Page,
  type Customer,
  type Kind,
  type Kinds,
  LIMITS,
  type Rfq,
  type StockRow,
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
  /** Records by (updatedAt, id). A record that changes while it is read comes again at the end. */
  inventory(options?: C3ListOptions): AsyncIterable<Page<StockRow>>
  rfqs(options?: C3ListOptions): AsyncIterable<Page<Rfq>>
  customers(options?: C3ListOptions): AsyncIterable<Page<Customer>>
  /** Requests sent, tries included. */
  readonly requests: Readonly<{ total: number; retries: number }>
}

/** What C3 grants one key: the `limits` of a limiter. */
export const C3_LIMITS = { requests: { max: 100, intervalMs: 10_000 } } as const

const BUCKETS = Object.keys(C3_LIMITS)

/** Opens one C3. It holds nothing that would have to be closed. */
export const openC3 = (options: C3Options): C3 => {
  const { clock, log, random, limiter, deadlineMs = 30_000, patienceMs = 120_000, signal, pause } = options
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

  const readPage = <K extends Kind>(kind: K, query: URLSearchParams): Promise<C3Page<Kinds[K]>> =>
    call({
      bucket: 'requests',
      onTry: (number) => {
        requests.total += 1
        if (number > 1) requests.retries += 1
      },
      send: async () => {
        const url = `${baseUrl}/c3/${kind}?${query}`
        const headers = { [API_KEY_HEADER]: options.apiKey }
        const limits = { deadlineMs, maxBytes: MAX_ANSWER_BYTES, signal }
        const answer = await exchange(VENDOR, { method: 'GET', url, headers }, limits)
        return judge(answer, PAGES[kind], clock.now())
      },
    })

  const pages = async function* <K extends Kind>(
    kind: K,
    list: C3ListOptions = {},
  ): AsyncGenerator<Page<Kinds[K]>> {
    const seen = new Set<string>()
    let after = list.after
    for (;;) {
      if (after !== undefined) seen.add(after)
      const query = new URLSearchParams({ limit: String(list.limit ?? LIMITS.page) })
      if (list.updatedSince) query.set('updatedSince', list.updatedSince.toISOString())
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
    inventory: (list) => pages('inventory', list),
    rfqs: (list) => pages('rfqs', list),
    customers: (list) => pages('customers', list),
  }
}
