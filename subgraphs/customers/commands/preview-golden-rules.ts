import { NO_ID } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import {
  chooseValue,
  decidedWith,
  differingFields,
  faultOfGoldenRules,
  type GoldenField,
  type GoldenMoveRow,
  type GoldenRule,
  KEPT_AS,
  KEPT_FIELDS,
  type KeptField,
  keptValues,
  rulesWith,
  type StandingCustomer,
} from '../domain/golden.ts'
import { customersAfter, standingCustomers } from '../store/golden.ts'
import { newestGolden } from '../store/golden-rules.ts'

const AT_ONCE = 1_000
const MOST_CUSTOMERS = 20_000

export interface GoldenPreview {
  customers: number
  isComplete: boolean
  moved: number
  byField: { field: GoldenField; moved: number }[]
  moves: GoldenMoveRow[]
}

/**
 * What rules would do with the customers there are; nothing is written. Customers are read a thousand at a time, the first 20,000 of them
 * at most.
 * @param most how many moves to show
 */
export const previewGoldenRules = async (
  { db, orgId }: Context,
  asked: readonly (GoldenRule & { field: GoldenField })[],
  most: number,
): Promise<{ invalid: string } | GoldenPreview> => {
  const fault = faultOfGoldenRules(asked)
  if (fault) return { invalid: fault }
  const held = (await db.read(orgId, (tx) => newestGolden(tx, orgId)))?.rules ?? {}
  const wanted = decidedWith(held, asked)
  const fields = differingFields(held, wanted)
  const [before, after] = [rulesWith(held), rulesWith(wanted)]
  const byField = new Map<GoldenField, number>()
  const found: GoldenPreview = { customers: 0, isComplete: true, moved: 0, byField: [], moves: [] }
  for (let last = NO_ID; ; ) {
    const ids = await db.read(orgId, (tx) => customersAfter(tx, orgId, last, AT_ONCE))
    const standing = await db.read(orgId, (tx) => standingCustomers(tx, orgId, ids))
    for (const id of ids) {
      const customer = standing.get(id)
      const moves = customer ? movesOf(id, customer, fields, before, after) : []
      for (const { field } of moves) byField.set(field, (byField.get(field) ?? 0) + 1)
      if (moves.length > 0) found.moved += 1
      found.moves.push(...moves.slice(0, most - found.moves.length))
    }
    found.customers += ids.length
    if (ids.length < AT_ONCE) break
    if (found.customers >= MOST_CUSTOMERS) {
      found.isComplete =
        (await db.read(orgId, (tx) => customersAfter(tx, orgId, ids.at(-1) ?? NO_ID, 1))).length === 0
      break
    }
    last = ids.at(-1) ?? NO_ID
  }
  return { ...found, byField: [...byField].map(([field, moved]) => ({ field, moved })) }
}

const movesOf = (
  customerId: string,
  customer: StandingCustomer,
  fields: readonly GoldenField[],
  before: ReturnType<typeof rulesWith>,
  after: ReturnType<typeof rulesWith>,
): GoldenMoveRow[] => {
  const kept = keptValues(customer, after)
  return fields.flatMap((field) => {
    const [was, is] = isKept(field)
      ? [customer.held[KEPT_AS[field]], kept[KEPT_AS[field]]]
      : [before, after].map(
          (rules) => chooseValue(field, rules[field], customer.accounts, customer.pins[field]).value,
        )
    return was === is ? [] : [{ customerId, field, before: was ?? null, after: is ?? null }]
  })
}

const isKept = (field: GoldenField): field is KeptField => (KEPT_FIELDS as readonly string[]).includes(field)
