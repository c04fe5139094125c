import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import type { Vault } from '#kernel/vault.ts'
import { noteSignals } from '../signals.ts'
import { echoesAmong } from '../writes.ts'
import type { DeliveryTables } from './tables.ts'
import { type NewDelivery, writtenDeliveries } from './written.ts'

/** A record that may have changed at the other system. */
export interface Concerned {
  /** As the other system names the kind. */
  type: string
  externalId: string
  /** When it says that it changed. */
  changedAt?: Date | undefined
  /** Its links may have changed. */
  hasLinks: boolean
}

/** What one event says: which records to look at again. How they are now is never taken from it. */
export interface Told {
  /** The same whenever the same event is sent. */
  hash: string
  occurredAt: Date | null
  /** How often it was sent before. */
  attempt: number
  /** The event as it may be kept: ids, names and times, no values. */
  kept: object
  records: Concerned[]
  /** The value that a field is said to have got: as a hash, to know an echo by. */
  says: { type: string; externalId: string; field: string; valueHash: string } | null
}

/** What of a delivery concerns one connection. */
export interface DeliveryShare<T extends Told = Told> {
  integrationId: string
  /** Not so when nothing is to be done with it: the connection was ended, or it came from somebody else. */
  isConnected: boolean
  receivedAt: Date
  told: readonly T[]
  /** What only this system's deliveries have, by column. */
  own: Readonly<Record<string, string>>
  /** Its words as they came. */
  words(): string
}

/** A share with those of its events that were not known before. */
export type FreshShare<S extends DeliveryShare> = S & { fresh: S['told'] }

const keyOf = ({ integrationId }: DeliveryShare, hash: string) => `${integrationId}/${hash}`

/**
 * Takes what was delivered to connections of one organisation, in the caller's transaction: the events are written down once, and the
 * records they are about are noted to be read again. Taking the same again changes nothing, so whoever is not sure may send again.
 * @returns the shares with what of them is new, and what was written
 */
export const takeShares = async <S extends DeliveryShare>(
  tx: object,
  orgId: string,
  shares: readonly S[],
  around: { tables: DeliveryTables; clock: Clock; vault: Vault },
): Promise<{ shares: FreshShare<S>[]; written: NewDelivery[] }> => {
  const { tables, clock } = around
  const at = clock.now()
  const { noteEvents, writeDeliveries } = writtenDeliveries(tables)
  const counts = new Map<string, { integration: string; hash: string; count: number }>()
  for (const share of shares)
    for (const { hash } of share.told) {
      const { count = 0 } = counts.get(keyOf(share, hash)) ?? {}
      counts.set(keyOf(share, hash), { integration: share.integrationId, hash, count: count + 1 })
    }
  const unknown = await noteEvents(tx, orgId, [...counts.values()], at)
  // Each is new once, with the first delivery that brings it.
  const fresh = shares.map((share) => ({
    ...share,
    fresh: share.told.filter(({ hash }) => unknown.delete(keyOf(share, hash))),
  }))
  const written = fresh
    .filter((share) => share.fresh.length > 0)
    .map((share) => deliveryOf(orgId, share, around))
  await writeDeliveries(tx, orgId, written, at)
  const events = fresh
    .filter(({ isConnected }) => isConnected)
    .flatMap(({ integrationId, fresh }) => fresh.map((event) => ({ integrationId, event })))
  const said = events.flatMap(({ integrationId, event: { says } }, place) =>
    says ? [{ ...says, place, connectionId: integrationId }] : [],
  )
  const echoes = await echoesAmong(tx, orgId, said, at)
  await noteSignals(
    tx,
    events
      .filter((_, place) => !echoes.has(place))
      .flatMap(({ integrationId, event: { records } }) =>
        records.map((record) => ({ orgId, connectionId: integrationId, ...record })),
      ),
    at,
  )
  return { shares: fresh, written }
}

const deliveryOf = (
  orgId: string,
  share: FreshShare<DeliveryShare>,
  { tables, clock, vault }: { tables: DeliveryTables; clock: Clock; vault: Vault },
): NewDelivery => {
  const { told, fresh, isConnected } = share
  const id = newId(clock)
  const concerned = fresh.flatMap(({ records }) => records)
  const records = new Map(concerned.map(({ type, externalId: id }) => [`${type}/${id}`, [type, id] as const]))
  const times = fresh.flatMap(({ occurredAt }) => occurredAt?.getTime() ?? [])
  const status = !isConnected ? 'UNROUTABLE' : records.size > 0 ? 'RECEIVED' : 'IGNORED'
  return {
    id,
    integration_id: share.integrationId,
    received_at: share.receivedAt,
    oldest_event_at: times.length > 0 ? new Date(Math.min(...times)) : null,
    attempt: Math.max(...told.map(({ attempt }) => attempt)),
    events: fresh.map(({ kept }) => kept),
    records: [...records.values()],
    event_count: told.length,
    ignored_count: fresh.filter((one) => one.records.length === 0).length,
    duplicate_count: told.length - fresh.length,
    status,
    // What it told is still to be done: until then its words are kept.
    raw_sealed: status === 'RECEIVED' ? vault.seal(share.words(), tables.placeOf(orgId, id)) : null,
    own: share.own,
  }
}

/** What was taken, in numbers. */
export const countTaken = (shares: readonly DeliveryShare[], written: readonly NewDelivery[]) => {
  const fresh = written.reduce((sum, one) => sum + one.events.length, 0)
  return {
    fresh,
    duplicates: shares.reduce((sum, { told }) => sum + told.length, 0) - fresh,
    ignored: written.reduce((sum, one) => sum + one.ignored_count, 0),
  }
}

/** What is audited of deliveries that were written: one entry for each connection. */
export const tellTaken = (written: readonly NewDelivery[]) =>
  [...Map.groupBy(written, (one) => one.integration_id)].map(([id, own]) => ({
    id,
    after: { deliveries: own.length, events: own.reduce((sum, one) => sum + one.events.length, 0) },
  }))
