import {
  AppRejected,
  GrantRevoked,
  type HubSpotGrant,
  type HubSpotOAuth,
  VendorUnavailable,
} from '#connectors/hubspot/index.ts'
import { publish } from '#events/outbox.ts'
import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { Disconnected, NeedsReauth } from '#sync/errors.ts'
import { NoApp } from '../domain/connection-errors.ts'
import { refreshPlace, tokenPlace } from '../domain/links.ts'
import { DUE_AT, renewalDueAt } from '../domain/renewing.ts'
import { integrationChanged, needsReauth } from '../domain/telling.ts'
import {
  beginRenewal,
  CREDENTIALS_CHANNEL,
  type CredentialRow,
  credentialsOf,
  failRenewal,
  finishRenewal,
  stopRenewing,
  tellCredentials,
} from '../store/credentials.ts'
import { type IntegrationRow, integrationsOf, needReauth } from '../store/integrations.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

/** One connection of one organisation. */
export interface ConnectionPlace {
  orgId: string
  integrationId: string
}

/**
 * Access tokens of all connections. A token is renewed once, however many callers in however many processes find it due: the
 * row's renewal lets one through, the others wait for what it brings.
 */
export interface Tokens extends AsyncDisposable {
  /**
   * The token to use now. At four fifths of its life it is renewed behind the caller's back.
   * @throws HUB_CONNECTION_NEEDS_REAUTH, HUB_CONNECTION_ENDED without asking HubSpot; what a renewal throws
   */
  current(place: ConnectionPlace): Promise<string>
  /** HubSpot called this token expired: resolves when `current` has a newer one, or there is no way to get one. */
  expired(place: ConnectionPlace, token: string, signal?: AbortSignal): Promise<void>
  /** HubSpot does not know this token. @returns whether there is another to try @throws HUB_CONNECTION_NEEDS_REAUTH */
  rejected(place: ConnectionPlace, token: string): Promise<boolean>
  /** Renews now, when nobody else does and the token is due. */
  renewIfDue(place: ConnectionPlace): Promise<void>
  /** Renews now, whatever the token's age: the only way to learn whether a grant still stands. A private app's token stays. */
  check(place: ConnectionPlace): Promise<void>
}

export interface TokensOptions {
  database: Rows
  vault: Vault
  clock: Clock
  log: Log
  /** How to sign in at an address as our app; undefined when the hub has none. */
  signIn?: ((baseUrl: string) => HubSpotOAuth) | undefined
}

/** Longer than a renewal's request may take: after that its process is dead. */
const RENEWAL_MS = 30_000
/** For how long another process's revocation may stay unnoticed when its NOTIFY is lost. */
const REMEMBERED_MS = 2_000
/** A token this close to its end would expire on the way. */
const LAST_MOMENT_MS = 5_000
const LOOK_EVERY_MS = 250
const WAIT_MS = 35_000
/** A private app's token is replaced by people: whoever was using the old one waits a moment for the new. */
const REPLACED_WITHIN_MS = 5_000
const MISCONFIGURED_MS = 300_000
const MOST_SAVES = 6

interface Known extends CredentialRow {
  token: string
  integration: IntegrationRow
  readAt: number
}

