import {
  type HubSpot,
  type NewHubSpotProperty,
  VendorRefused,
  VendorUnavailable,
} from '#connectors/hubspot/index.ts'
import type { CatalogProperty } from '../domain/catalog.ts'
import type { OwnedType, OwnObjectType } from '../domain/own-objects.ts'
import type { OwnProperty } from '../domain/own-properties.ts'
import {
  type Item,
  judged,
  MOST_AT_ONCE,
  type Outcome,
  type Trouble,
  unmade,
} from '../domain/provisioning.ts'
import { isOwn, looked, MADE, notMade, troubleOf } from './attempting.ts'
import type { SurveyedObject } from './survey-portal.ts'

/** A portal while it is being furnished: what it has by now, and what came of each item. */
export interface Site {
  hubspot: HubSpot
  /** By `keyOf`. */
  outcomes: Map<string, Outcome>
  /** Own objects that are there. */
  objects: Map<OwnObjectType, SurveyedObject>
  /** Every property that is there, by kind of record. */
  properties: Map<OwnedType, readonly CatalogProperty[]>
  note(item: Pick<Item, 'kind' | 'type' | 'name'>, outcome: Outcome): void
}

/** Properties that a kind of record lacks. */
interface Lacking {
  type: OwnedType
  /** What HubSpot's paths call the kind. */
  path: string
  properties: readonly OwnProperty[]
  group(own: OwnProperty): string
  /** What the kind has now. */
  look(): Promise<readonly CatalogProperty[]>
}

/** Makes properties of one kind of record: one request, and one to look where not all were made. */
export const makeProperties = async (site: Site, lacking: Lacking): Promise<void> => {
  const { type, look } = lacking
  const tell = (own: OwnProperty, outcome: Outcome) =>
    site.note({ kind: 'PROPERTY', type, name: own.name }, outcome)
  let left = lacking.properties
  // Once more where a batch was refused as a whole, because of some that are there.
  for (let round = 1; left.length > 0 && round <= 2; round++) {
    const failed = await createIn(site.hubspot, { ...lacking, properties: left })
    const made = left.filter(({ name }) => !failed.has(name))
    for (const own of made) tell(own, MADE)
    const before = site.properties.get(type) ?? []
    site.properties.set(type, [...before, ...made.map((own) => asFound(own, lacking.group(own)))])
    const unsure = left.filter(({ name }) => failed.has(name))
    for (const own of unsure) tell(own, notMade(failed.get(own.name)!.trouble))
    const now = unsure.length > 0 ? await looked(look) : undefined
    if (!now) return
    site.properties.set(type, now)
    const there = unsure.filter(({ name }) => now.some((each) => each.name === name))
    for (const own of there) {
      const item = judged(type, own, now)
      tell(own, item.state === 'THERE' && failed.get(own.name)!.how === 'lost' ? MADE : item)
    }
    left = unsure.filter((own) => !there.includes(own) && failed.get(own.name)!.how === 'whole')
    if (there.length === 0) return
  }
}

/** Why one was not made. `whole`: its batch was refused as one; `lost`: nobody knows. */
interface Failure {
  trouble: Trouble
  how: 'single' | 'whole' | 'lost'
}

const createIn = async (
  hubspot: HubSpot,
  { path, properties, group }: Pick<Lacking, 'path' | 'properties' | 'group'>,
): Promise<Map<string, Failure>> => {
  const failed = new Map<string, Failure>()
  for (let from = 0; from < properties.length; from += MOST_AT_ONCE) {
    const some = properties.slice(from, from + MOST_AT_ONCE)
    const rows = some.map((own) => ({ ...asNew(own), groupName: group(own) }))
    try {
      for (const each of await hubspot.createProperties(path, rows))
        failed.set(each.name, { trouble: unmade(each), how: 'single' })
    } catch (error) {
      if (!isOwn(error)) throw error
      const how = VendorRefused.is(error) ? 'whole' : VendorUnavailable.is(error) ? 'lost' : 'single'
      for (const { name } of some) failed.set(name, { trouble: troubleOf(name, error), how })
    }
  }
  return failed
}

/** A property as HubSpot is asked to make it. */
export const asNew = (own: OwnProperty): Omit<NewHubSpotProperty, 'groupName'> => ({
  ...{ name: own.name, label: own.label, description: own.description },
  ...{ type: own.type, fieldType: own.fieldType, options: own.options },
  ...(own.isUnique ? { hasUniqueValue: true } : {}),
})

/** A property that was just made, as a reading would find it. */
const asFound = (own: OwnProperty, group: string): CatalogProperty => ({
  ...{ name: own.name, label: own.label, description: own.description },
  ...{ kind: own.type, fieldType: own.fieldType, options: own.options, group },
  ...{ isReadOnly: false, isCalculated: false, isHidden: false, isHubSpotDefined: false, isSensitive: false },
  isUnique: own.isUnique,
})
