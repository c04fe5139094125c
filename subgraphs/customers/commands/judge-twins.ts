import { idFrom, NO_ID } from '#kernel/ids.ts'
import type { InclusionRule } from '../domain/settings.ts'
import { reasonAgainst, type TwinFacts, type TwinPolicy, type TwinReason } from '../domain/twins.ts'
import type { Transaction } from '../store/transaction.ts'
import { companiesThatWere, withoutTwin } from '../store/twins.ts'

const AT_ONCE = 1_000

/** The id of the company that a customer is made in a portal: the same however often and by whom it is made. */
export const twinOf = (integrationId: string, customerId: string): string =>
  idFrom(integrationId, 'twin', customerId)

/**
 * Judges the customers that have no company, a page at a time: whom to make one, and why not the others. Of several with one web domain
 * only the first is made one. Nothing is changed.
 */
export async function* judgeTwins(
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  policy: Pick<TwinPolicy, 'systems' | 'conditions'>,
  inclusion: readonly InclusionRule[],
): AsyncGenerator<{ makes: TwinFacts[]; others: TwinReason[] }> {
  const taken = new Set<string>()
  for (let after = NO_ID; ; ) {
    const page = await withoutTwin(tx, place, policy.systems, { after, limit: AT_ONCE })
    const were = await companiesThatWere(
      tx,
      place.orgId,
      page.map(({ id }) => twinOf(place.integrationId, id)),
    )
    const judged = page.map((row) => {
      const facts = { ...row, wasMade: were.has(twinOf(place.integrationId, row.id)) }
      const against = reasonAgainst(facts, policy, inclusion)
      if (against || facts.domain === null) return { facts, against }
      if (taken.has(facts.domain)) return { facts, against: 'NAMESAKE' as const }
      taken.add(facts.domain)
      return { facts, against }
    })
    yield {
      makes: judged.flatMap(({ facts, against }) => (against ? [] : [facts])),
      others: judged.flatMap(({ against }) => against ?? []),
    }
    if (page.length < AT_ONCE) return
    after = page.at(-1)?.id ?? NO_ID
  }
}