/** Opens the tokens. Disposing waits for renewals under way. */
export const openTokens = (options: TokensOptions): Tokens => {
  const { database, vault, clock, log, signIn } = options
  const known = new Map<string, Promise<Known>>()
  const flights = new Map<string, Promise<void>>()
  let news = Promise.withResolvers<void>()
  const listening = database.listen(CREDENTIALS_CHANNEL, () => {
    known.clear()
    news.resolve()
    news = Promise.withResolvers<void>()
  })
  const keyOf = ({ orgId, integrationId }: ConnectionPlace) => `${orgId} ${integrationId}`
  const now = () => clock.now().getTime()

  const read = async (place: ConnectionPlace): Promise<Known> => {
    const { orgId, integrationId } = place
    const [row, [integration]] = await database.read(orgId, async (tx) => [
      await credentialsOf(tx, orgId, integrationId),
      await integrationsOf(tx, orgId, [integrationId]),
    ])
    if (!row || !integration || integration.disconnected_at) throw Disconnected.with({ system: 'HubSpot' })
    if (integration.status === 'NEEDS_REAUTH')
      throw NeedsReauth.with({
        system: 'HubSpot',
        reason: integration.last_error ?? 'its credentials were refused',
      })
    return {
      ...row,
      integration,
      token: vault.open(row.access_sealed, tokenPlace(orgId, integrationId)),
      readAt: now(),
    }
  }
  const look = async (place: ConnectionPlace, fresh = false): Promise<Known> => {
    const key = keyOf(place)
    const found = fresh ? undefined : known.get(key)
    const held = await found
    const age = held ? now() - held.readAt : Number.NaN
    if (held && age >= 0 && age < REMEMBERED_MS) return held
    // Others may have begun to read it while we looked at what was remembered.
    const under = known.get(key)
    if (!fresh && under && under !== found) return await under
    const reading = read(place)
    known.set(key, reading)
    reading.catch(() => known.delete(key))
    return await reading
  }

  /** Waits until something may have changed. */
  const pause = async (ms: number, signal?: AbortSignal) => {
    const quiet = new AbortController()
    const stop = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
    await Promise.race([news.promise, sleep(ms, stop)])
    quiet.abort()
  }

  const giveUp = async (place: ConnectionPlace, reason: string): Promise<Error> => {
    const { orgId, integrationId } = place
    await database.transaction(orgId, (tx) => markReauth(tx, place, reason, clock.now()))
    known.delete(keyOf(place))
    log.error({ orgId, integrationId, reason }, 'a connection has to be made again')
    return NeedsReauth.with({ system: 'HubSpot', reason })
  }

  const save = async (place: ConnectionPlace, row: Known, renewalId: string, grant: HubSpotGrant) => {
    const { orgId, integrationId } = place
    const at = clock.now()
    const expiresAt = new Date(at.getTime() + grant.expiresInSeconds * 1000)
    const tokens = {
      accessSealed: vault.seal(grant.accessToken, tokenPlace(orgId, integrationId)),
      // Mostly the same again. An answer without one means that the one we have goes on.
      refreshSealed: grant.refreshToken
        ? vault.seal(grant.refreshToken, refreshPlace(orgId, integrationId))
        : null,
      expiresAt,
      dueAt: renewalDueAt(at, grant.expiresInSeconds),
    }
    for (let attempt = 1; ; attempt++)
      try {
        await database.transaction(orgId, async (tx) => {
          if (await finishRenewal(tx, { ...place, renewalId }, tokens, at)) await tellCredentials(tx)
        })
        known.delete(keyOf(place))
        log.info({ orgId, integrationId, generation: row.generation + 1 }, 'renewed a token')
        return
      } catch (error) {
        // The old refresh token may be dead by now: what is in our hands must not be dropped for a moment's trouble.
        if (attempt >= MOST_SAVES) throw error
        await sleep(backoff(attempt, Math.random(), 100, 2000))
      }
  }

  const exchange = async (place: ConnectionPlace, row: Known, renewalId: string): Promise<void> => {
    const { orgId, integrationId } = place
    const later = async (at: number) =>
      await database.transaction(orgId, (tx) => failRenewal(tx, { ...place, renewalId }, new Date(at)))
    try {
      if (!signIn || !row.refresh_sealed) throw NoApp.with()
      const refreshToken = vault.open(row.refresh_sealed, refreshPlace(orgId, integrationId))
      const grant = await signIn(row.integration.base_url).refresh(refreshToken)
      await save(place, row, renewalId, grant)
    } catch (error) {
      if (GrantRevoked.is(error)) throw await giveUp(place, 'HubSpot has taken back what it had granted')
      const wait =
        AppRejected.is(error) || NoApp.is(error)
          ? MISCONFIGURED_MS
          : backoff(row.renewal_failures + 1, Math.random(), 1000, 60_000)
      const named = isHubError(error) ? error.after?.getTime() : undefined
      await later(named ?? now() + wait).catch(() => undefined)
      log[AppRejected.is(error) ? 'error' : 'warn'](
        { err: error, orgId, integrationId },
        'could not renew a token',
      )
      throw error
    }
  }

  /** Sees to it that a generation is replaced: by us, or by whoever is at it. */
  const renew = async (place: ConnectionPlace, from: number): Promise<void> => {
    const giveUpAt = now() + WAIT_MS
    for (;;) {
      const row = await look(place, true)
      if (row.generation !== from || row.mode === 'TOKEN') return
      const renewal = { id: newId(clock), until: new Date(now() + RENEWAL_MS), now: clock.now() }
      const isOurs = await database.transaction(place.orgId, (tx) =>
        beginRenewal(tx, { ...place, from }, renewal),
      )
      if (isOurs) return await exchange(place, row, renewal.id)
      const notBefore = row.renewal_not_before
      if (notBefore && notBefore.getTime() > now())
        throw VendorUnavailable.with({ vendor: 'HubSpot' }, { after: notBefore })
      if (now() >= giveUpAt)
        throw VendorUnavailable.with({ vendor: 'HubSpot' }, { after: row.renewal_until ?? clock.now() })
      await pause(LOOK_EVERY_MS)
    }
  }
  /** The same for all callers of this process. */
  const renewed = (place: ConnectionPlace, from: number): Promise<void> => {
    const key = `${keyOf(place)} ${from}`
    const flight = flights.get(key)
    if (flight) return flight
    const flying = renew(place, from).finally(() => flights.delete(key))
    flights.set(key, flying)
    return flying
  }
  const behindBack = (place: ConnectionPlace, row: Known) => {
    // Whoever needs the token and cannot have it hears of it; this was only done early.
    renewed(place, row.generation).catch(() => undefined)
  }
  const isDue = (row: Known): boolean =>
    row.expires_at !== null &&
    now() >= row.issued_at.getTime() + (row.expires_at.getTime() - row.issued_at.getTime()) * DUE_AT

  return {
    current: async (place) => {
      const row = await look(place)
      if (!row.expires_at || row.mode === 'TOKEN') return row.token
      if (now() >= row.expires_at.getTime() - LAST_MOMENT_MS) {
        await renewed(place, row.generation)
        return (await look(place)).token
      }
      const waits = row.renewal_not_before && row.renewal_not_before.getTime() > now()
      if (isDue(row) && !waits) behindBack(place, row)
      return row.token
    },
    expired: async (place, token, signal) => {
      const row = await look(place, true)
      if (row.token !== token) return
      if (row.mode === 'OAUTH') return await renewed(place, row.generation)
      for (const until = now() + REPLACED_WITHIN_MS; now() < until && !signal?.aborted; ) {
        await pause(LOOK_EVERY_MS, signal)
        if ((await look(place, true)).token !== token) return
      }
    },
    rejected: async (place, token) => {
      const row = await look(place, true)
      if (row.token !== token) return true
      // The app may have been taken out of the portal: the renewal tells, and if not, brings a token that is known.
      if (row.mode === 'TOKEN') throw await giveUp(place, 'HubSpot does not know its token')
      await renewed(place, row.generation)
      return true
    },
    renewIfDue: async (place) => {
      const row = await look(place, true)
      if (row.mode === 'OAUTH' && isDue(row)) await renewed(place, row.generation)
    },
    check: async (place) => {
      const row = await look(place, true)
      if (row.mode === 'OAUTH') await renewed(place, row.generation)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(flights.values())
      await listening[Symbol.asyncDispose]()
    },
  }
}

/** Writes that somebody has to connect again, and tells it: once, however many find out. */
export const markReauth = async (
  raw: object,
  { orgId, integrationId }: ConnectionPlace,
  reason: string,
  at: Date,
): Promise<void> => {
  const tx = asTransaction(raw)
  if (!(await needReauth(tx, orgId, integrationId, reason, at))) return
  await stopRenewing(tx, orgId, integrationId)
  const [row] = await integrationsOf(tx, orgId, [integrationId])
  await publish(tx, orgId, row ? [needsReauth(row, reason, at), integrationChanged(row)] : [], at)
  await tellCredentials(tx)
}
