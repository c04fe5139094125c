import type { Clock } from '#kernel/clock.ts'
import { basketGatherer } from '../domain/buying/baskets.ts'
import { gatherer, learnBuying } from '../domain/buying/learning.ts'
import {
  isWorthLearning,
  PURCHASE_KINDS,
  type PurchaseKind,
  purchasesOf,
} from '../domain/buying/purchases.ts'
import { knownAt } from '../domain/facts.ts'
import { DAY } from '../domain/measuring.ts'
import { customersAfter } from '../store/customers.ts'
import { heldModels, newestModel } from '../store/models.ts'
import { countPurchaseFacts } from '../store/purchase-facts.ts'
import { signalsOf } from '../store/signals.ts'
import type { Rows } from '../store/transaction.ts'
import { holdModels, type NewModel } from './hold-models.ts'
import { inTurns } from './in-turns.ts'

const PAGE = 500

interface Around {
  database: Pick<Rows, 'read' | 'transaction'>
  clock: Clock
  signal?: AbortSignal
}

/**
 * Learns from what all customers of an organisation have bought: how often they buy again and for how much, and what is bought together. Only when a
 * month has passed, or there are a tenth more facts. Customers are read page by page, and of each a few numbers are kept; while the sums are
 * done, others have the thread between any two steps.
 * @returns whether anything was kept
 */
export const learnFromPurchasesOf = async (
  orgId: string,
  { database, clock, signal }: Around,
): Promise<boolean> => {
  const at = clock.now()
  const { facts, newest, baskets, held } = await database.read(orgId, async (tx) => ({
    facts: await countPurchaseFacts(tx, orgId),
    newest: await newestModel(tx, orgId, 'buying'),
    baskets: await newestModel(tx, orgId, 'baskets'),
    held: await heldModels(tx, orgId),
  }))
  if (!isWorthLearning(facts, newest && { facts: newest.report.facts ?? 0, at: newest.learnedAt }, at))
    return false

  const today = Math.floor(at.getTime() / DAY)
  const gatherers: Record<PurchaseKind, ReturnType<typeof gatherer>> = {
    ORDER: gatherer('ORDER', today),
    DEAL: gatherer('DEAL', today),
  }
  const together = basketGatherer(at)
  for (let after = ''; ; ) {
    if (signal?.aborted) return false
    const ids = await database.read(orgId, (tx) => customersAfter(tx, orgId, after, PAGE))
    const signals = await database.read(orgId, (tx) => signalsOf(tx, orgId, ids, PURCHASE_KINDS))
    for (const id of ids) {
      const bought = purchasesOf(knownAt(signals.get(id), at))
      if (!bought) continue
      gatherers[bought.kind].take(bought)
      together.take(bought)
    }
    const last = ids.at(-1)
    if (last === undefined) break
    after = last
  }

  // Of the kind of which there is more: a model is of one kind.
  const [gathered] = [gatherers.ORDER.gathered(), gatherers.DEAL.gathered()].sort(
    (a, b) => b.purchases - a.purchases,
  )
  const worked = await inTurns(learnBuying(gathered!, held.buying ?? null), signal)
  if (!worked) return false
  const learned = worked.found
  const models: NewModel[] = [
    {
      ...{ name: 'buying', learned: learned?.model ?? null, isHeld: learned?.isBetter ?? false },
      report: { ...learned?.report, facts },
    },
  ]
  const found = together.learned()
  const isSame =
    found !== null &&
    JSON.stringify({ ...found, version: held.baskets?.version }) === JSON.stringify(held.baskets)
  if (found && !isSame)
    models.push({
      ...{ name: 'baskets', learned: found, isHeld: true },
      report: { rules: found.rules.length, categories: Object.keys(found.categories).length },
    })
  const seen = { buying: newest?.version ?? 0, baskets: baskets?.version ?? 0 }
  await database.transaction(orgId, (tx) => holdModels(tx, orgId, models, seen, at))
  return true
}
