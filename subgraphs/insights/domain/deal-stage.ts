import type { Known } from './facts.ts'
import { within } from './measuring.ts'
import type { Signal } from './signal.ts'

const QUOTE_DAYS = 90
const ENDED_DAYS = 30

/** Rules in their order: the first that finds a fact says the stage. Names are those of the sales pipeline that every HubSpot portal begins with. */
const rules: readonly { stage: string; kind: 'rfq' | 'deal'; label: string; days: number | null }[] = [
  { stage: 'contractsent', kind: 'rfq', label: 'QUOTED', days: QUOTE_DAYS },
  { stage: 'presentationscheduled', kind: 'rfq', label: 'OPEN', days: QUOTE_DAYS },
  { stage: 'qualifiedtobuy', kind: 'deal', label: 'open', days: null },
  { stage: 'closedwon', kind: 'deal', label: 'won', days: ENDED_DAYS },
  { stage: 'closedlost', kind: 'deal', label: 'lost', days: ENDED_DAYS },
]

/** The stage that a company's business seems to be in, null when it has none; and when time alone makes it another. */
export const dealStageOf = (
  known: Known,
  isQualified: boolean,
): { stage: string | null; changesAt: Date | null } => {
  for (const { stage, kind, label, days } of rules) {
    const said = known.facts(kind).filter((s) => s.label === label)
    if (days === null) {
      if (said.length > 0) return { stage, changesAt: null }
      continue
    }
    const at = (s: Signal) => (kind === 'deal' ? s.endedAt : s.happenedAt)
    const { kept, changesAt } = within(said, at, days, known.asOf)
    // It stands as long as the youngest of them, and is looked at again when the oldest is over.
    if (kept.length > 0) return { stage, changesAt }
  }
  // A company that was qualified and has no business yet is to be met.
  return { stage: isQualified ? 'appointmentscheduled' : null, changesAt: null }
}
