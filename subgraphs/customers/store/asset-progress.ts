import { type AssetProgress, assetsWaitFor } from '../domain/assets.ts'
import { OWN_OBJECT_TYPES } from '../domain/own-objects.ts'
import { isPaused } from '../domain/settings.ts'
import { integrationsOf } from './integrations.ts'
import { ownRecordCounts } from './own-records.ts'
import { pausesOf } from './pauses.ts'
import { approvedPushes, roomsOf } from './portal-objects.ts'
import type { Transaction } from './transaction.ts'

const KINDS = { trunks: 'TRUNK', numbers: 'NUMBER' } as const

/** How far portals have their records of trunks and numbers: five statements, however many portals. */
export const assetProgress = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, AssetProgress[]>> => {
  const portals = await integrationsOf(tx, orgId, integrationIds)
  const counts = await ownRecordCounts(tx, orgId, integrationIds)
  const rooms = await roomsOf(tx, orgId, integrationIds)
  const pauses = await pausesOf(tx, orgId, integrationIds)
  const approved = await approvedPushes(tx, orgId, integrationIds)
  return new Map(
    portals.map((portal) => [
      portal.id,
      OWN_OBJECT_TYPES.map((type): AssetProgress => {
        const own = counts.find((each) => each.integration_id === portal.id && each.type === type)
        const room = {
          hasRoom: rooms.has(`${portal.id}/${type}`),
          isPaused: isPaused(pauses.get(portal.id) ?? [], 'OUT', type),
          isApproved: approved.has(portal.id),
        }
        const { records = 0, waiting = 0 } = own ?? {}
        return { kind: KINDS[type], records, waiting, waitsFor: assetsWaitFor(portal, room) }
      }),
    ]),
  )
}
