import { type Truth, Universe } from '../../demo/index.ts'
import {
  ControlRefusal,
  controlBody,
  type LimitPolicy,
  type SimReply,
  type SimRequest,
  type SimulatedVendor,
  type SimulatorClock,
} from '../../simulator/index.ts'
import { API_KEY_HEADER, type C3Page, type ErrorBody, type Kind, LIMITS, type Versioned } from '../wire.ts'
import { sum, type Tables, tablesOf } from './records.ts'
import type { Place, Table } from './table.ts'

const KINDS: readonly Kind[] = ['inventory', 'rfqs', 'customers']
const ID_FIELDS = { inventory: 'stockId', rfqs: 'rfqId', customers: 'customerId' } as const
const PORTAL = 'c3'

export interface C3World {
  seed: number
  companies: number
}

/** C3 as its API shows it. Settings: `revoked` (the key is unknown), `missing` (kinds the key may not read). */
export class C3Vendor implements SimulatedVendor {
  readonly name = 'c3'
  readonly policies: readonly LimitPolicy[] = [{ name: 'requests', max: 100, windowMs: 10_000 }]
  readonly #clock: SimulatorClock
  readonly #apiKey: string
  #universe: Universe
  #tables: Tables
  #revoked = false
  #missing: string[] = []
  #answered = 0

  constructor(clock: SimulatorClock, apiKey: string, world: C3World) {
    this.#clock = clock
    this.#apiKey = apiKey
    this.#universe = new Universe(world)
    this.#tables = tablesOf(this.#universe)
  }

  portalOf = (request: SimRequest): string =>
    !this.#revoked && request.headers[API_KEY_HEADER] === this.#apiKey ? PORTAL : ''

  policiesOf = (): readonly string[] => ['requests']

  limitHeaders = (): Record<string, string> => ({})

  tooMany({ retryAfterSeconds = 1 }: { retryAfterSeconds?: number }): SimReply {
    const reply = this.#refusal(429, 'RATE_LIMITED', 'Too many requests.')
    return { ...reply, headers: { 'retry-after': String(retryAfterSeconds) } }
  }

