import { type Truth, Universe, type UniverseOptions } from '../../demo/index.ts'
import {
  ControlRefusal,
  controlBody,
  type LimitPolicy,
  readMishaps,
  type SimReply,
  type SimRequest,
  type SimulatedVendor,
  type SimulatorClock,
  type TooSoon,
} from '../../simulator/index.ts'
import {
  type Account,
  API_KEY_HEADER,
  type C3Page,
  type ErrorBody,
  ID_FIELDS,
  type Kind,
  type Kinds,
  LIMITS,
  type Versioned,
  type WebhookWish,
  type Write,
} from '../wire.ts'
import { requestMisfits } from './contract.ts'
import { sum, type Tables, tablesOf } from './records.ts'
import type { Place, Table } from './table.ts'
import { C3Webhook } from './webhook.ts'
import { Writing } from './writing.ts'

const KINDS = Object.keys(ID_FIELDS) as Kind[]
const WRITES: Readonly<Record<Write, 'POST' | 'PUT'>> = {
  'price-recommendations': 'POST',
  'supplier-alerts': 'POST',
  'inventory-recommendations': 'POST',
  'rfq-updates': 'PUT',
}
const PORTAL = 'c3'

export type C3World = Omit<UniverseOptions, 'anchor'>

/** C3 as its API shows it. Settings: `revoked` (no key is known), `keys` (those that are), `missing` (permissions the key lacks, such as `rfqs:write`), `webhooks` (see `Mishaps`). */
export class C3Vendor implements SimulatedVendor, Disposable {
  readonly name = 'c3'
  readonly policies: readonly LimitPolicy[] = [{ name: 'requests', max: 100, windowMs: 10_000 }]
  readonly #clock: SimulatorClock
  #keys: readonly string[]
  readonly #webhook: C3Webhook
  #universe: Universe
  #tables: Tables
  #writing: Writing
  #revoked = false
  #missing: string[] = []
  #answered = 0

  constructor(clock: SimulatorClock, apiKey: string, world: C3World) {
    this.#clock = clock
    this.#keys = [apiKey]
    this.#webhook = new C3Webhook(`C3-${world.seed}`, () => clock.now().getTime())
    this.#universe = new Universe(world)
    this.#tables = tablesOf(this.#universe)
    this.#writing = this.#newWriting()
  }

  #newWriting = (): Writing =>
    new Writing(
      () => this.#tables,
      (kind, record) => this.#put(kind, record),
    )

  portalOf = (request: SimRequest): string =>
    !this.#revoked && this.#keys.includes(String(request.headers[API_KEY_HEADER])) ? PORTAL : ''

  policiesOf = (): readonly string[] => ['requests']

  limitHeaders = (): Record<string, string> => ({})

  tooMany({ retryAfterSeconds, freeInMs }: TooSoon): SimReply {
    const seconds = retryAfterSeconds ?? (freeInMs === undefined ? undefined : Math.ceil(freeInMs / 1_000))
    const reply = this.#refusal(429, 'RATE_LIMITED', 'Too many requests.')
    return seconds === undefined ? reply : { ...reply, headers: { 'retry-after': String(seconds) } }
  }

