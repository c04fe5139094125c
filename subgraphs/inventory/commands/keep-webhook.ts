import { randomBytes } from 'node:crypto'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import { byChance } from '#kernel/planning.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Context } from '../context.ts'
import { mayRead } from '../domain/features.ts'
import { OVERLAP_MS, SECRET_BYTES, secretPlace, webhookUrl } from '../domain/webhook-secret.ts'
import { type IntegrationRow, integrationsOf, lockIntegration } from '../store/integrations.ts'
import type { Rows, Transaction } from '../store/transaction.ts'
import {
  noteSecretSet,
  noteWebhook,
  type SecretRow,
  secretsOf,
  writeSecret,
} from '../store/webhook-secrets.ts'

export interface KeepAround {
  database: Rows
  clock: Clock
  log: Log
  vault: Vault
  c3s: Context['c3s']
  /** The address that C3 reaches the hub by. */
  publicUrl: string
}

/** What C3 could not be told is tried again after so long. */
const AGAIN_AFTER_MS = 10 * 60_000

/** Makes a secret for a connection's webhook. It counts from now on; C3 has yet to be told of it. */
export const makeSecret = async (
  tx: Transaction,
  { vault, clock }: Pick<KeepAround, 'vault' | 'clock'>,
  place: { orgId: string; integrationId: string },
): Promise<SecretRow> => {
  const [id, madeAt] = [newId(clock), clock.now()]
  const plain = byChance(randomBytes(SECRET_BYTES).toString('base64url'))
  const secret = vault.seal(plain, secretPlace(place.orgId, id))
  await writeSecret(tx, place, { id, secret }, madeAt)
  return { id, integrationId: place.integrationId, secret, madeAt, setAt: null, endsAt: null }
}

/** Whether C3 has to be told where to post, or by which secret. */
const isUntold = (row: IntegrationRow, newest: SecretRow | undefined, url: string, now: Date): boolean => {
  if (row.status !== 'ACTIVE' || row.disconnectedAt) return false
  if (row.webhookUrl === url && newest?.setAt) return false
  return !row.webhookErrorAt || now.getTime() - row.webhookErrorAt.getTime() > AGAIN_AFTER_MS
}

/**
 * Tells C3 where to post what has changed, and what to sign it with, where it does not know. The secret counts before C3 hears of it,
 * and the one before for a day after: nothing that is on its way is refused, whichever of the two it was signed with. Safe to repeat.
 */
export const keepWebhook = async (
  around: KeepAround,
  place: { orgId: string; integrationId: string },
): Promise<void> => {
  const { database, clock, log, vault, c3s, publicUrl } = around
  const { orgId, integrationId } = place
  const url = webhookUrl(publicUrl, integrationId)
  const wish = await database.transaction(orgId, async (tx) => {
    const row = await lockIntegration(tx, orgId, integrationId)
    const [newest] = await secretsOf(tx, orgId, [integrationId], clock.now())
    if (!row || !isUntold(row, newest, url, clock.now())) return undefined
    return { row, secret: newest ?? (await makeSecret(tx, around, place)) }
  })
  if (!wish) return
  const { row, secret } = wish
  try {
    const c3 = await c3s.open(row)
    const { webhookEntities: told } = await c3s.ask(row, c3)
    const [now = row] = await database.read(orgId, (tx) => integrationsOf(tx, orgId, [integrationId]))
    const entities = told.filter((kind) => mayRead(now, kind))
    await c3.setWebhook({ url, secret: vault.open(secret.secret, secretPlace(orgId, secret.id)), entities })
    await database.transaction(orgId, async (tx) => {
      const at = clock.now()
      await noteSecretSet(tx, place, secret.id, { at, until: new Date(at.getTime() + OVERLAP_MS) })
      await noteWebhook(tx, orgId, integrationId, { url }, at)
    })
    log.info({ orgId, integrationId }, 'C3 posts what has changed')
  } catch (error) {
    if (!isHubError(error)) throw error
    log.warn({ err: error, orgId, integrationId }, 'could not tell C3 where to post')
    const said = `${error.message} Until then changes are read every few minutes.`
    await database.transaction(orgId, (tx) =>
      noteWebhook(tx, orgId, integrationId, { error: said }, clock.now()),
    )
  }
}
