import { invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  decided,
  type EmergencyAddress,
  flawInAddress,
  readAddress,
  whyNoAddress,
  withoutAddress,
} from '../domain/emergency.ts'
import { NO_ADDRESS } from '../domain/numbers.ts'
import { flawInReason } from '../domain/texts.ts'
import { changeOne, type NumberAnswer } from './standing-number.ts'

/** The same address, however its small letters were written. */
const isSame = (one: EmergencyAddress | undefined, other: EmergencyAddress): boolean =>
  JSON.stringify(one ? readAddress(one) : null).toLowerCase() === JSON.stringify(other).toLowerCase()

/**
 * Says where emergency services go when somebody calls them from a number, and that the provider is to be asked. The same address again
 * changes nothing, unless it was refused: then the provider is asked once more.
 */
export const setEmergencyAddress = (
  ctx: Context,
  { id, address: told }: { id: string; address: Parameters<typeof readAddress>[0] },
): Promise<NumberAnswer> =>
  changeOne(ctx, 'setEmergencyAddress', { id }, async (number) => {
    const why = whyNoAddress(number)
    if (why) return invalid('id', why, 'NO_EMERGENCY_CALLS')
    const address = readAddress(told)
    const flaw = flawInAddress(address)
    if (flaw) return invalid(flaw.field, `${flaw.field} ${flaw.problem}.`)
    const { addresses } = ctx
    if (!addresses)
      return invalid(
        null,
        'The hub has no encryption keys, and keeps no address without. Whoever runs it has to set HUB_ENCRYPTION_KEYS.',
        'NO_ENCRYPTION_KEYS',
      )
    const held = number.e911Address === null ? undefined : addresses.open(number.id, number.e911Address)
    const isKnown = isSame(held, address)
    if (isKnown && number.e911Status !== 'REJECTED') return number
    return {
      ...number,
      e911Status: 'PENDING',
      e911Reason: null,
      e911Address: addresses.seal(number.id, address),
      e911Hash: isKnown ? number.e911Hash : addresses.mark(address),
    }
  })

/** Forgets where a number calls from. */
export const removeEmergencyAddress = (ctx: Context, { id }: { id: string }): Promise<NumberAnswer> =>
  changeOne(ctx, 'removeEmergencyAddress', { id }, async (number) =>
    number.e911Status === 'NONE' ? number : { ...number, ...NO_ADDRESS },
  )

/** Notes what the provider says about the address that a mark stands for. Told again, it changes nothing; said of another address, neither. */
export const decideEmergencyAddress = (
  ctx: Context,
  {
    id,
    decision,
    hash,
    reason,
  }: { id: string; decision: 'REGISTERED' | 'REJECTED'; hash: string; reason: string | null },
): Promise<NumberAnswer> =>
  changeOne(ctx, 'decideEmergencyAddress', { id }, async (number) => {
    if (number.e911Hash !== hash)
      return invalid(
        'hash',
        'The number has another address now, or none. Ask for it again.',
        'ANOTHER_ADDRESS',
      )
    if (decision === 'REJECTED' && !reason) return invalid('reason', 'Say why, so that it can be put right.')
    const problem = reason ? flawInReason(reason) : null
    if (problem) return invalid('reason', `reason ${problem}.`)
    const held = number.e911Address && ctx.addresses?.open(number.id, number.e911Address)
    const after = decided(number, decision, reason && held ? withoutAddress(reason, held) : reason)
    const isKnown = after.e911Status === number.e911Status && after.e911Reason === number.e911Reason
    return isKnown ? number : after
  })
