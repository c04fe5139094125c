/** Whether the hub holds what the simulator has: counts, every field of sampled records, associations, and the graph's answer. */
import type pg from 'pg'
import { askGraph, type Place } from './hub.ts'

const TYPES = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes'] as const
type Type = (typeof TYPES)[number]

/** Type ids that HubSpot gives to the main company of a record. */
const PRIMARY: Readonly<Record<string, number>> = {
  'contacts>companies': 1,
  'deals>companies': 5,
  'tickets>companies': 26,
}
/** Pairs are read from one side only. */
const LINKS: Readonly<Record<Type, readonly Type[]>> = {
  companies: [],
  contacts: ['companies'],
  deals: ['companies', 'contacts'],
  tickets: ['companies', 'contacts'],
  tasks: ['companies', 'contacts', 'deals', 'tickets'],
  notes: ['companies', 'contacts', 'deals', 'tickets'],
}
const SAMPLED = 200
const PAGE = 5_000
const SHOWN = 10

interface SimRecord {
  id: string
  properties: Record<string, string | null>
  updatedAt: string
  archived: boolean
  associations?: Record<string, { id: string; typeIds: number[] }[]>
}

/** What was compared, and what differed. */
export interface Equality {
  types: Record<
    Type,
    {
      simulated: number
      held: number
      sampled: number
      fieldsCompared: number
      /** Bookkeeping of HubSpot's own that the hub does not ask for. */
      fieldsNotAsked: string[]
    }
  >
  associations: { simulated: number; held: number }
  graph: { customers: number; valuesCompared: number }
  differences: { counts: number; fields: number; associations: number; graph: number; examples: string[] }
}

interface Simulated {
  live: Record<Type, number>
  samples: Record<Type, SimRecord[]>
  edges: Set<string>
  /** Ids of the records linked with a company, as `type id`. */
  byCompany: Map<string, string[]>
}

const edgeName = (type: string, from: string, to: string, id: string, primary: boolean): string =>
  `${type} ${from} → ${to} ${id}${primary ? ' (primary)' : ''}`

const readSimulated = async (place: Place): Promise<Simulated> => {
  const found: Simulated = {
    live: { companies: 0, contacts: 0, deals: 0, tickets: 0, tasks: 0, notes: 0 },
    samples: { companies: [], contacts: [], deals: [], tickets: [], tasks: [], notes: [] },
    edges: new Set(),
    byCompany: new Map(),
  }
  for (const type of TYPES) {
    const links = LINKS[type].length > 0 ? `&associations=${LINKS[type].join(',')}` : ''
    let seen = 0
    for (let after: string | undefined = '0'; after !== undefined; ) {
      const page: { total: number; results: SimRecord[]; paging?: { next: { after: string } } } =
        await place.sim(`records/${type}?after=${after}&limit=${PAGE}${links}`)
      const every = Math.max(1, Math.floor(page.total / SAMPLED))
      for (const record of page.results) {
        if (record.archived) continue
        found.live[type] += 1
        if (seen++ % every === 0 && found.samples[type].length < SAMPLED) found.samples[type].push(record)
        noteEdges(found, type, record)
      }
      after = page.paging?.next.after
    }
  }
  return found
}

const noteEdges = (found: Simulated, type: Type, record: SimRecord): void => {
  for (const to of LINKS[type])
    for (const { id, typeIds } of record.associations?.[to] ?? []) {
      const primary = typeIds.includes(PRIMARY[`${type}>${to}`] ?? -1)
      found.edges.add(edgeName(type, record.id, to, id, primary))
      if (to !== 'companies') continue
      const linked = found.byCompany.get(id) ?? []
      linked.push(`${type} ${record.id}`)
      found.byCompany.set(id, linked)
    }
}

