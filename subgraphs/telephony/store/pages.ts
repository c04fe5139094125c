import type { CountedPage } from '#service/connection.ts'
import type { TelephonyAlertRow } from '../domain/alerts.ts'
import type { BillingAccountRow } from './accounts.ts'
import type { TrunkRow } from './assets.ts'
import type { MessagingCampaignRow } from './messaging.ts'
import type { PhoneNumberRow } from './numbers.ts'
import type { PortOrderRow } from './ports.ts'

export type BillingAccountConnectionRow = CountedPage<BillingAccountRow>
export type TrunkConnectionRow = CountedPage<TrunkRow>
export type TelephonyAlertConnectionRow = CountedPage<TelephonyAlertRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
export type PortOrderConnectionRow = CountedPage<PortOrderRow>
export type MessagingCampaignConnectionRow = CountedPage<MessagingCampaignRow>
