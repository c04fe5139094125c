import type { Receipt } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, missing } from '#service/refusal.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Standstill } from '../vendor.ts'

/** How what is answered names the vendor and shows its runs. */
export interface Words<Run> {
  /** What people call it. */
  vendor: string
  run(run: RunProgress): Run
  /** Where a vendor says it in other words. */
  standstill?: Partial<Record<Standstill, string>>
}

export const BUSY =
  'A sync of this connection is under way or holds. Wait for its end, or stop it, then ask again.'

/** That a connection is being read. */
export const busy = (): InvalidRefusal => invalid(null, BUSY, 'BUSY')

/** Why a connection cannot be read now, for people. */
export const standstills = (vendor: string): Readonly<Record<Standstill, string>> => ({
  ambiguous: `There are several ${vendor} connections: name one.`,
  'signed out': `The connection to ${vendor} no longer works. Connect it again, then sync.`,
  outward: `This connection only sends to ${vendor}. Change its direction, then sync.`,
  paused: 'Somebody has paused this connection. Resume it, then sync.',
})

/** What asking for a sync, stopping one and letting one go on answers. */
export const runAnswers = <Run>({ vendor, run: shown, standstill: own }: Words<Run>) => {
  const standstill = { ...standstills(vendor), ...own }
  return {
    started: (started: { run: RunProgress; receipt: Receipt } | Standstill | null) => {
      if (started === null) return missing(`The ${vendor} connection`)
      if (typeof started === 'string') return invalid('integrationId', standstill[started])
      return { __typename: 'SyncStarted' as const, run: shown(started.run), receipt: started.receipt }
    },

    cancelled: (run: RunProgress | 'over' | null) => {
      if (run === null) return missing('The run')
      if (run === 'over') return invalid('runId', 'This run is over already.')
      return { __typename: 'SyncCancelled' as const, run: shown(run) }
    },

    goesOn: (approved: { run: RunProgress; receipt: Receipt } | 'moved' | null) => {
      if (approved === null) return missing('The run')
      if (approved === 'moved')
        return invalid('holdId', 'This run does not hold, or for another reason by now. Look at it again.')
      return { __typename: 'RunApproved' as const, run: shown(approved.run), receipt: approved.receipt }
    },
  }
}
