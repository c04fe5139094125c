import type { LoggedEvent } from '#events/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { readEvent } from '#schema/events.ts'
import { type PersonMarks, speaksOf } from '#schema/person-marks.ts'
import { openTurn, type SaidTurn, wordsOf } from '../domain/conversation.ts'
import { deleteTurns, type TurnPlace, turnsBehind } from '../store/conversations.ts'
import { forgetAnswers } from '../store/keyed-requests.ts'
import type { Transaction } from '../store/transaction.ts'

export const PERSON_ERASED = 'customers.person.erased'

/** As many turns are opened at a time. */
const PAGE = 500

/**
 * Forgets what was said about persons who were erased: turns of conversations that name one of them or a record of theirs, whoever said them,
 * and those that nobody can open to look. Kept answers are sealed with keys that the hub does not have, so all of the organisation go: what they
 * answered stays done, and is not done twice. Safe to repeat. All turns are looked at once, however many persons a batch tells of.
 */
export const forgetPersons = async (
  tx: Transaction,
  { orgId, vault }: { orgId: string; vault: Vault },
  events: readonly LoggedEvent[],
): Promise<void> => {
  const told = events.map(({ version, payload }) => readEvent(PERSON_ERASED, version, payload))
  const erased = {
    contactIds: told.flatMap(({ contactIds }) => contactIds),
    marks: told.flatMap(({ marks }) => marks ?? []),
  }
  await forgetAnswers(tx, orgId)
  let after: TurnPlace | null = null
  do {
    const page: Awaited<ReturnType<typeof turnsBehind>> = await turnsBehind(tx, orgId, after, PAGE)
    const gone = page.filter((sealed) => {
      const turn = openTurn(vault, orgId, sealed.conversationId, sealed)
      return turn === undefined || isAbout(turn, { orgId, vault }, erased)
    })
    if (gone.length > 0) await deleteTurns(tx, orgId, gone)
    after = page.length < PAGE ? null : (page.at(-1) ?? null)
  } while (after !== null)
}

/** Whether a turn speaks of one of these persons, by what they are known by or by the id of a record of theirs. */
const isAbout = (
  turn: SaidTurn,
  { orgId, vault }: { orgId: string; vault: Vault },
  { contactIds, marks }: { contactIds: readonly string[]; marks: readonly PersonMarks[] },
): boolean => {
  const text = wordsOf(turn)
  return contactIds.some((id) => text.includes(id)) || speaksOf(vault, orgId, text, marks)
}
