import { Universe } from '#connectors/demo/index.ts'
import type { SimulatorClock } from '#connectors/simulator/index.ts'
import { OBJECT_TYPES, type ObjectType } from '../wire.ts'
import { AssociationTypes } from './association-types.ts'
import type { Behaviour } from './behaviour.ts'
import { Edges } from './edges.ts'
import type { Edition } from './editions.ts'
import { BY_HAND, type Ear, type Happening, type Source } from './happening.ts'
import { STANDARD_TYPES, type TypeFacts } from './object-types.ts'
import { Pipelines } from './pipelines.ts'
import { madeUpProperty, standardGroup, standardProperties } from './properties.ts'
import { Schemas } from './schemas.ts'
import { KEY_ACCOUNTS, Segments, STANDARD_SEGMENTS } from './segments.ts'
import { Table } from './table.ts'
import { TimelineEvents } from './timeline-events.ts'

export interface PortalSeed {
  seed: number
  companies: number
  anchor?: Date
  name?: string
  /** Default enterprise. */
  edition?: Edition
  /** Made-up text properties per type: `made_up_0001` … */
  customProperties?: Partial<Record<ObjectType, number>>
}

/** Everything a portal has on file: what a seed starts over. */
interface Furniture {
  universe: Universe
  tables: Map<string, Table>
  /** The type by every name it goes by. */
  names: Map<string, string>
  associations: AssociationTypes
  edges: Edges
  pipelines: Pipelines
  schemas: Schemas
  timeline: TimelineEvents
  segments: Segments
  /** Addresses of people who were deleted for good: they may not come back. */
  blockedEmails: Set<string>
}

/** One HubSpot account: its records, their associations and its definitions. */
export class Portal {
  readonly id: string
  /** What people call the account. */
  readonly name: string
  /** What the account was bought as. */
  edition: Edition
  readonly clock: SimulatorClock
  readonly behaviour: Behaviour
  seed: PortalSeed
  /** Calls of the API by day, for the account's own account of them. */
  readonly calls = { day: 0, count: 0 }
  /** Who is changing things just now: every write runs to its end before the next begins. */
  source: Source = BY_HAND
  ear: Ear | undefined
  #made: Furniture

  constructor(id: string, seed: PortalSeed, clock: SimulatorClock, behaviour: Behaviour) {
    this.id = id
    this.name = seed.name ?? `Portal ${id}`
    this.edition = seed.edition ?? 'enterprise'
    this.clock = clock
    this.behaviour = behaviour
    this.seed = seed
    this.#made = furnish(seed, id)
    this.#settle()
  }

  /** Starts over with other records. */
  reseed(seed: PortalSeed): void {
    this.seed = seed
    this.#made = furnish(seed, this.id)
    this.#settle()
  }
  #settle(): void {
    for (const write of STANDARD_SEGMENTS) this.segments.add(this, write)
    const first = Array.from({ length: Math.min(10, this.table('companies').size) }, (_, row) => row)
    this.segments.edit(KEY_ACCOUNTS, { add: first }, this.now())
  }

  get edges(): Edges {
    return this.#made.edges
  }
  get associations(): AssociationTypes {
    return this.#made.associations
  }
  get pipelines(): Pipelines {
    return this.#made.pipelines
  }
  get schemas(): Schemas {
    return this.#made.schemas
  }
  get timeline(): TimelineEvents {
    return this.#made.timeline
  }
  get segments(): Segments {
    return this.#made.segments
  }
  get blockedEmails(): Set<string> {
    return this.#made.blockedEmails
  }

  /** The records of a type. Throws RangeError for a type that the portal does not have. */
  table(type: string): Table {
    const table = this.#made.tables.get(type)
    if (table === undefined) throw new RangeError(`the portal has no type ${type}`)
    return table
  }
  factsOf = (type: string): TypeFacts => this.table(type).facts
  types = (): string[] => [...this.#made.tables.keys()]
  /** The type that goes by a name: plural, singular, number, or what a made-up one is called. */
  typeNamed = (name: string): string | undefined => this.#made.names.get(name.toLowerCase())

  /** Takes a made-up type in, under more names than its own. */
  addType(facts: TypeFacts, aliases: readonly string[]): Table {
    const table = tableOf(this.#made.universe, facts)
    this.#made.tables.set(facts.name, table)
    for (const name of [facts.name, facts.singular, ...aliases])
      this.#made.names.set(name.toLowerCase(), facts.name)
    return table
  }
  removeType(type: string): void {
    this.#made.tables.delete(type)
    for (const [name, named] of this.#made.names) if (named === type) this.#made.names.delete(name)
  }

  /** Lets somebody work on the portal, so that what changes is told as theirs. */
  as<T>(source: Source, work: () => T): T {
    const before = this.source
    this.source = source
    try {
      return work()
    } finally {
      this.source = before
    }
  }
  /** Tells whoever listens what has happened. `at` is the portal's time unless given. */
  tell(happening: Happening, at: number = this.now()): void {
    this.ear?.(happening, at, this.source)
  }

  /** The vendor's time, which stamps records. */
  now = (): number => this.clock.now().getTime()
  /** The time by which the index lags. */
  indexTime = (): number => this.clock.base.now().getTime()
}

const tableOf = (universe: Universe, facts: TypeFacts): Table => {
  const table = new Table(universe, facts, standardProperties(facts.name))
  const name = standardGroup(facts.name)
  table.groups.set(name, { name, label: name, displayOrder: 0, archived: false })
  return table
}

const furnish = (seed: PortalSeed, portalId: string): Furniture => {
  const universe = new Universe(seed)
  const tables = new Map(STANDARD_TYPES.map((facts) => [facts.name, tableOf(universe, facts)]))
  for (const type of OBJECT_TYPES)
    for (let i = 1; i <= (seed.customProperties?.[type] ?? 0); i += 1) {
      const name = `made_up_${String(i).padStart(4, '0')}`
      tables.get(type)!.definitions.set(name, madeUpProperty(type, name))
    }
  const pipelines = new Pipelines()
  tables.get('deals')!.derive = (values) => pipelines.derivedOfDeal(values.dealstage ?? null)
  const associations = new AssociationTypes((type) => tables.get(type)?.facts.singular ?? type)
  return {
    universe,
    tables,
    names: new Map(
      STANDARD_TYPES.flatMap(({ name, singular, typeId }) => [name, singular, typeId].map((n) => [n, name])),
    ),
    associations,
    edges: new Edges(universe, associations),
    pipelines,
    schemas: new Schemas(portalId),
    timeline: new TimelineEvents(),
    segments: new Segments(),
    blockedEmails: new Set(),
  }
}
