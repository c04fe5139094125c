import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { INTAKE } from '#kernel/principal.ts'
import type { Vault } from '#kernel/vault.ts'
import { auditAll } from '#service/audit.ts'
import { noteSignals } from '#sync/signals.ts'
import { echoesAmong } from '#sync/writes.ts'
import {
  type Delivery,
  deliveryPlace,
  type Share,
  type Stray,
  shareOut,
  strayPlace,
  wordsOf,
} from '../domain/webhook.ts'
import type { Rows, Transaction } from '../store/transaction.ts'
import {
  keepStrays,
  type NewDelivery,
  type NewStray,
  noteEvents,
  notePrivacyRequests,
  routesOf,
  writeDeliveries,
} from '../store/webhooks.ts'

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
    const counts = await database.transaction(orgId, (tx) => takeShares(tx, orgId, own, around))
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

const keyOf = ({ route }: Share, hash: string) => `${route.integrationId}/${hash}`

const takeShares = async (tx: Transaction, orgId: string, shares: readonly Share[], around: Taking) => {
  const at = around.clock.now()
  const counts = new Map<string, { integration: string; hash: string; count: number }>()
  for (const share of shares)
    for (const { hash } of share.told) {
      const { count = 0 } = counts.get(keyOf(share, hash)) ?? {}
      counts.set(keyOf(share, hash), { integration: share.route.integrationId, hash, count: count + 1 })
    }
  const unknown = await noteEvents(tx, orgId, [...counts.values()], at)
  // Each is new once, with the first delivery that brings it.
  const fresh = shares.map((share) => ({
    ...share,
    fresh: share.told.filter(({ hash }) => unknown.delete(keyOf(share, hash))),
  }))
  const written = fresh
    .filter((share) => share.fresh.length > 0)
    .map((share) => deliveryOf(orgId, share, share.fresh, around))
  await writeDeliveries(tx, orgId, written, at)
  const connected = fresh.filter(({ route }) => route.isConnected)
  await notePrivacyRequests(
    tx,
    orgId,
    connected.flatMap(({ route, fresh }) =>
      fresh.flatMap(({ forgets }) =>
        forgets === null ? [] : { integration: route.integrationId, externalId: forgets },
      ),
    ),
    at,
  )
  const events = connected.flatMap(({ route, fresh }) => fresh.map((event) => ({ route, event })))
  const said = events.flatMap(({ route, event: { says } }, place) =>
    says ? [{ ...says, place, connectionId: route.integrationId }] : [],
  )
  const echoes = await echoesAmong(tx, orgId, said, at)
  await noteSignals(
    tx,
    events
      .filter((_, place) => !echoes.has(place))
      .flatMap(({ route, event: { records } }) =>
        records.map((record) => ({ orgId, connectionId: route.integrationId, ...record })),
      ),
    at,
  )
  await auditAll(
    tx,
    [...Map.groupBy(written, (one) => one.integration_id)].map(([id, own]) => ({
      orgId,
      principal: INTAKE,
      action: 'takeDeliveries',
      subject: { type: 'HubSpotIntegration', id },
      after: { deliveries: own.length, events: own.reduce((all, one) => all + one.events.length, 0) },
      at,
    })),
  )
  const sum = (of: (one: NewDelivery) => number) => written.reduce((all, one) => all + of(one), 0)
  const all = shares.reduce((n, { told }) => n + told.length, 0)
  const news = sum((one) => one.events.length)
  return { fresh: news, duplicates: all - news, ignored: sum((one) => one.ignored_count) }
}

const deliveryOf = (
  orgId: string,
  { delivery, route, told }: Share,
  fresh: Share['told'],
  { clock, vault }: Taking,
): NewDelivery => {
  const id = newId(clock)
  const concerned = fresh.flatMap(({ records }) => records)
  const records = new Map(concerned.map(({ type, externalId: id }) => [`${type}/${id}`, [type, id] as const]))
  const times = fresh.flatMap(({ occurredAt }) => occurredAt?.getTime() ?? [])
  const status = !route.isConnected ? 'UNROUTABLE' : records.size > 0 ? 'RECEIVED' : 'IGNORED'
  return {
    id,
    integration_id: route.integrationId,
    portal_id: route.portalId,
    receiver: delivery.receiver,
    received_at: delivery.receivedAt,
    oldest_event_at: times.length > 0 ? new Date(Math.min(...times)) : null,
    attempt: Math.max(...told.map(({ attempt }) => attempt)),
    events: fresh.map(({ kept }) => kept),
    records: [...records.values()],
    event_count: told.length,
    ignored_count: fresh.filter((one) => one.records.length === 0).length,
    duplicate_count: told.length - fresh.length,
    status,
    // What it told is still to be done: until then its words are kept.
    raw_sealed: status === 'RECEIVED' ? vault.seal(wordsOf(delivery, told), deliveryPlace(orgId, id)) : null,
  }
}
