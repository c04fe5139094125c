import type {
  BillingAccountConnectionResolvers,
  PhoneNumberConnectionResolvers,
  TelephonyAlertConnectionResolvers,
  TrunkConnectionResolvers,
} from '#schema/generated/telephony.types.ts'
import { counted } from '#service/connection.ts'

export const BillingAccountConnection: BillingAccountConnectionResolvers = counted
export const TrunkConnection: TrunkConnectionResolvers = counted
export const TelephonyAlertConnection: TelephonyAlertConnectionResolvers = counted
export const PhoneNumberConnection: PhoneNumberConnectionResolvers = counted
