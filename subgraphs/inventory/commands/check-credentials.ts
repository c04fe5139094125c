import { type HubError, isHubError } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, type MissingRefusal, missing } from '#service/refusal.ts'
import { NeedsReauth } from '#sync/errors.ts'
import type { Context } from '../context.ts'
import { featuresOf } from '../domain/features.ts'
import { endReauth } from '../store/integrations.ts'
import { goOn } from './connect-c3.ts'
import { namedConnection } from './name-connection.ts'

export interface Checked {
  integrationId: string
  isValid: boolean | null
  message: string
}

/**
 * Asks C3 whether a connection's key is good, and for what. Finding that it is not parks the connection's work; finding that it is good
 * after all lets that go on.
 */
export const checkCredentials = async (
  ctx: Context,
  wanted: string | null,
): Promise<Checked | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, c3s, clock } = ctx
  if (wanted !== null && !isId(wanted)) return missing('The C3 connection')
  const row = await namedConnection(ctx, wanted)
  if ('__typename' in row) return row
  const answer = async (isValid: boolean | null, message: string): Promise<Checked> => {
    const subject = { type: 'C3Integration', id: row.id }
    await ctx.write(async (tx) => {
      const at = clock.now()
      if (isValid && (await endReauth(tx, orgId, row.id))) await goOn(tx, ctx, row.id, row)
      const after = { isValid }
      await audit(tx, { orgId, principal, action: 'validateC3Credentials', subject, after, at })
    })
    return { integrationId: row.id, isValid, message }
  }
  try {
    // Refused before, it may be good again: C3 is asked all the same.
    const c3 = await c3s.open({ ...row, status: 'ACTIVE' }, { interactive: true })
    const { permissions } = await c3s.ask(row, c3)
    const off = featuresOf({ permissions, lackingPermissions: [] }).filter(({ isOn }) => !isOn)
    const lacks = off.map(({ capability }) => capability.toLowerCase().replaceAll('_', ' ')).join(', ')
    return await answer(
      true,
      off.length === 0
        ? 'The key is good.'
        : `The key is good, but not for everything: ${lacks} are off. Have it granted more in C3 to have them.`,
    )
  } catch (error) {
    if (!isHubError(error)) throw error
    const { isValid, message } = foundBy(error)
    return await answer(isValid, message)
  }
}

/** What an error tells of the key. */
const foundBy = (error: HubError): Pick<Checked, 'isValid' | 'message'> => {
  if (error.code === NeedsReauth.code)
    return {
      isValid: false,
      message:
        'C3 does not accept the key any more. Have another one made there, and give it to the connection.',
    }
  return error.retry === 'never'
    ? { isValid: false, message: `${error.message} Give the connection another key.` }
    : { isValid: null, message: `${error.message} Ask again in a while.` }
}