  handle(request: SimRequest, portal: string): SimReply {
    if (portal === '') return this.#refusal(401, 'INVALID_API_KEY', 'The API key is unknown.')
    const kind = KINDS.find((each) => request.path === `/c3/${each}`)
    if (kind === undefined || request.method !== 'GET')
      return this.#refusal(404, 'NOT_FOUND', 'There is no such resource.')
    if (this.#missing.includes(kind))
      return this.#refusal(403, 'MISSING_PERMISSION', 'The API key may not do this.', `${kind}:read`)
    return this.#list(kind, request.query)
  }

  #list(kind: Kind, query: URLSearchParams): SimReply {
    const limit = Number(query.get('limit') ?? LIMITS.defaultPage)
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.page)
      return this.#refusal(400, 'INVALID_PARAMETER', `limit must be from 1 to ${LIMITS.page}.`)
    const sinceText = query.get('updatedSince')
    const since = sinceText === null ? undefined : Date.parse(sinceText)
    if (Number.isNaN(since)) return this.#refusal(400, 'INVALID_PARAMETER', 'updatedSince is not an instant.')
    const cursor = query.get('after')
    const after = cursor === null ? undefined : readCursor(cursor)
    if (cursor !== null && after === undefined)
      return this.#refusal(400, 'INVALID_CURSOR', 'after is not a cursor of this list.')
    const withDeleted = since !== undefined
    const page = this.#table(kind).page({ limit, withDeleted, ...defined({ since, after }) })
    const last = page.records.at(-1)
    const nextCursor =
      page.more && last ? writeCursor({ at: Date.parse(last.updatedAt), id: idOf(kind, last) }) : null
    return { status: 200, body: { items: page.records, nextCursor } satisfies C3Page<unknown> }
  }

  #refusal(status: number, code: string, message: string, permission?: string): SimReply {
    this.#answered += 1
    const body: ErrorBody = { error: { code, message, requestId: `c3-${this.#answered}` } }
    if (permission) body.error.permission = permission
    return { status, body }
  }

  trigger(name: string, detail: Readonly<Record<string, unknown>>): void {
    if (name === 'revoke-key') this.#revoked = true
    else if (name === 'change-record') this.#change(String(detail.kind), detail)
    else throw new ControlRefusal(`C3 knows no ${name}; it knows revoke-key, change-record`)
  }

  configure(settings: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'revoked' && typeof value === 'boolean') this.#revoked = value
      else if (name === 'missing' && Array.isArray(value)) this.#missing = value.map(String)
      else throw new ControlRefusal('C3 has the settings revoked (boolean) and missing (kinds)')
    }
  }

  settings(): Record<string, unknown> {
    return { revoked: this.#revoked, missing: this.#missing }
  }

  /** `GET records/{kind}` every record · `POST records/{kind}` creates or changes one as a user of C3 would · `POST seed` · `GET truth` */
  control(request: SimRequest, path: string): SimReply | undefined {
    if (path === 'truth') return { status: 200, body: { truths: [...truths(this.#universe)] } }
    if (path === 'seed' && request.method === 'POST') {
      const { seed = this.#universe.seed, companies = this.#universe.companies } = controlBody(request)
      this.#universe = new Universe({ seed: Number(seed), companies: Number(companies) })
      this.#tables = tablesOf(this.#universe)
      return { status: 200, body: { seed, companies } }
    }
    const kind = /^records\/(\w+)$/.exec(path)?.[1]
    if (kind === undefined) return undefined
    if (request.method === 'POST') return { status: 200, body: this.#change(kind, controlBody(request)) }
    const { records } = this.#table(kind).page({ limit: Number.POSITIVE_INFINITY, withDeleted: true })
    return { status: 200, body: { count: records.length, records } }
  }

  #table(kind: string): Table<Versioned> {
    if (!KINDS.includes(kind as Kind)) throw new ControlRefusal(`C3 has ${KINDS.join(', ')}, not ${kind}`)
    return this.#tables[kind as Kind] as unknown as Table<Versioned>
  }

  /** Changes the record that the id field names, or makes one on the pattern of the first there is. */
  #change(kind: string, fields: Readonly<Record<string, unknown>>): Versioned {
    const table = this.#table(kind)
    const idField = ID_FIELDS[kind as Kind]
    const id = fields[idField]
    if (typeof id !== 'string' || id === '') throw new ControlRefusal(`${kind} are named by ${idField}`)
    const old = table.get(id)
    const pattern = old ?? table.page({ limit: 1, withDeleted: true }).records[0]
    const { kind: _, ...given } = fields
    const changed = {
      ...pattern,
      deleted: false,
      ...given,
      version: (old?.version ?? 0) + 1,
      updatedAt: typeof fields.updatedAt === 'string' ? fields.updatedAt : this.#clock.now().toISOString(),
    } as unknown as Versioned & {
      lines?: { quantity: number; unitPrice: string | null }[]
      total?: string | null
    }
    if (changed.lines && fields.total === undefined) changed.total = sum(changed.lines)
    table.put(changed)
    return changed
  }
}

const idOf = (kind: Kind, record: Versioned): string =>
  String((record as unknown as Record<string, unknown>)[ID_FIELDS[kind]])

const defined = <T extends Record<string, unknown>>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const writeCursor = (place: Place): string =>
  Buffer.from(JSON.stringify([place.at, place.id])).toString('base64url')

const readCursor = (cursor: string): Place | undefined => {
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown]
    return typeof at === 'number' && typeof id === 'string' ? { at, id } : undefined
  } catch {
    // Not one of ours: the caller is told so.
    return undefined
  }
}

const truths = function* (universe: Universe): Generator<Truth> {
  for (const truth of universe.truths()) if (truth.c3CustomerId !== null) yield truth
}
