import type { AskedSettings } from './changing-settings.ts'
import type { Direction, Frequency } from './settings.ts'

/** A connection as an earlier product's callers ask for it. */
export interface CrmWords {
  crmType: string
  accessToken: string
  refreshToken?: string | null
  name?: string | null
  syncDirection?: string | null
  syncFrequency?: string | null
  autoEnrich?: boolean | null
  autoScore?: boolean | null
  autoAssign?: boolean | null
  autoCreateTasks?: boolean | null
  autoCreateDeals?: boolean | null
}

/** Words for how often that callers of then may use. */
const OLD_FREQUENCIES: Readonly<Record<string, Frequency>> = {
  '5min': 'FIVE_MINUTES',
  '5_minutes': 'FIVE_MINUTES',
  every_5_minutes: 'FIVE_MINUTES',
}

/** The same in our words; what is no word of ours stays as it is, and is refused where words are checked. */
export const crmAsk = ({
  crmType,
  accessToken,
  refreshToken,
  syncDirection,
  syncFrequency,
  ...settings
}: CrmWords) => {
  if (crmType.trim().toLowerCase() !== 'hubspot')
    return {
      __typename: 'Invalid' as const,
      code: 'INVALID',
      message: 'The hub connects one kind of CRM: hubspot.',
      field: 'crm_type',
    }
  const word = (text: string | null | undefined) => text?.trim().toUpperCase().replaceAll('-', '_')
  const asked: AskedSettings = {
    ...settings,
    ...(syncDirection ? { direction: word(syncDirection) as Direction } : {}),
    ...(syncFrequency
      ? {
          frequency:
            OLD_FREQUENCIES[syncFrequency.trim().toLowerCase()] ?? (word(syncFrequency) as Frequency),
        }
      : {}),
  }
  return { accessToken, refreshToken: refreshToken ?? null, integrationId: null, settings: asked }
}
