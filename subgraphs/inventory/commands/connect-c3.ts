import { publish } from '#events/outbox.ts'
import { isHubError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import { wakeConnection } from '#sync/parking.ts'
import { startRun } from '#sync/queue.ts'
import type { Context } from '../context.ts'
import { AddressRefused } from '../domain/connection-errors.ts'
import { CAPABILITIES, isOn } from '../domain/features.ts'
import { isKey, keyPlace } from '../domain/key-place.ts'
import { type AskedSettings, readSettings, settingsOf } from '../domain/settings.ts'
import { integrationChanged, runProgressed } from '../domain/telling.ts'
import { setWebhook } from '../jobs/definitions.ts'
import {
  type IntegrationRow,
  integrationsOf,
  lockAccount,
  noteAccount,
  type ToldAccount,
  writeIntegration,
  writeSettings,
} from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'

export interface ConnectAsk {
  name: string | null
  baseUrl: string
  apiKey: string
  settings: AskedSettings
}

/** What a connection is written as in the audit: never its key. */
export const auditedConnection = (row: IntegrationRow | undefined) =>
  row && { accountId: row.accountId, baseUrl: row.baseUrl, status: row.status, ...settingsOf(row) }

/**
 * Connects a C3 by a key that somebody hands over. C3 is asked first whose it is and what it may do; nothing is kept when it is
 * refused. The same account connected again is the same connection: what was parked goes on, and what was never read is read.
 */
export const connectC3 = async (
  ctx: Context,
  ask: ConnectAsk,
): Promise<{ integrationId: string; receipt: Receipt } | InvalidRefusal> => {
  const settings = readSettings({ ...ask.settings, ...(ask.name === null ? {} : { name: ask.name }) })
  if ('field' in settings) return invalid(settings.field, settings.message)
  const apiKey = ask.apiKey.trim()
  const asked = await askAccount(ctx, ask.baseUrl, apiKey)
  if ('__typename' in asked) return asked
  const { told, baseUrl, isGuarded } = asked
  const { orgId, principal, clock, vault } = ctx
  return await ctx.write(async (tx) => {
    const at = clock.now()
    const { accountId } = told
    const id =
      (await lockAccount(tx, orgId, { accountId, baseUrl })) ?? idFrom(orgId, 'c3', baseUrl, accountId)
    const [before] = await integrationsOf(tx, orgId, [id])
    const sealed = vault.seal(apiKey, keyPlace(orgId, id))
    await writeIntegration(tx, orgId, { id, name: told.name, baseUrl, isGuarded, apiKey: sealed }, at)
    await noteAccount(tx, orgId, id, told, at)
    if (Object.keys(settings).length > 0) await writeSettings(tx, orgId, id, settings)
    const now = await goOn(tx, ctx, id, before)
    await audit(tx, {
      ...{ orgId, principal, action: 'connectC3', at },
      subject: { type: 'C3Integration', id },
      before: auditedConnection(before) ?? null,
      after: auditedConnection(now) ?? null,
    })
    return { integrationId: id, receipt: await receiptOf(tx) }
  })
}

/** Lets what waited for a good key go on, has the connection read and C3 told where to post, and tells of it. */
export const goOn = async (
  tx: Transaction,
  { orgId, clock, jobs }: Pick<Context, 'orgId' | 'clock' | 'jobs'>,
  id: string,
  before: IntegrationRow | undefined,
): Promise<IntegrationRow | undefined> => {
  const mode = before?.lastSyncAt ? 'INCREMENTAL' : 'FULL'
  const { run, isNew } = await startRun(tx, { orgId, connectionId: id, mode, clock })
  await wakeConnection(tx, { orgId, connectionId: id })
  await jobs.enqueue(tx, setWebhook, { orgId, integrationId: id })
  const [now] = await integrationsOf(tx, orgId, [id])
  const events = [...(now ? [integrationChanged(now)] : []), ...(isNew ? [runProgressed(run)] : [])]
  await publish(tx, orgId, events, clock.now())
  return now
}

/**
 * Asks a C3 whom a key speaks for.
 * @param place where somebody says that it is, or a connection that leads there
 * @returns a refusal when the key is not accepted, or is of no use
 */
export const askAccount = async (
  { c3s }: Context,
  place: string | Pick<IntegrationRow, 'baseUrl' | 'isGuarded'>,
  apiKey: string,
): Promise<{ told: ToldAccount; baseUrl: string; isGuarded: boolean } | InvalidRefusal> => {
  if (!isKey(apiKey)) return invalid('apiKey', 'This is no key of C3’s. Copy it again.')
  try {
    const isKnown = typeof place === 'object' && !place.isGuarded
    const { baseUrl, isGuarded } = isKnown
      ? place
      : await c3s.address(typeof place === 'string' ? place : place.baseUrl)
    const told = await c3s.openWith({ baseUrl, apiKey, isGuarded }).account()
    const granted = { permissions: told.permissions, lackingPermissions: [] }
    if (!CAPABILITIES.some((capability) => isOn(granted, capability)))
      return invalid(
        'apiKey',
        'C3 accepts this key, but it may do nothing that the hub could use. Have it granted reading there, then connect again.',
        'C3_KEY_WITHOUT_PERMISSIONS',
      )
    return { told, baseUrl, isGuarded }
  } catch (error) {
    if (!isHubError(error)) throw error
    return refusalFor(error.code, error)
  }
}

/** What people are told when C3 does not let them in. @throws what is no refusal of theirs */
const refusalFor = (code: string, error: Error): InvalidRefusal => {
  if (code === AddressRefused.code) return invalid('baseUrl', error.message, code)
  if (code === 'HUB_VENDOR_CREDENTIAL_REJECTED')
    return invalid(
      'apiKey',
      'C3 does not accept this key. Have another one made there, and copy it whole.',
      code,
    )
  if (code === 'HUB_VENDOR_UNAVAILABLE' || code === 'HUB_VENDOR_REFUSED')
    return invalid(
      'baseUrl',
      'Nothing answers at this address as C3 does. Check it; if it is right, C3 may be down: try again in a while.',
      code,
    )
  throw error
}
