import type {
  BillingAccountConnectionResolvers,
  PhoneNumberConnectionResolvers,
  TrunkConnectionResolvers,
} from '#schema/generated/telephony.types.ts'
import { counted } from '#service/connection.ts'

export const BillingAccountConnection: BillingAccountConnectionResolvers = counted
export const TrunkConnection: TrunkConnectionResolvers = counted
export const PhoneNumberConnection: PhoneNumberConnectionResolvers = counted
