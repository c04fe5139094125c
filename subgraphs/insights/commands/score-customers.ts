import { publish } from '#events/outbox.ts'
import {
  type Assessment,
  type AssessorName,
  assess,
  assessorNames,
  type Memories,
  seriesRead,
} from '../domain/assess.ts'
import { kindsJudged } from '../domain/facts.ts'
import { settingsOf } from '../domain/settings.ts'
import { type Due, organisationsWithWork, settle, takeDue } from '../store/customers.ts'
import { heldModels } from '../store/models.ts'
import { seriesOf } from '../store/series.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import type { Judged, Keeper } from './keeper.ts'
import { keepers } from './keepers.ts'
import { wantEnrichment } from './want-enrichment.ts'

/**
 * Judges anew up to `limit` customers of one organisation whose facts changed or whose time has come; tells what moved.
 * A constant number of statements. Safe to run from several processes at once: each takes other customers.
 * @returns how many were taken; 0 when there is nothing to do
 */
export const scoreOrganisation = async (
  transaction: object,
  orgId: string,
  now: Date,
  limit: number,
): Promise<number> => {
  const tx = asTransaction(transaction)
  const due = await takeDue(tx, orgId, now, limit)
  if (due.length === 0) return 0
  const [living, gone] = [due.filter((row) => row.isAlive), due.filter((row) => !row.isAlive)]
  const ids = living.map((row) => row.customerId)
  // After the customers are taken: whoever changes the settings makes those due anew that somebody holds.
  const settings = settingsOf((await heldSettings(tx, orgId)).document)
  const models = await heldModels(tx, orgId)
  const signals = await signalsOf(tx, orgId, ids, kindsJudged)
  const series = await seriesOf(tx, orgId, ids, seriesRead)
  const recall = await recallAll(tx, orgId, ids)
  const outcomes = living.map((row): Outcome => {
    const memories = recall(row.customerId)
    const asOf = moment(now, memories)
    return {
      row,
      memories,
      ...assess(
        signals.get(row.customerId),
        series.get(row.customerId) ?? [],
        { settings, models },
        asOf,
        memories,
      ),
    }
  })
  const told: Parameters<typeof publish>[2][number][] = []
  for (const name of assessorNames) {
    const keeper = keepers[name] as Keeper<AssessorName>
    const judged = outcomes.map((outcome) => judgedBy(name, outcome))
    await keeper.save(tx, orgId, judged)
    if (gone.length > 0) {
      const ids = gone.map((row) => row.customerId)
      told.push(...(await keeper.forget(tx, orgId, ids, now)))
    }
    told.push(...judged.flatMap((one) => keeper.tell(one, orgId)))
  }
  await settle(tx, orgId, [
    ...outcomes.map(({ row, dueAt }) => ({ customerId: row.customerId, dueAt })),
    ...gone.map((row) => ({ customerId: row.customerId, dueAt: null })),
  ])
  await publish(tx, orgId, told, now)
  const judged = outcomes.map(({ row, found, memories }) => ({
    ...{ customerId: row.customerId, isChanged: row.isChanged, was: memories.health, is: found.health },
  }))
  const left = gone.map((row) => row.customerId)
  await wantEnrichment(tx, orgId, settings.enrichment, judged, left, now)
  return due.length
}

/** Organisations with customers to score now. Asked as relay, across organisations. */
export const organisationsToScore = (tx: object, now: Date): Promise<string[]> =>
  organisationsWithWork(asTransaction(tx), now)

interface Outcome {
  row: Due
  memories: Partial<Memories>
  found: Assessment
  dueAt: Date | null
}

const judgedBy = <N extends AssessorName>(name: N, { row, found, memories }: Outcome): Judged<N> => ({
  customerId: row.customerId,
  identityVersion: row.identityVersion,
  found: found[name],
  memory: memories[name],
})

/** What each assessor found the last time, by customer: a statement of each. */
const recallAll = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<(customerId: string) => Partial<Memories>> => {
  const found: [AssessorName, Map<string, Memories[AssessorName]>][] = []
  for (const name of assessorNames) found.push([name, await keepers[name].recall(tx, orgId, ids)])
  return (customerId) =>
    Object.fromEntries(
      found.flatMap(([name, all]) => (all.has(customerId) ? [[name, all.get(customerId)]] : [])),
    )
}

const TELLABLE_MS = 1000

/** Each judgement of a customer has a moment of its own, so that history keeps it also when two fall into one millisecond. */
const moment = (now: Date, memories: Partial<Memories>): Date => {
  const lead = Math.max(-1, ...Object.values(memories).map((last) => last.asOf.getTime() - now.getTime()))
  // Farther ahead is a clock that was wrong, and not to be followed.
  return lead >= 0 && lead < TELLABLE_MS ? new Date(now.getTime() + lead + 1) : now
}
