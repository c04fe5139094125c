import { type Granted, isOn } from './features.ts'
import type { Wrong } from './judging-record.ts'
import type { RecordType } from './kinds.ts'
import { EXTERNAL_KEY } from './own-properties.ts'
import { allows, type Direction } from './settings.ts'

/**
 * Why a connection takes no change of a kind of record; undefined when it does. What it cannot send now, because somebody has paused it
 * or it has to be connected again, it takes: that waits. Pure.
 * @param isNew records are to be made: HubSpot then needs a place for the hub's key, or making one again would make two
 */
export const whyNot = (
  row: Granted & { direction: Direction },
  type: RecordType,
  catalog: ReadonlyMap<string, { isArchived: boolean }>,
  isNew: boolean,
): Wrong | undefined => {
  const wrong = (code: string, message: string): Wrong => ({ field: 'integrationId', code, message })
  if (!allows(row.direction, 'OUT'))
    return wrong(
      'CONNECTION_ONLY_READS',
      'This connection only reads from HubSpot. Change its direction, then write.',
    )
  if (!isOn(row, 'WRITE') || (type === 'tickets' && !isOn(row, 'TICKETS')))
    return wrong(
      'CONNECTION_LACKS_SCOPES',
      'HubSpot does not let this connection write. Connect it again and grant that.',
    )
  const key = catalog.get(EXTERNAL_KEY)
  // Of kinds whose properties nobody has listed yet, HubSpot itself says so.
  if (isNew && catalog.size > 0 && (!key || key.isArchived))
    return wrong(
      'CONNECTION_KEY_MISSING',
      `HubSpot has no place for the hub’s key of ${type}. Provision the connection’s properties first.`,
    )
  return undefined
}
