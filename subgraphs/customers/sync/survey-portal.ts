import { type HubSpot, type HubSpotSchema, ScopeMissing } from '#connectors/hubspot/index.ts'
import { ScopesChanged } from '#sync/errors.ts'
import type { CatalogProperty } from '../domain/catalog.ts'
import type { RecordType } from '../domain/kinds.ts'
import {
  type FoundObject,
  isTrouble,
  lackingOf,
  type Survey,
  type Trouble,
  ungranted,
  type Wanted,
  withoutObjects,
} from '../domain/provisioning.ts'
import { scopesIn } from './attempting.ts'
import { catalogued, propertiesOf } from './setup.ts'

/** A made-up kind of record that a portal has, with all that is known of its properties. */
export interface SurveyedObject extends FoundObject {
  properties: readonly CatalogProperty[]
}

/** What a portal was found to have, with all that is known of its properties. */
export interface Surveyed extends Survey {
  properties: ReadonlyMap<RecordType, readonly CatalogProperty[] | Trouble>
  objects: readonly SurveyedObject[] | Trouble
}

/**
 * Looks at what a portal has of what is wanted: one request per kind of record and one for made-up kinds, and one more for each kind
 * that lacks something.
 * @returns `wanted` as it is once the portal has said what it does not let us have
 * @throws what HubSpot throws, but for a scope that is missing: that is told of the kind it is about
 */
export const surveyPortal = async (
  hubspot: HubSpot,
  wanted: Wanted,
): Promise<{ wanted: Wanted; survey: Surveyed }> => {
  const open = [...wanted.properties].filter(([, own]) => !isTrouble(own)).map(([type]) => type)
  const [found, made] = await Promise.all([
    Promise.all(
      open.map(
        async (type) => [type, await unlessUngranted(type, () => propertiesOf(hubspot, type))] as const,
      ),
    ),
    wanted.objectsBarred ?? unlessUngranted('trunks and numbers', () => madeUpOf(hubspot)),
  ])
  const settled = isTrouble(made) ? withoutObjects(wanted) : wanted
  const properties = new Map(found)
  const lacking = open.filter((type) => {
    const [own, there] = [settled.properties.get(type), properties.get(type)]
    return own && there && !isTrouble(own) && !isTrouble(there) && lackingOf(own, there).length > 0
  })
  const isKept = (name: string) => isTrouble(made) || made.some((each) => each.name === name)
  const [groups, givenUp] = await Promise.all([
    Promise.all(
      lacking.map(async (type) => [type, (await hubspot.groups(type)).map(({ name }) => name)] as const),
    ),
    settled.objects.every(({ name }) => isKept(name)) ? undefined : hubspot.schemas({ archived: true }),
  ])
  return {
    wanted: settled,
    survey: {
      properties,
      groups: new Map(groups),
      objects: made,
      givenUp: givenUp?.map(({ name }) => name) ?? null,
    },
  }
}

/** The kinds of records that a portal has made up. */
export const madeUpOf = async (hubspot: HubSpot): Promise<SurveyedObject[]> =>
  (await hubspot.schemas()).map(surveyed)

/** A made-up kind as it is looked at. */
export const surveyed = (schema: HubSpotSchema): SurveyedObject => ({
  typeId: schema.typeId,
  name: schema.name,
  properties: catalogued(schema.properties),
  group:
    schema.properties.find(({ hubspotDefined }) => !hubspotDefined)?.groupName ??
    `${schema.name}_information`,
  linkedTo: [...new Set(schema.associations.flatMap(({ from, to }) => [from, to]))],
})

const unlessUngranted = async <T>(what: string, look: () => Promise<T>): Promise<T | Trouble> => {
  try {
    return await look()
  } catch (error) {
    if (!ScopesChanged.is(error) && !ScopeMissing.is(error)) throw error
    return ungranted(what, scopesIn(error))
  }
}
