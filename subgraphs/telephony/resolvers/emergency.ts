import type { MutationResolvers, PhoneNumberResolvers } from '#schema/generated/telephony.types.ts'
import {
  decideEmergencyAddress,
  removeEmergencyAddress,
  setEmergencyAddress,
} from '../commands/set-emergency-address.ts'
import { changed } from './numbers.ts'

export const numberEmergency: Pick<PhoneNumberResolvers, 'emergencyAddress'> = {
  emergencyAddress: ({ id, e911Address }, _, ctx) =>
    (e911Address !== null && ctx.addresses?.open(id, e911Address)) || null,
}

export const emergencyMutations: Pick<
  MutationResolvers,
  'setEmergencyAddress' | 'removeEmergencyAddress' | 'decideEmergencyAddress'
> = {
  setEmergencyAddress: async (_, { id, address }, ctx) =>
    changed(await setEmergencyAddress(ctx, { id, address: { ...address, unit: address.unit ?? null } })),
  removeEmergencyAddress: async (_, args, ctx) => changed(await removeEmergencyAddress(ctx, args)),
  decideEmergencyAddress: async (_, { reason = null, ...args }, ctx) =>
    changed(await decideEmergencyAddress(ctx, { ...args, reason })),
}