/** Compares all of it. Each difference counts once; the first ten are told. */
export const compareAll = async (place: Place): Promise<Equality> => {
  const simulated = await readSimulated(place)
  const client = await place.connect('customers')
  const differences: Equality['differences'] = {
    counts: 0,
    fields: 0,
    associations: 0,
    graph: 0,
    examples: [],
  }
  const differ = (kind: 'counts' | 'fields' | 'associations' | 'graph', says: string) => {
    differences[kind] += 1
    if (differences.examples.length < SHOWN) differences.examples.push(says)
  }
  try {
    const types = {} as Equality['types']
    for (const type of TYPES) {
      const held = await countOf(client, type)
      if (held !== simulated.live[type])
        differ('counts', `${type}: ${held} held, ${simulated.live[type]} simulated`)
      const compared = await compareFields(client, type, simulated.samples[type], (says) =>
        differ('fields', says),
      )
      types[type] = {
        simulated: simulated.live[type],
        held,
        sampled: simulated.samples[type].length,
        ...compared,
      }
    }
    const held = await edgesOf(client)
    for (const edge of simulated.edges) if (!held.has(edge)) differ('associations', `missing: ${edge}`)
    for (const edge of held) if (!simulated.edges.has(edge)) differ('associations', `not in HubSpot: ${edge}`)
    const graph = await compareGraph(place, client, simulated, (says) => differ('graph', says))
    return {
      types,
      associations: { simulated: simulated.edges.size, held: held.size },
      graph,
      differences,
    }
  } finally {
    await client.end()
  }
}

const countOf = async (client: pg.Client, type: Type): Promise<number> => {
  const { rows } = await client.query(
    `select count(*)::int as n from customers.${type} where gone_at is null`,
  )
  return rows[0].n
}

const edgesOf = async (client: pg.Client): Promise<Set<string>> => {
  const { rows } = await client.query(
    'select from_type, from_id, to_type, to_id, is_primary from customers.edges',
  )
  return new Set(rows.map((e) => edgeName(e.from_type, e.from_id, e.to_type, e.to_id, e.is_primary)))
}

interface HeldRow {
  external_id: string
  modified_at: Date
  properties: Record<string, unknown>
}

const compareFields = async (
  client: pg.Client,
  type: Type,
  samples: readonly SimRecord[],
  differ: (says: string) => void,
) => {
  const { rows } = await client.query<HeldRow>(
    `select external_id, modified_at, properties from customers.${type} where external_id = any($1)`,
    [samples.map(({ id }) => id)],
  )
  const held = new Map(rows.map((row) => [row.external_id, row]))
  const asked = new Set(rows.flatMap((row) => Object.keys(row.properties)))
  const notAsked = new Set<string>()
  let fieldsCompared = 0
  const same = (record: SimRecord, name: string, ours: unknown, theirs: unknown) => {
    fieldsCompared += 1
    if ((ours ?? null) !== (theirs ?? null))
      differ(
        `${type} ${record.id} ${name}: ${JSON.stringify(ours)} held, ${JSON.stringify(theirs)} simulated`,
      )
  }
  for (const record of samples) {
    const row = held.get(record.id)
    if (!row) {
      differ(`${type} ${record.id} is not held`)
      continue
    }
    for (const [name, value] of Object.entries(record.properties)) {
      if (name === 'hs_object_id') same(record, name, row.external_id, value)
      else if (/^(hs_)?lastmodifieddate$/.test(name))
        same(record, name, row.modified_at.toISOString(), value && new Date(value).toISOString())
      else if (name.startsWith('hs_') && value !== null && !asked.has(name)) notAsked.add(name)
      else same(record, name, row.properties[name], value)
    }
    for (const name of Object.keys(row.properties))
      if (!name.startsWith('@') && !(name in record.properties))
        differ(`${type} ${record.id} has ${name} here only`)
  }
  return { fieldsCompared, fieldsNotAsked: [...notAsked].sort() }
}

const CUSTOMER = `query BenchEquality($id: ID!) { customer(id: $id) {
  name industry phone website city country lifecycleStage hubspotCompanyId
  contacts(first: 200) { nodes { hubspotContactId } }
  deals(first: 200) { nodes { hubspotDealId } }
  tickets(first: 200) { nodes { hubspotTicketId } }
  tasks(first: 200) { nodes { hubspotTaskId } }
  notes(first: 200) { nodes { hubspotNoteId } } } }`

