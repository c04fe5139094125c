import type { HubSpot } from '#connectors/hubspot/index.ts'
import type { CatalogProperty } from '../domain/catalog.ts'
import type { OwnedType, OwnObject } from '../domain/own-objects.ts'
import { heldObjects, isTrouble, keyOf, type Outcome, type ProvisioningPlan } from '../domain/provisioning.ts'
import { attempt, MADE, THERE } from './attempting.ts'
import { completeObjects, linkObjects, makeObjects } from './furnish-objects.ts'
import { makeProperties, type Site } from './furnish-properties.ts'
import { propertiesOf } from './setup.ts'
import type { Surveyed } from './survey-portal.ts'

export type Furnished = Pick<Site, 'outcomes' | 'objects' | 'properties'>

/**
 * Makes in a portal exactly what a plan says. What HubSpot does not make keeps nothing else from being made. Where its answer got
 * lost, or somebody was quicker, the portal is asked what it has: nothing is made twice, and nothing is called missing that is there.
 * @throws HUB_CONNECTION_NEEDS_REAUTH
 */
export const furnishPortal = async (
  hubspot: HubSpot,
  ask: { plan: ProvisioningPlan; survey: Surveyed; own: readonly OwnObject[] },
): Promise<Furnished> => {
  const { making } = ask.plan
  const { survey, own } = ask
  const outcomes = new Map<string, Outcome>()
  const objects = isTrouble(survey.objects) ? new Map() : heldObjects(own, survey.objects)
  const standing = [...survey.properties].flatMap(([type, found]) =>
    isTrouble(found) ? [] : [[type, found] as const],
  )
  const site: Site = {
    ...{ hubspot, outcomes, objects, properties: new Map<OwnedType, readonly CatalogProperty[]>(standing) },
    note: (item, { state, message, fix }) => outcomes.set(keyOf(item), { state, message, fix }),
  }
  await Promise.all(
    making.properties.map(async ({ type, properties }) => {
      for (const each of making.groups) if (each.type === type) await makeGroup(site, each)
      const look = () => propertiesOf(hubspot, type)
      await makeProperties(site, { type, path: type, properties, group: (each) => each.group, look })
    }),
  )
  await makeObjects(site, making.objects)
  await completeObjects(site, making.objectProperties)
  await linkObjects(site, making.associations)
  for (const [type, { properties }] of objects)
    if (!site.properties.has(type)) site.properties.set(type, properties)
  return site
}

const makeGroup = async (
  { hubspot, note }: Site,
  { type, name, label }: ProvisioningPlan['making']['groups'][number],
): Promise<void> => {
  const outcome = await attempt(
    `the group ${name}`,
    async () => ((await hubspot.createGroup(type, { name, label })) ? MADE : THERE),
    async () => (await hubspot.groups(type)).some((each) => each.name === name),
  )
  note({ kind: 'GROUP', type, name }, outcome)
}
