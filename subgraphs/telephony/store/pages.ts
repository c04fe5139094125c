import type { CountedPage } from '#service/connection.ts'
import type { BillingAccountRow } from './accounts.ts'
import type { PhoneNumberRow, TrunkRow } from './assets.ts'

export type BillingAccountConnectionRow = CountedPage<BillingAccountRow>
export type TrunkConnectionRow = CountedPage<TrunkRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
