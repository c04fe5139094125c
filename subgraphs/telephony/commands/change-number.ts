import { decimal } from '#kernel/money.ts'
import { invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { flawInNumberTerms } from '../domain/asset.ts'
import { mayBecome, type RespOrgStatus } from '../domain/numbers.ts'
import { campaignsOfNumbers } from '../store/campaigns.ts'
import type { PhoneNumberRow } from '../store/numbers.ts'
import { changeOne, type NumberAnswer, type NumberAsk } from './standing-number.ts'

/** What of a number shall be another. What is left out, or null, stays as it is. */
export interface NumberChanges {
  capabilities?: PhoneNumberRow['capabilities'] | null | undefined
  /** An exact decimal, in the account's currency. */
  monthlyCost?: string | null | undefined
  /** Empty: none. */
  cnam?: string | null | undefined
}

/** Changes what a number can do, costs or shows. What it is still needed for cannot be taken from it. */
export const changeNumber = (
  ctx: Context,
  { changes, ...ask }: NumberAsk & { changes: NumberChanges },
): Promise<NumberAnswer> =>
  changeOne(ctx, 'changeNumber', ask, async (number, tx) => {
    const capabilities = changes.capabilities ? [...new Set(changes.capabilities)] : number.capabilities
    const monthlyCost = changes.monthlyCost ?? number.monthlyCost
    const cnam = typeof changes.cnam === 'string' ? changes.cnam || null : number.cnam
    const flaw = flawInNumberTerms({ capabilities, monthlyCost, cnam })
    if (flaw) return invalid(`changes.${flaw.field}`, `changes.${flaw.field} ${flaw.problem}.`)
    const isLost = (each: 'VOICE' | 'SMS') =>
      number.capabilities.includes(each) && !capabilities.includes(each)
    if (isLost('VOICE') && number.e911Status !== 'NONE')
      return invalid(
        'changes.capabilities',
        'The number has an emergency address, so it must make calls. Remove the address first.',
        'HAS_EMERGENCY_ADDRESS',
      )
    if (isLost('SMS') && (await campaignsOfNumbers(tx, ctx.orgId, [number.id])).length > 0)
      return invalid(
        'changes.capabilities',
        'The number sends messages for a campaign. Take it out of the campaign first.',
        'IN_CAMPAIGN',
      )
    const after = { ...number, capabilities, monthlyCost, cnam }
    const isSame = (one: PhoneNumberRow, other: PhoneNumberRow) =>
      JSON.stringify({ ...one, monthlyCost: decimal(one.monthlyCost) }) ===
      JSON.stringify({ ...other, monthlyCost: decimal(other.monthlyCost) })
    return isSame(after, number) ? number : after
  })

/** Notes how far the responsibility for a toll-free number has come to us. */
export const setRespOrg = (
  ctx: Context,
  { id, status }: { id: string; status: RespOrgStatus },
): Promise<NumberAnswer> =>
  changeOne(ctx, 'setRespOrg', { id }, async (number) => {
    if (number.type !== 'TOLLFREE')
      return invalid('id', 'Only numbers that are free for the caller have a RespOrg.', 'NOT_TOLLFREE')
    if (number.respOrg === status) return number
    return mayBecome(number.respOrg, status)
      ? { ...number, respOrg: status }
      : invalid(
          'status',
          `It is ${number.respOrg}: the responsibility has to be asked for (PENDING) before it comes.`,
          'RESP_ORG_STEP_NOT_ALLOWED',
        )
  })
