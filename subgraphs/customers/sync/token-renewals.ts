import { type Clock, repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { refreshPlace, tokenPlace } from '../domain/links.ts'
import { credentialsOf, type DueRenewal, dueRenewals, keyOf, reseal } from '../store/credentials.ts'
import type { Rows } from '../store/transaction.ts'
import type { Tokens } from './tokens.ts'

export interface RenewalsOptions {
  database: Rows
  vault: Vault
  tokens: Tokens
  clock: Clock
  log: Log
  /** Default 5,000. */
  everyMs?: number
}

/**
 * Renews tokens that are due although nobody uses them, and seals by the newest key what an older one has sealed: keys are changed
 * while everything runs. Any number of processes may do so.
 */
export const startTokenRenewals = (options: RenewalsOptions): AsyncDisposable => {
  const { database, vault, tokens, clock, log, everyMs = 5_000 } = options
  const newest = keyOf(vault.seal('', ''))
  // Sealed by a key that we were not given: said once, and left alone.
  const unreadable = new Set<string>()

  const resealOne = async ({ org_id: orgId, integration_id: integrationId }: DueRenewal) => {
    await database.transaction(orgId, async (tx) => {
      const row = await credentialsOf(tx, orgId, integrationId)
      if (!row) return
      const places = { access: tokenPlace(orgId, integrationId), refresh: refreshPlace(orgId, integrationId) }
      const access = vault.seal(vault.open(row.access_sealed, places.access), places.access)
      const refresh = row.refresh_sealed
        ? vault.seal(vault.open(row.refresh_sealed, places.refresh), places.refresh)
        : null
      await reseal(tx, row, { access, refresh })
    })
  }
  const see = async (due: DueRenewal) => {
    const { org_id: orgId, integration_id: integrationId } = due
    try {
      if (due.is_due) await tokens.renewIfDue({ orgId, integrationId })
      else if (!unreadable.has(integrationId)) await resealOne(due)
    } catch (error) {
      if (!due.is_due) unreadable.add(integrationId)
      log.warn({ err: error, orgId, integrationId }, 'could not see to a token')
    }
  }
  return repeat(
    async () => {
      const due = await database.relay((tx) => dueRenewals(tx, clock.now(), newest))
      await Promise.all(due.map(see))
    },
    { everyMs, failed: (error) => log.warn({ err: error }, 'could not look for tokens that are due') },
  )
}
