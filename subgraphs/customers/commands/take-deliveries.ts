import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { INTAKE } from '#kernel/principal.ts'
import type { Vault } from '#kernel/vault.ts'
import { auditAll } from '#service/audit.ts'
import { countTaken, type DeliveryShare, takeShares, tellTaken } from '#sync/deliveries/take.ts'
import {
  type Delivery,
  isOwnNumber,
  type Share,
  type Stray,
  shareOut,
  strayPlace,
  type Told,
  withOwnKinds,
  wordsOf,
} from '../domain/webhook.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import { ownTypesByNumber } from '../store/portal-objects.ts'
import type { Rows, Transaction } from '../store/transaction.ts'
import { keepStrays, type NewStray, notePrivacyRequests, routesOf } from '../store/webhooks.ts'

export interface Taken {
  /** Events that were not known before, over all connections. */
  fresh: number
  duplicates: number
  ignored: number
  strays: Stray[]
  /** Connections that were ended, but whose portal still sends. */
  ended: string[]
}

/** What deliveries are taken with. */
export interface Taking {
  database: Rows
  clock: Clock
  vault: Vault
}

/**
 * Takes what HubSpot delivered, in one transaction per organisation: the events are written down once, and the records they
 * are about are noted to be read again. Taking the same again changes nothing, so whoever is not sure may send again.
 */
export const takeDeliveries = async (around: Taking, deliveries: readonly Delivery[]): Promise<Taken> => {
  const { database } = around
  const told = deliveries.flatMap((delivery) => delivery.told)
  const portals = [...new Set(told.flatMap(({ portalId }) => portalId ?? []))]
  const withOnly = told.some(({ portalId }) => portalId === null)
  const { shares, strays } = await database.relay(async (tx) => {
    const shared = shareOut(deliveries, await routesOf(tx, portals, { withOnly }))
    await keepStrays(
      tx,
      shared.strays,
      shared.strays.flatMap((stray) => partsOf(stray, around)),
    )
    return shared
  })
  const taken: Taken = { fresh: 0, duplicates: 0, ignored: 0, strays, ended: [] }
  for (const [orgId, own] of Map.groupBy(shares, ({ route }) => route.orgId)) {
    const counts = await database.transaction(orgId, (tx) => takeOwn(tx, orgId, own, around))
    taken.fresh += counts.fresh
    taken.duplicates += counts.duplicates
    taken.ignored += counts.ignored
    taken.ended.push(...own.flatMap(({ route }) => (route.isConnected ? [] : route.integrationId)))
  }
  return taken
}

const partsOf = ({ portalId, parts }: Stray, { clock, vault }: Taking): NewStray[] =>
  parts.map(({ delivery, told }) => {
    const id = newId(clock)
    return {
      id,
      portal_id: portalId,
      receiver: delivery.receiver,
      received_at: delivery.receivedAt,
      event_count: told.length,
      raw_sealed: vault.seal(wordsOf(delivery, told), strayPlace(id)),
    }
  })

const takeOwn = async (tx: Transaction, orgId: string, told: readonly Share[], around: Taking) => {
  const at = around.clock.now()
  const given = (await withKinds(tx, orgId, told)).map(shareOf)
  const { shares, written } = await takeShares(tx, orgId, given, { ...around, tables: deliveryTablesHere })
  await notePrivacyRequests(
    tx,
    orgId,
    shares
      .filter(({ isConnected }) => isConnected)
      .flatMap(({ integrationId, fresh }) =>
        fresh.flatMap(({ forgets }) =>
          forgets === null ? [] : { integration: integrationId, externalId: forgets },
        ),
      ),
    at,
  )
  await auditAll(
    tx,
    tellTaken(written).map(({ id, after }) => ({
      ...{ orgId, principal: INTAKE, action: 'takeDeliveries', after, at },
      subject: { type: 'HubSpotIntegration', id },
    })),
  )
  return countTaken(given, written)
}

const shareOf = ({ delivery, route, told }: Share): DeliveryShare<Told> => ({
  integrationId: route.integrationId,
  isConnected: route.isConnected,
  receivedAt: delivery.receivedAt,
  told,
  own: { portal_id: route.portalId, receiver: delivery.receiver },
  words: () => wordsOf(delivery, told),
})

/** The same, with our names for the kinds of records that the hub has made up in the portals: a statement where there are such. */
const withKinds = async (tx: Transaction, orgId: string, shares: readonly Share[]): Promise<Share[]> => {
  const types = shares.flatMap(({ told }) => told.flatMap(({ records }) => records.map(({ type }) => type)))
  if (!types.some(isOwnNumber)) return [...shares]
  const names = await ownTypesByNumber(tx, orgId)
  return shares.map((share) => ({
    ...share,
    told: share.told.map((each) =>
      withOwnKinds(each, (number) => names.get(`${share.route.integrationId}/${number}`)),
    ),
  }))
}
