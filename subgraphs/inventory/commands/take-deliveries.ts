import type { Clock } from '#kernel/clock.ts'
import { INTAKE } from '#kernel/principal.ts'
import { openedBy, type Vault } from '#kernel/vault.ts'
import { auditAll } from '#service/audit.ts'
import { type Gathering, gathering } from '#sync/deliveries/gather.ts'
import { countTaken, type DeliveryShare, type Told, takeShares, tellTaken } from '#sync/deliveries/take.ts'
import { secretPlace } from '../domain/webhook-secret.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'
import { organisationOf, secretsOf } from '../store/webhook-secrets.ts'

/** What deliveries are taken with. */
export interface Taking {
  database: Rows
  clock: Clock
  vault: Vault
}

/** Where deliveries to an address go, and what they have to be signed with. */
export interface Route {
  orgId: string
  integrationId: string
  /** Null while C3 was not asked whose its key is. */
  accountId: string | null
  secrets: string[]
}

/** A POST whose signature is right. */
export interface Delivery {
  route: Route
  receivedAt: Date
  accountId: string
  deliveryId: string
  told: readonly Told[]
  /** The body as it came. */
  body: string
}

/** Whose deliveries to a connection's address are. Undefined when nobody's: it is unknown, or was ended and its secrets destroyed. */
export const routeOf = async (
  { database, clock, vault }: Taking,
  integrationId: string,
): Promise<Route | undefined> => {
  const orgId = await database.relay((tx) => organisationOf(tx, integrationId))
  if (orgId === undefined) return undefined
  return await database.read(orgId, async (tx) => {
    const [row] = await integrationsOf(tx, orgId, [integrationId])
    if (!row || row.disconnectedAt) return undefined
    const kept = await secretsOf(tx, orgId, [integrationId], clock.now())
    const secrets = kept.flatMap(({ id, secret }) => openedBy(vault, secret, secretPlace(orgId, id)) ?? [])
    return { orgId, integrationId, accountId: row.accountId, secrets }
  })
}

/** What was taken, in numbers. */
export interface Taken {
  fresh: number
  duplicates: number
  ignored: number
  /** Connections at whose address another account's deliveries came. */
  foreign: string[]
}

/**
 * Takes what C3 delivered, in one transaction per organisation: see `takeShares`. What another account signed with the right secret is
 * written down as nobody's, and nothing is done with it.
 */
const takeDeliveries = async (around: Taking, deliveries: readonly Delivery[]): Promise<Taken> => {
  const taken: Taken = { fresh: 0, duplicates: 0, ignored: 0, foreign: [] }
  for (const [orgId, own] of Map.groupBy(deliveries, ({ route }) => route.orgId)) {
    const given = own.map(shareOf)
    const written = await around.database.transaction(orgId, async (tx) => {
      const { written } = await takeShares(tx, orgId, given, { ...around, tables: deliveryTablesHere })
      await auditAll(
        tx,
        tellTaken(written).map(({ id, after }) => ({
          ...{ orgId, principal: INTAKE, action: 'takeDeliveries', after, at: around.clock.now() },
          subject: { type: 'C3Integration', id },
        })),
      )
      return written
    })
    const counts = countTaken(given, written)
    taken.fresh += counts.fresh
    taken.duplicates += counts.duplicates
    taken.ignored += counts.ignored
    taken.foreign.push(
      ...given.flatMap(({ isConnected, integrationId }) => (isConnected ? [] : integrationId)),
    )
  }
  return taken
}

const shareOf = ({ route, told, ...delivery }: Delivery): DeliveryShare => ({
  integrationId: route.integrationId,
  isConnected: route.accountId === delivery.accountId,
  receivedAt: delivery.receivedAt,
  told,
  own: { account_id: delivery.accountId, delivery_id: delivery.deliveryId },
  words: () => delivery.body,
})

/** Takes deliveries together that come together. */
export const gatherDeliveries = (around: Taking, told: (taken: Taken) => void): Gathering<Delivery> =>
  gathering(async (deliveries) => told(await takeDeliveries(around, deliveries)))
