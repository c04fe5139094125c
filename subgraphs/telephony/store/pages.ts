import type { CountedPage } from '#service/connection.ts'
import type { PhoneNumberRow, TrunkRow } from './assets.ts'

export type TrunkConnectionRow = CountedPage<TrunkRow>
export type PhoneNumberConnectionRow = CountedPage<PhoneNumberRow>