/** The graph's name of a property that it shows as it came. */
const SHOWN_AS = {
  name: 'name',
  industry: 'industry',
  phone: 'phone',
  website: 'website',
  city: 'city',
  country: 'country',
  lifecycleStage: 'lifecyclestage',
  hubspotCompanyId: 'hs_object_id',
} as const

type Shown = Record<keyof typeof SHOWN_AS, string | null> & {
  contacts: { nodes: { hubspotContactId: string }[] }
  deals: { nodes: { hubspotDealId: string }[] }
  tickets: { nodes: { hubspotTicketId: string }[] }
  tasks: { nodes: { hubspotTaskId: string }[] }
  notes: { nodes: { hubspotNoteId: string }[] }
}

/** So many refusals in a row, and asking on would tell nothing more. */
const MOST_REFUSALS = 5

const compareGraph = async (
  place: Place,
  client: pg.Client,
  simulated: Simulated,
  differ: (says: string) => void,
): Promise<Equality['graph']> => {
  const token = await place.token()
  let customers = 0
  let refusals = 0
  let valuesCompared = 0
  const { rows } = await client.query<{ external_id: string; customer_id: string; companies: string[] }>(
    `select c.external_id, c.customer_id, array_agg(o.external_id) as companies from customers.companies c
     join customers.companies o on o.org_id = c.org_id and o.customer_id = c.customer_id and o.gone_at is null
     where c.external_id = any($1) group by c.external_id, c.customer_id`,
    [simulated.samples.companies.map(({ id }) => id)],
  )
  const records = new Map(simulated.samples.companies.map((record) => [record.id, record]))
  for (const { external_id, customer_id, companies } of rows) {
    if (refusals >= MOST_REFUSALS) break
    const shown = await ask(place.url, token, customer_id)
    if (typeof shown === 'string') {
      refusals += 1
      differ(`the graph refused to show company ${external_id}: ${shown}`)
      continue
    }
    customers += 1
    if (!shown) {
      differ(`the graph has no customer for company ${external_id}`)
      continue
    }
    const children = [
      ...shown.contacts.nodes.map((each) => `contacts ${each.hubspotContactId}`),
      ...shown.deals.nodes.map((each) => `deals ${each.hubspotDealId}`),
      ...shown.tickets.nodes.map((each) => `tickets ${each.hubspotTicketId}`),
      ...shown.tasks.nodes.map((each) => `tasks ${each.hubspotTaskId}`),
      ...shown.notes.nodes.map((each) => `notes ${each.hubspotNoteId}`),
    ].sort()
    const linked = [...new Set(companies.flatMap((id) => simulated.byCompany.get(id) ?? []))].sort()
    valuesCompared += linked.length
    if (children.join() !== linked.join())
      differ(
        `the graph links company ${external_id} with ${children.length} records, HubSpot with ${linked.length}`,
      )
    // A customer of several companies shows the values of the leading one.
    if (companies.length > 1) continue
    const said = records.get(external_id)?.properties ?? {}
    for (const [field, property] of Object.entries(SHOWN_AS)) {
      valuesCompared += 1
      if (shown[field as keyof typeof SHOWN_AS] !== (said[property]?.trim() || null))
        differ(
          `the graph shows ${field} of company ${external_id} as ${shown[field as keyof typeof SHOWN_AS]}`,
        )
    }
  }
  return { customers, valuesCompared }
}

/** @returns null when there is no such customer, and the refusal's words when it is not told */
const ask = async (url: string, token: string, id: string): Promise<Shown | null | string> => {
  const { data, errors } = await askGraph<{ customer: Shown | null }>(url, token, {
    query: CUSTOMER,
    variables: { id },
  })
  return errors || !data ? JSON.stringify(errors) : data.customer
}
