import { pausesIn } from '#sync/pauses.ts'

export const pauses = pausesIn('customers')
export const { pausesOf } = pauses
