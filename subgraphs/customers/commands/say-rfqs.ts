import type { ChangeRecords } from '../context.ts'
import { isOn } from '../domain/features.ts'
import { goesOut } from '../domain/going-out.ts'
import { landingOf } from '../domain/inverting.ts'
import { mappingOf } from '../domain/mapping.ts'
import {
  fieldsOfRfqs,
  MENTION_FIELDS,
  type MentionKind,
  mentionsIn,
  type RfqFields,
  sourceOf,
} from '../domain/rfqs.ts'
import { judgeWritable } from '../domain/writable.ts'
import { known, propertiesOfType } from '../store/catalog.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import {
  linkableDeals,
  type Mentioned,
  mentionsOf,
  rfqsOfDeals,
  setMentions,
  unknownMentions,
} from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'

const KINDS = Object.keys(MENTION_FIELDS) as MentionKind[]

/**
 * Lets deals say in HubSpot which requests belong to them, where these stand and what they are worth: here at once, there within
 * moments, once however much has changed. What a portal has no property for is left out. The statements do not depend on how many they are.
 */
export const sayRfqs = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { orgId, dealIds, at }: { orgId: string; dealIds: readonly string[]; at: Date },
): Promise<void> => {
  if (dealIds.length === 0) return
  const deals = (await linkableDeals(tx, orgId, dealIds, [])).filter(({ goneAt }) => goneAt === null)
  const ids = deals.map(({ id }) => id)
  const rfqs = Map.groupBy(await rfqsOfDeals(tx, orgId, ids), ({ dealId }) => dealId)
  const unknown = Map.groupBy(await unknownMentions(tx, orgId, ids), ({ dealId }) => dealId)
  const held = Map.groupBy(await mentionsOf(tx, orgId, ids), ({ dealId }) => dealId)
  const byPortal = Map.groupBy(deals, ({ integrationId }) => integrationId)
  const mentions: Mentioned[] = []
  for (const portal of await integrationsOf(tx, orgId, [...byPortal.keys()])) {
    if (!goesOut(portal) || !isOn(portal, 'DEALS')) {
      for (const { id } of byPortal.get(portal.id) ?? []) mentions.push(...(held.get(id) ?? []))
      continue
    }
    const write = await writerOf(tx, portal)
    const updates = (byPortal.get(portal.id) ?? []).map(({ id }) => {
      const said = write(fieldsOfRfqs(rfqs.get(id) ?? [], unknown.get(id) ?? []))
      const kept = (held.get(id) ?? []).filter(({ kind }) => said.mentions[kind] === undefined)
      const now = KINDS.flatMap((kind) => mentionsIn(kind, said.mentions[kind] ?? null))
      mentions.push(...kept, ...now.map((each) => ({ ...each, dealId: id, source: said.sources[each.kind] })))
      return { localId: id, values: said.values }
    })
    const place = { orgId, integrationId: portal.id, type: 'deals' as const }
    await changeRecords(tx, place, { updates }, at, { isUrgent: false })
  }
  await setMentions(tx, orgId, ids, mentions)
}

interface SaidRfqs {
  values: Record<string, string | null>
  /** What stands in the record of each kind; left out where the portal does not let it be written. */
  mentions: Partial<Record<MentionKind, string | null>>
  sources: Readonly<Record<MentionKind, string>>
}

/** How a portal's deals say it: by its mapping, and as far as it has properties. */
const writerOf = async (
  tx: Transaction,
  { org_id: orgId, id: integrationId }: IntegrationRow,
): Promise<(fields: RfqFields) => SaidRfqs> => {
  const catalog = known(await propertiesOfType(tx, { orgId, integrationId }, 'deals'))
  const writable = judgeWritable('deals', catalog)
  const { fields: overrides } = mappingIn(
    await mappingsOf(tx, orgId, [integrationId]),
    integrationId,
    'deals',
  )
  const source = (kind: MentionKind) => sourceOf(mappingOf('deals', MENTION_FIELDS[kind], overrides))
  const sources = { NUMBER: source('NUMBER'), C3_ID: source('C3_ID') }
  return ({ mentions, properties }) => {
    const said: SaidRfqs = { values: {}, mentions: {}, sources }
    for (const kind of KINDS) {
      const landing = landingOf('deals', MENTION_FIELDS[kind], mentions[kind], { overrides, catalog })
      if (!('property' in landing) || writable.refusalOf(landing.property, landing.text)) continue
      said.values[landing.property] = landing.text
      said.mentions[kind] = mentions[kind]
    }
    for (const [property, value] of Object.entries(properties))
      if (!writable.refusalOf(property, value)) said.values[property] = value
    return said
  }
}
