import { type HubSpot, type HubSpotRecord, RecordRefused } from '#connectors/hubspot/index.ts'
import { isId } from '#kernel/ids.ts'
import { placeholderOf } from '#sync/links.ts'
import type { SourceRecord, SourceType } from '#sync/source.ts'
import { type OwnObjectType, ownObjects } from '../domain/own-objects.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'

const MODIFIED = 'hs_lastmodifieddate'

/**
 * Our own kinds of records, read by id alone and never listed: what people have made there themselves is theirs, and what they have
 * changed in ours is found by whoever looks at ours.
 * @param hubspot a portal that goes by the hub's words for these kinds
 */
export const ownTypes = (
  hubspot: HubSpot,
  types: Iterable<OwnObjectType>,
  { sendsAddresses }: { sendsAddresses: boolean },
): SourceType[] =>
  [...types].map((type) => {
    const named = ownObjects(sendsAddresses).find((each) => each.type === type)?.properties ?? []
    const properties = named.map(({ name }) => name)
    return {
      type,
      list: async function* () {},
      read: async (ids) => {
        const { records, missing, refused } = await hubspot.readBatch(type, ids, [...properties, MODIFIED])
        const [ours, others] = [records.filter(isOurs), records.filter((record) => !isOurs(record))]
        return {
          records: ours.map((record) => toSource(record, properties)),
          missing: [...missing, ...others.map(({ id }) => id)],
          refused: refused.map(({ id, category }) => ({
            externalId: id,
            error: RecordRefused.with({ vendor: 'HubSpot', reason: category }),
          })),
        }
      },
    }
  })

const isOurs = ({ properties }: HubSpotRecord): boolean => isId(properties[EXTERNAL_KEY] ?? '')

const toSource = (record: HubSpotRecord, properties: readonly string[]): SourceRecord => ({
  externalId: record.id,
  values: Object.fromEntries(
    properties.flatMap((name) =>
      name === EXTERNAL_KEY ? [] : [[name, record.properties[name] || null] as const],
    ),
  ),
  modifiedAt: new Date(record.properties[MODIFIED] ?? record.updatedAt),
  mergedIds: [placeholderOf(record.properties[EXTERNAL_KEY] ?? '')],
})
