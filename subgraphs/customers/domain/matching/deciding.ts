import { type Candidate, SYSTEM_RANK } from './judgement.ts'

/** Why a candidate cannot be decided so: a stable code, and what to do instead. */
export interface Undecidable {
  code: string
  message: string
}

const refused = (code: string, message: string): Undecidable => ({ code, message })

const isGone = ({ state }: Candidate): Undecidable | undefined =>
  state === 'GONE'
    ? refused(
        'GONE',
        'One of the accounts is no more, or they are no longer alike. Link them by hand if they are one.',
      )
    : undefined

/** Why a candidate cannot be accepted; undefined when it can. */
export const mayAccept = (candidate: Candidate): Undecidable | undefined => {
  if (candidate.kind === 'DUPLICATE')
    return refused('ONE_SYSTEM', 'One system keeps both accounts. Merge them there; the hub follows.')
  if (candidate.state === 'REJECTED') return refused('REJECTED', 'Somebody has rejected it. Reopen it first.')
  return isGone(candidate)
}

/** Why a candidate cannot be rejected; undefined when it can. */
export const mayReject = (candidate: Candidate): Undecidable | undefined => {
  if (candidate.state === 'REJECTED') return refused('REJECTED', 'Somebody has rejected it already.')
  if (candidate.state === 'LINKED')
    return refused('LINKED', 'They are one customer. Take one of the accounts away from it instead.')
  return isGone(candidate)
}

/** Why a decision cannot be taken back; undefined when it can. */
export const mayReopen = ({ state }: Candidate): Undecidable | undefined =>
  state === 'REJECTED'
    ? undefined
    : refused('NOT_REJECTED', 'Nobody has rejected it. What is linked is undone by taking an account away.')

interface Account {
  system: 'HUBSPOT' | 'C3' | 'WARP'
  account_id: string
  integration_id: string | null
}

/** Two accounts, that first whose customer the other one comes to: HubSpot's before C3's and WARP's. */
export const leadingFirst = <T extends Account>(a: T, b: T): [T, T] =>
  SYSTEM_RANK[a.system] <= SYSTEM_RANK[b.system] ? [a, b] : [b, a]

/** Whether one portal or one C3 keeps both. A business has as many billing accounts as it likes. */
export const sharesSource = (a: Account, b: Account): boolean =>
  a.system !== 'WARP' && a.system === b.system && a.integration_id === b.integration_id
