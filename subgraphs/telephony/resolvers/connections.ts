import type {
  BillingAccountConnectionResolvers,
  MessagingCampaignConnectionResolvers,
  PhoneNumberConnectionResolvers,
  PortOrderConnectionResolvers,
  TelephonyAlertConnectionResolvers,
  TrunkConnectionResolvers,
} from '#schema/generated/telephony.types.ts'
import { counted } from '#service/connection.ts'

export const BillingAccountConnection: BillingAccountConnectionResolvers = counted
export const TrunkConnection: TrunkConnectionResolvers = counted
export const TelephonyAlertConnection: TelephonyAlertConnectionResolvers = counted
export const PhoneNumberConnection: PhoneNumberConnectionResolvers = counted
export const PortOrderConnection: PortOrderConnectionResolvers = counted
export const MessagingCampaignConnection: MessagingCampaignConnectionResolvers = counted
