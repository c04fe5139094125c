import { pausesIn } from '#sync/pauses.ts'

export const pauses = pausesIn('inventory')
export const { pausesOf } = pauses
