import type {
  MessagingCampaignConnectionResolvers,
  PhoneNumberConnectionResolvers,
  PortOrderConnectionResolvers,
  TrunkConnectionResolvers,
} from '#schema/generated/telephony.types.ts'
import { counted } from '#service/connection.ts'

export const TrunkConnection: TrunkConnectionResolvers = counted
export const PhoneNumberConnection: PhoneNumberConnectionResolvers = counted
export const PortOrderConnection: PortOrderConnectionResolvers = counted
export const MessagingCampaignConnection: MessagingCampaignConnectionResolvers = counted
