import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type StaleRefusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { changedLimits, type Limits, type LimitsRow } from '../domain/limits.ts'
import { limitsOf, writeLimits } from '../store/limits.ts'

type Wish = { expectedVersion: number } & { [K in keyof Limits]?: number | null | undefined }

/** Decides how much may be asked for. Deciding what is decided already changes nothing. */
export const setLimits = (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  { expectedVersion, ...wish }: Wish,
): Promise<{ __typename: 'LimitsSet'; limits: LimitsRow } | InvalidRefusal | StaleRefusal> => {
  const { orgId, principal } = ctx
  return ctx.db.transaction(orgId, async (tx) => {
    const { version, ...now } = await limitsOf(tx, orgId)
    if (version !== expectedVersion) return stale('How much may be asked', version)
    const next = changedLimits(now, wish)
    if ('message' in next) return invalid(next.field, next.message, next.code)
    if (JSON.stringify(next) === JSON.stringify(now))
      return { __typename: 'LimitsSet', limits: { ...now, version } }
    const limits = await writeLimits(tx, orgId, next, version)
    if (!limits) return stale('How much may be asked', (await limitsOf(tx, orgId)).version)
    const subject = { type: 'Organisation', id: orgId }
    const change = { before: { ...now }, after: { ...next } }
    await audit(tx, { orgId, principal, action: 'setLimits', subject, ...change, at: ctx.clock.now() })
    return { __typename: 'LimitsSet', limits }
  })
}
