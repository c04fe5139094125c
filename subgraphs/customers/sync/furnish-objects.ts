import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { OwnObject } from '../domain/own-objects.ts'
import {
  isLinked,
  judged,
  type Making,
  partsOf,
  type Trouble,
  typeIdOf,
  unanswered,
} from '../domain/provisioning.ts'
import { attempt, MADE, notMade } from './attempting.ts'
import { asNew, makeProperties, type Site } from './furnish-properties.ts'
import { madeUpOf, type SurveyedObject, surveyed } from './survey-portal.ts'

/** Makes own objects, each with its properties and links, in one request. */
export const makeObjects = async (site: Site, making: Making['objects']): Promise<void> => {
  for (const own of making) {
    const outcome = await attempt(
      own.name,
      async () => {
        site.objects.set(own.type, surveyed(await site.hubspot.createSchema(asSchema(site, own))))
        return MADE
      },
      async () => {
        const found = (await madeUpOf(site.hubspot)).find(({ name }) => name === own.name)
        if (found) site.objects.set(own.type, found)
        return found !== undefined
      },
    )
    for (const part of partsOf(own)) site.note(part, outcome)
    const there = site.objects.get(own.type)
    if (there) checkParts(site, own, there)
  }
}

/** What is there by another hand, or what came only in part, is told of. */
const checkParts = (site: Site, own: OwnObject, there: SurveyedObject): void => {
  for (const each of own.properties) {
    const item = judged(own.type, each, there.properties)
    if (item.state === 'IN_THE_WAY') site.note(item, item)
    if (item.state === 'TO_MAKE') site.note(item, notMade(unanswered(each.name)))
  }
  for (const to of own.linkedTo)
    if (!isLinked(there, typeIdOf(site.objects, to)))
      site.note({ kind: 'ASSOCIATION', type: own.type, name: to }, notMade(unlinked(own.type, to)))
}

const asSchema = (site: Site, own: OwnObject): Parameters<HubSpot['createSchema']>[0] => ({
  name: own.name,
  labels: { singular: own.singular, plural: own.plural },
  description: own.description,
  primaryDisplayProperty: own.display,
  secondaryDisplayProperties: own.secondary,
  requiredProperties: own.required,
  searchableProperties: own.required,
  properties: own.properties.map(asNew),
  associatedObjects: own.linkedTo.flatMap((to) => typeIdOf(site.objects, to) ?? []),
})

/** Makes the properties that own objects lack. */
export const completeObjects = async (site: Site, making: Making['objectProperties']): Promise<void> => {
  for (const { type, found, properties } of making) {
    const { typeId, group } = found
    const look = async () =>
      (await madeUpOf(site.hubspot)).find((each) => each.typeId === typeId)?.properties ?? []
    site.properties.set(type, site.objects.get(type)?.properties ?? [])
    await makeProperties(site, { type, path: typeId, properties, group: () => group, look })
  }
}

/** Lets records of own objects be linked to others. */
export const linkObjects = async (site: Site, making: Making['associations']): Promise<void> => {
  for (const { from, to } of making) {
    const [here, there] = [typeIdOf(site.objects, from), typeIdOf(site.objects, to)]
    const link = async (here: string, there: string) => {
      await site.hubspot.createSchemaAssociation(here, there)
      return MADE
    }
    const look = async () =>
      isLinked(
        (await madeUpOf(site.hubspot)).find((each) => each.typeId === here),
        there,
      )
    const outcome =
      here && there
        ? await attempt(`the link of ${from} to ${to}`, () => link(here, there), look)
        : notMade(unlinked(from, to))
    site.note({ kind: 'ASSOCIATION', type: from, name: to }, outcome)
  }
}

const unlinked = (from: string, to: string): Trouble => ({
  message: `Records of ${from} cannot be linked to ${to} yet.`,
  fix: `Provision again once HubSpot has ${to}.`,
})