  handle(request: SimRequest, portal: string, granted: readonly LimitPolicy[]): SimReply {
    if (portal === '') return this.#refusal(401, 'INVALID_API_KEY', 'The API key is unknown.')
    const { method } = request
    const place = /^\/c3\/([a-z-]+)$/.exec(request.path)?.[1] ?? ''
    const kind = KINDS.find((each) => each === place)
    if (place === 'account' && method === 'GET') return { status: 200, body: this.#account(granted) }
    if (place === 'webhook') return this.#hook(request)
    const isWrite = Object.hasOwn(WRITES, place) && WRITES[place as Write] === method
    if (!isWrite && (kind === undefined || method !== 'GET'))
      return this.#refusal(404, 'NOT_FOUND', 'There is no such resource.')
    const permission = isWrite ? `${place}:write` : `${place}:read`
    if (this.#missing.includes(permission))
      return this.#refusal(403, 'MISSING_PERMISSION', 'The API key may not do this.', permission)
    return isWrite ? this.#write(place as Write, request) : this.#list(kind!, request.query)
  }

  #account([requests = this.policies[0]!]: readonly LimitPolicy[]): Account {
    const seconds = requests.windowMs === 'day' ? 86_400 : Math.ceil(requests.windowMs / 1000)
    const all = [
      ...KINDS.map((kind) => `${kind}:read`),
      ...Object.keys(WRITES).map((what) => `${what}:write`),
    ]
    return {
      accountId: `C3-${this.#universe.seed}`,
      name: 'Demo Components',
      apiVersion: '2',
      timeZone: 'America/Denver',
      permissions: all.filter((permission) => !this.#missing.includes(permission)),
      limits: { requests: requests.max, seconds },
      webhookEntities: KINDS,
    }
  }

  #hook(request: SimRequest): SimReply {
    if (request.method === 'DELETE') {
      this.#webhook.remove()
      return { status: 204 }
    }
    if (request.method === 'PUT') {
      const wish = this.#read(request)
      if ('status' in wish) return wish
      return { status: 200, body: this.#webhook.set(wish.body as WebhookWish) }
    }
    const { shown } = this.#webhook
    return shown ? { status: 200, body: shown } : this.#refusal(404, 'NOT_FOUND', 'There is no webhook.')
  }

  #write(what: Write, request: SimRequest): SimReply {
    const read = this.#read(request, { items: LIMITS.items })
    if ('status' in read) return read
    return {
      status: 200,
      body: { results: this.#writing.write(what, (read.body as { items: unknown[] }).items) },
    }
  }

  /** The body of a request, which is what the promise says but for its items: those are judged one by one. */
  #read(request: SimRequest, { items }: { items?: number } = {}): { body: unknown } | SimReply {
    let body: unknown
    try {
      body = JSON.parse(request.body)
    } catch {
      return this.#refusal(400, 'INVALID_BODY', 'The body is not JSON.')
    }
    if (items === undefined) {
      const [misfit] = requestMisfits(request.path, request.method, body)
      return misfit ? this.#refusal(400, 'INVALID_BODY', misfit) : { body }
    }
    const list = (body as { items?: unknown } | null)?.items
    if (!Array.isArray(list) || list.length === 0)
      return this.#refusal(400, 'INVALID_BODY', 'items must be a list that is not empty.')
    if (list.length > items) return this.#refusal(413, 'TOO_LARGE', `At most ${items} items.`)
    const isObject = list.every((item) => typeof item === 'object' && item !== null)
    return isObject ? { body } : this.#refusal(400, 'INVALID_BODY', 'Every item must be an object.')
  }

  #list(kind: Kind, query: URLSearchParams): SimReply {
    const ids = query.get('ids')?.split(',')
    if (ids && ids.length > LIMITS.ids)
      return this.#refusal(400, 'INVALID_PARAMETER', `At most ${LIMITS.ids} ids.`)
    if (ids) {
      const items = ids.flatMap((id) => this.#tables[kind].get(id) ?? [])
      return { status: 200, body: { items, nextCursor: null } satisfies C3Page<unknown> }
    }
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

  #refusal(status: number, code: ErrorBody['error']['code'], message: string, permission?: string): SimReply {
    this.#answered += 1
    const body: ErrorBody = { error: { code, message, requestId: `c3-${this.#answered}` } }
    if (permission) body.error.permission = permission
    return { status, body }
  }

  trigger(name: string, detail: Readonly<Record<string, unknown>>): void {
    if (name === 'revoke-key') this.#revoked = true
    else if (name === 'change-record') {
      const { kind, ...fields } = detail
      this.#change(String(kind), fields)
    } else throw new ControlRefusal(`C3 knows no ${name}; it knows revoke-key, change-record`)
  }

  configure(settings: Readonly<Record<string, unknown>>): void {
    const { deliveries } = this.#webhook
    for (const [name, value] of Object.entries(settings)) {
      if (name === 'revoked' && typeof value === 'boolean') this.#revoked = value
      else if (name === 'keys' && Array.isArray(value)) this.#keys = value.map(String)
      else if (name === 'missing' && Array.isArray(value)) this.#missing = value.map(String)
      else if (name === 'webhooks') deliveries.mishaps = readMishaps(value, deliveries.mishaps)
      else
        throw new ControlRefusal(
          'C3 has the settings revoked (boolean), keys, missing (permissions) and webhooks',
        )
    }
  }

  settings(): Record<string, unknown> {
    return { revoked: this.#revoked, missing: this.#missing, webhooks: this.#webhook.deliveries.mishaps }
  }

  /**
   * `GET records/{kind}` every record, or everything that was written to `price-recommendations` and the like ·
   * `POST records/{kind}` creates or changes one as a user of C3 would · `POST seed` · `GET truth` · `webhooks…`
   */
  control(request: SimRequest, path: string): SimReply | undefined {
    if (path === 'truth') return { status: 200, body: { truths: [...truths(this.#universe)] } }
    if (path === 'seed' && request.method === 'POST') return this.#seed(controlBody(request))
    if (path.startsWith('webhooks')) return this.#webhook.control(request, path)
    const kind = /^records\/([a-z-]+)$/.exec(path)?.[1]
    if (kind === undefined) return undefined
    if (Object.hasOwn(WRITES, kind)) {
      const records = this.#writing.kept(kind as Write)
      return { status: 200, body: { count: records.length, records } }
    }
    if (request.method === 'POST') return { status: 200, body: this.#change(kind, controlBody(request)) }
    const { records } = this.#table(kind).page({ limit: Number.POSITIVE_INFINITY, withDeleted: true })
    return { status: 200, body: { count: records.length, records } }
  }

  /** Another world: `{ seed, companies, rfqs, stockRows, parts }`, each as it is by itself where it is not said. */
  #seed(said: Record<string, unknown>): SimReply {
    const { seed, companies } = this.#universe
    const sizes = ['rfqs', 'stockRows', 'parts'].filter((name) => said[name] !== undefined)
    this.#universe = new Universe({
      seed: Number(said.seed ?? seed),
      companies: Number(said.companies ?? companies),
      ...Object.fromEntries(sizes.map((name) => [name, Number(said[name])])),
    })
    this.#tables = tablesOf(this.#universe)
    this.#writing = this.#newWriting()
    const { rfqs, stockRows, parts } = this.#universe
    const { seed: made, companies: all } = this.#universe
    return { status: 200, body: { seed: made, companies: all, rfqs, stockRows, parts } }
  }

  #table(kind: string): Table<Versioned> {
    if (!KINDS.includes(kind as Kind)) throw new ControlRefusal(`C3 has ${KINDS.join(', ')}, not ${kind}`)
    return this.#tables[kind as Kind] as unknown as Table<Versioned>
  }

  /** Writes a record with its next version and tells whoever listens. @param at when; now, if it is not said */
  #put<K extends Kind>(kind: K, record: Kinds[K], at = this.#clock.now().toISOString()): Kinds[K] {
    const table = this.#table(kind)
    const id = idOf(kind, record)
    const stored = { ...record, version: (table.get(id)?.version ?? 0) + 1, updatedAt: at }
    table.put(stored)
    this.#webhook.tell(kind, id, stored)
    return stored
  }

  /** Changes the record that the id field names, or makes one on the pattern of the first there is. */
  #change(kind: string, fields: Readonly<Record<string, unknown>>): Versioned {
    const table = this.#table(kind)
    const idField = ID_FIELDS[kind as Kind]
    const id = fields[idField]
    if (typeof id !== 'string' || id === '') throw new ControlRefusal(`${kind} are named by ${idField}`)
    const pattern = table.get(id) ?? table.page({ limit: 1, withDeleted: true }).records[0]
    const changed = { ...pattern, deleted: false, ...fields } as unknown as Kinds[Kind] & {
      lines?: { quantity: number; unitPrice: string | null }[]
      total?: string | null
    }
    if (changed.lines && fields.total === undefined) changed.total = sum(changed.lines)
    return this.#put(
      kind as Kind,
      changed,
      typeof fields.updatedAt === 'string' ? fields.updatedAt : undefined,
    )
  }

  [Symbol.dispose](): void {
    this.#webhook[Symbol.dispose]()
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
