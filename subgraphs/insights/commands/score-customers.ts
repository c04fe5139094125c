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
import { momentAfter } from '../domain/moment.ts'
import { settingsOf } from '../domain/settings.ts'
import { type Due, organisationsWithWork, settle, takeDue } from '../store/customers.ts'
import { heldModels } from '../store/models.ts'
import { seriesOf } from '../store/series.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { followAccounts } from './follow-accounts.ts'
import type { Gone, Judged, Keeper, Told } from './keeper.ts'
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
  if (due.length > 0) await judge(tx, orgId, due, now)
  return due.length
}

/**
 * Judges customers that are taken, and tells what moved.
 * @throws what any of them cannot be judged for: then none of them is
 */
export const judge = async (
  tx: Transaction,
  orgId: string,
  due: readonly Due[],
  now: Date,
): Promise<void> => {
  const [living, gone] = [due.filter((row) => row.isAlive), due.filter((row) => !row.isAlive)]
  const ids = living.map((row) => row.customerId)
  // After the customers are taken: whoever changes the settings makes those due anew that somebody holds.
  const settings = settingsOf((await heldSettings(tx, orgId)).document)
  const models = await heldModels(tx, orgId)
  const signals = await signalsOf(tx, orgId, ids, kindsJudged)
  const series = await seriesOf(tx, orgId, ids, seriesRead)
  const stands = await recallAll(
    tx,
    orgId,
    due.map((row) => row.customerId),
  )
  const followed = await followAccounts(tx, orgId, due, stands, now)
  const outcomes = living.map((row): Outcome => {
    const held = stands(row.customerId)
    const memories = followed.memories.get(row.customerId) ?? held
    const asOf = moment(now, held)
    return {
      row,
      held,
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
  const told: Told[] = [...followed.told]
  for (const name of assessorNames) {
    const keeper = keepers[name] as Keeper<AssessorName>
    const judged = outcomes.map((outcome) => judgedBy(name, outcome))
    await keeper.save(tx, orgId, judged)
    if (gone.length > 0) {
      told.push(...(await keeper.forget(tx, orgId, gone.map(goneBy(name, stands, now)))))
    }
    told.push(...judged.flatMap((one) => keeper.tell(one, orgId)))
  }
  await settle(tx, orgId, [
    ...outcomes.map(({ row: { customerId, accounts }, dueAt }) => ({ customerId, accounts, dueAt })),
    ...gone.map(({ customerId, accounts }) => ({ customerId, accounts, dueAt: null })),
  ])
  await publish(tx, orgId, told, now)
  const judged = outcomes.map(({ row, found, held }) => ({
    ...{ customerId: row.customerId, isChanged: row.isChanged, was: held.health, is: found.health },
  }))
  await wantEnrichment(tx, orgId, settings.enrichment, judged, now)
}

/** Organisations with customers to score now. Asked as relay, across organisations. */
export const organisationsToScore = (tx: object, now: Date): Promise<string[]> =>
  organisationsWithWork(asTransaction(tx), now)

interface Outcome {
  row: Due
  held: Partial<Memories>
  memories: Partial<Memories>
  found: Assessment
  dueAt: Date | null
}

const judgedBy = <N extends AssessorName>(name: N, { row, found, held, memories }: Outcome): Judged<N> => ({
  customerId: row.customerId,
  identityVersion: row.identityVersion,
  found: found[name],
  held: held[name],
  memory: memories[name],
})

const goneBy =
  <N extends AssessorName>(name: N, held: (customerId: string) => Partial<Memories>, now: Date) =>
  ({ customerId }: Due): Gone<N> => ({
    ...{ customerId, held: held(customerId)[name], at: moment(now, held(customerId)) },
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

/** Each judgement of a customer has a moment of its own, so that history keeps it also when two fall into one millisecond. */
const moment = (now: Date, memories: Partial<Memories>): Date =>
  momentAfter(
    now,
    Object.values(memories).map(({ asOf }) => asOf),
  )
