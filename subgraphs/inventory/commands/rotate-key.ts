import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { keyPlace } from '../domain/key-place.ts'
import { lockIntegration, noteAccount, writeIntegration } from '../store/integrations.ts'
import { askAccount, auditedConnection, goOn } from './connect-c3.ts'
import { namedConnection } from './name-connection.ts'

/**
 * Gives a connection another key of the same account. C3 is asked first; when it does not accept it, the key before stays. What is
 * under way goes on with the new one, and what was parked for want of a good key too.
 */
export const rotateKey = async (
  ctx: Context,
  ask: { integrationId: string | null; apiKey: string },
): Promise<{ integrationId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, clock, vault } = ctx
  if (ask.integrationId !== null && !isId(ask.integrationId)) return missing('The C3 connection')
  const named = await namedConnection(ctx, ask.integrationId)
  if ('__typename' in named) return named
  const apiKey = ask.apiKey.trim()
  const asked = await askAccount(ctx, named, apiKey)
  if ('__typename' in asked) return asked
  const { told } = asked
  return await ctx.write(async (tx) => {
    const before = await lockIntegration(tx, orgId, named.id)
    if (!before || before.disconnectedAt) return missing('The C3 connection')
    if (before.accountId !== null && before.accountId !== told.accountId)
      return invalid(
        'apiKey',
        'This key is of another account than the connection. Connect that account by itself.',
        'C3_OTHER_ACCOUNT',
      )
    const at = clock.now()
    const { id, name, baseUrl, isGuarded } = before
    await writeIntegration(
      tx,
      orgId,
      { id, name, baseUrl, isGuarded, apiKey: vault.seal(apiKey, keyPlace(orgId, id)) },
      at,
    )
    await noteAccount(tx, orgId, id, told, at)
    const now = await goOn(tx, ctx, id, before)
    await audit(tx, {
      ...{ orgId, principal, action: 'rotateC3Key', at },
      subject: { type: 'C3Integration', id },
      before: auditedConnection(before) ?? null,
      after: auditedConnection(now) ?? null,
    })
    return { integrationId: id, receipt: await receiptOf(tx) }
  })
}
