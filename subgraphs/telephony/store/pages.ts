import type { CountedPage } from '#service/connection.ts'
import type { TelephonyAlertRow } from '../domain/alerts.ts'
import type { PhoneNumberRow, TrunkRow } from './assets.ts'

export type TrunkConnectionRow = CountedPage<TrunkRow>
export type TelephonyAlertConnectionRow = CountedPage<TelephonyAlertRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
