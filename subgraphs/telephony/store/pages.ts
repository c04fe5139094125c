import type { CountedPage } from '#service/connection.ts'
import type { TelephonyAlertRow } from '../domain/alerts.ts'
import type { BillingAccountRow } from './accounts.ts'
import type { PhoneNumberRow, TrunkRow } from './assets.ts'

export type BillingAccountConnectionRow = CountedPage<BillingAccountRow>
export type TrunkConnectionRow = CountedPage<TrunkRow>
export type TelephonyAlertConnectionRow = CountedPage<TelephonyAlertRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
