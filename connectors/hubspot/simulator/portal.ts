import { Universe } from '#connectors/demo/index.ts'
import type { SimulatorClock } from '#connectors/simulator/index.ts'
import { OBJECT_TYPES, type ObjectType } from '../wire.ts'
import type { Behaviour } from './behaviour.ts'
import { Edges } from './edges.ts'
import { madeUpProperty } from './properties.ts'
import { Table } from './table.ts'

export interface PortalSeed {
  seed: number
  companies: number
  anchor?: Date
  name?: string
  /** Made-up text properties per type: `made_up_0001` … */
  customProperties?: Partial<Record<ObjectType, number>>
}

/** One HubSpot account: its records, their associations and its definitions. */
export class Portal {
  readonly id: string
  /** What people call the account. */
  readonly name: string
  readonly clock: SimulatorClock
  readonly behaviour: Behaviour
  seed: PortalSeed
  tables: Readonly<Record<ObjectType, Table>>
  edges: Edges

  constructor(id: string, seed: PortalSeed, clock: SimulatorClock, behaviour: Behaviour) {
    this.id = id
    this.name = seed.name ?? `Portal ${id}`
    this.clock = clock
    this.behaviour = behaviour
    this.seed = seed
    const made = furnish(seed)
    this.tables = made.tables
    this.edges = made.edges
  }

  /** Starts over with other records. */
  reseed(seed: PortalSeed): void {
    this.seed = seed
    const made = furnish(seed)
    this.tables = made.tables
    this.edges = made.edges
  }

  /** The vendor's time, which stamps records. */
  now = (): number => this.clock.now().getTime()
  /** The time by which the index lags. */
  indexTime = (): number => this.clock.base.now().getTime()
}

const furnish = (seed: PortalSeed): { tables: Record<ObjectType, Table>; edges: Edges } => {
  const universe = new Universe(seed)
  const tables = Object.fromEntries(OBJECT_TYPES.map((type) => [type, new Table(universe, type)])) as Record<
    ObjectType,
    Table
  >
  for (const type of OBJECT_TYPES)
    for (let i = 1; i <= (seed.customProperties?.[type] ?? 0); i += 1) {
      const name = `made_up_${String(i).padStart(4, '0')}`
      tables[type].definitions.set(name, madeUpProperty(type, name))
    }
  return { tables, edges: new Edges(universe) }
}
