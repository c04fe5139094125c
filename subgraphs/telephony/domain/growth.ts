/** What months of growth say, from what they add up to. */
import Big from 'big.js'
import type { Decimal } from '#kernel/money.ts'

export interface Growth {
  liveAtBegin: number
  opened: number
  closed: number
  mrrBegin: Decimal
  mrrNew: Decimal
  mrrExpansion: Decimal
  mrrContraction: Decimal
  mrrChurned: Decimal
  seconds: number
  secondsBefore: number
}

const share = (part: Big, whole: Decimal): number | null =>
  new Big(whole).eq(0) ? null : part.div(whole).toNumber()

/** What live accounts paid a month when it ended. */
export const mrrEnd = (growth: Growth): Decimal =>
  new Big(growth.mrrBegin)
    .plus(growth.mrrNew)
    .plus(growth.mrrExpansion)
    .minus(growth.mrrContraction)
    .minus(growth.mrrChurned)
    .toFixed(4)

/** Of the accounts live at the beginning, the share that left; null when there were none. */
export const logoChurn = ({ closed, liveAtBegin }: Growth): number | null =>
  liveAtBegin === 0 ? null : closed / liveAtBegin

/** Of what was paid at the beginning, the share still paid at the end, without what anybody pays more; null when nothing was paid. */
export const grossRetention = ({ mrrBegin, mrrContraction, mrrChurned }: Growth): number | null =>
  share(new Big(mrrBegin).minus(mrrContraction).minus(mrrChurned), mrrBegin)

/** The same with what those that stayed pay more. */
export const netRetention = ({ mrrBegin, mrrExpansion, mrrContraction, mrrChurned }: Growth): number | null =>
  share(new Big(mrrBegin).plus(mrrExpansion).minus(mrrContraction).minus(mrrChurned), mrrBegin)

/** How many minutes more than in the month before, as a share of those; null when there were none. */
export const minutesGrowth = ({ seconds, secondsBefore }: Growth): number | null =>
  secondsBefore === 0 ? null : (seconds - secondsBefore) / secondsBefore
