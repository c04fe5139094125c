import type { CountedPage } from '#service/connection.ts'
import type { TrunkRow } from './assets.ts'
import type { MessagingCampaignRow } from './messaging.ts'
import type { PhoneNumberRow } from './numbers.ts'
import type { PortOrderRow } from './ports.ts'

export type TrunkConnectionRow = CountedPage<TrunkRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
export type PortOrderConnectionRow = CountedPage<PortOrderRow>
export type MessagingCampaignConnectionRow = CountedPage<MessagingCampaignRow>
