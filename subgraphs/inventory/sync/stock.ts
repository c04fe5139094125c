import { createHash } from 'node:crypto'
import type { NewEvent } from '#events/outbox.ts'
import type { Plan } from '#sync/plan.ts'
import type { Applying } from '#sync/target.ts'
import type { Values } from '#sync/values.ts'
import { LIFECYCLES, type Lifecycle } from '../domain/lifecycle.ts'
import { baseNumber, normalNumber } from '../domain/part-numbers.ts'
import { areAsTold, keepTold, upsertComponents, type WrittenComponent } from '../store/components.ts'
import { markGone } from '../store/gone.ts'
import { upsertStock } from '../store/stock.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { writingParts } from './orders.ts'
import { changesOf, goneIds, maybeText, text } from './read-values.ts'
import { componentId } from './record-ids.ts'
import { lookAtStock } from './stock-alerts.ts'
import type { ToldPart } from './values.ts'

/** A part as the last of its rows tells of it. */
interface Told {
  id: string
  partNumber: string
  manufacturer: string
  /** JSON text. */
  words: string
}

/** Writes stock rows and what they tell of their parts. */
export const writeStock = async (tx: object, plan: Plan, around: Applying): Promise<NewEvent[]> => {
  const { orgId, connectionId, at } = around
  const parts = new Map<string, Told>()
  const told = changesOf(plan).map(({ localId: id, externalId, values }) => {
    const part = toldOf(orgId, values)
    parts.set(part.id, part)
    return { id, externalId, values, part }
  })
  const orders = await writeParts(asTransaction(tx), orgId, [...parts.values()], at)
  const rows = told.map(({ id, externalId, values, part }) => ({
    id,
    connectionId,
    componentId: part.id,
    partNumber: part.partNumber,
    c3StockId: externalId,
    location: text(values, 'location'),
    quantityAvailable: Number(values.quantityAvailable),
    quantityReserved: Number(values.quantityReserved),
    costPerUnit: text(values, 'costPerUnit'),
    currency: text(values, 'currency'),
    dateCode: maybeText(values, 'dateCode'),
    lotCode: maybeText(values, 'lotCode'),
    receivedOn: maybeText(values, 'receivedOn'),
    priceBreaks: text(values, 'priceBreaks') || '[]',
    part: parts.get(part.id)?.words === part.words ? null : part.words,
    c3LastSync: at,
  }))
  await upsertStock(asTransaction(tx), orgId, rows)
  await markGone(asTransaction(tx), 'inventory', orgId, goneIds(plan), at)
  // Nobody outside follows single stock rows: a sync of thousands would drown what others wait for. What is scarce is told.
  const alerts = await lookAtStock(
    asTransaction(tx),
    orgId,
    {
      stockIds: [...rows.map(({ id }) => id), ...goneIds(plan)],
      newIds: new Set(plan.creates.map(({ localId }) => localId)),
    },
    at,
  )
  return [...orders, ...alerts]
}

const toldOf = (orgId: string, values: Values): Told => {
  const [partNumber, manufacturer] = [text(values, 'partNumber'), text(values, 'manufacturer')]
  const id = componentId(orgId, manufacturer, partNumber)
  return { id, partNumber, manufacturer, words: text(values, 'part') || '{}' }
}

/** Writes the parts that are not as they are told, as most are: each has several rows that say the same of it. Tells of their orders. */
const writeParts = async (
  tx: Transaction,
  orgId: string,
  parts: readonly Told[],
  at: Date,
): Promise<NewEvent[]> => {
  if (parts.length === 0) return []
  const hashOf = (words: string) => createHash('sha256').update(words).digest('hex')
  const known = await areAsTold(
    tx,
    orgId,
    new Map(parts.map(({ id, words }) => [id, hashOf(words)] as const)),
  )
  const news = parts.filter(({ id }) => known.get(id) !== true)
  await keepTold(
    tx,
    orgId,
    news.map(({ id }) => id).filter((id) => known.has(id)),
  )
  const components = news.map(componentOf)
  return await writingParts(tx, orgId, components, () => upsertComponents(tx, orgId, components), at)
}

const componentOf = ({ id, partNumber, manufacturer, words: json }: Told): WrittenComponent => {
  const told = JSON.parse(json) as Partial<ToldPart>
  const words = [
    normalNumber(partNumber),
    partNumber,
    manufacturer,
    told.family,
    told.description,
    told.category,
  ]
  return {
    id,
    partNumber,
    manufacturer,
    description: told.description || null,
    category: told.category ?? null,
    family: told.family ?? null,
    package: told.package ?? null,
    // A word that a newer C3 has: nobody here knows what it means.
    lifecycle: LIFECYCLES.includes(told.lifecycle as Lifecycle) ? (told.lifecycle as Lifecycle) : null,
    parameters: told.parameters ?? [],
    sources: told.sources ?? [],
    normalNumber: normalNumber(partNumber),
    baseNumber: baseNumber(partNumber),
    searchText: words.filter(Boolean).join(' ').toUpperCase(),
    told: json,
  }
}
