/** Where a request for prices stands, in our words. */
export const rfqStatuses = ['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED'] as const
export type RfqStatus = (typeof rfqStatuses)[number]

const fromC3: Record<string, RfqStatus> = {
  NEW: 'OPEN',
  QUOTED: 'QUOTED',
  ORDERED: 'WON',
  LOST: 'LOST',
  LAPSED: 'EXPIRED',
}

/** C3's word for a status in ours. A word this hub does not know counts as open: nobody has decided it, as far as we can tell. */
export const rfqStatusOf = (c3Status: string): RfqStatus => fromC3[c3Status] ?? 'OPEN'
