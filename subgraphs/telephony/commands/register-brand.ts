import { publish } from '#events/outbox.ts'
import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  type BrandKind,
  type BrandVertical,
  brandMayBecome,
  flawInBrand,
  flawInDecision,
  isBrandInUse,
} from '../domain/messaging.ts'
import { brandChanged } from '../domain/telling-registrations.ts'
import { closedOf, lockAccount } from '../store/accounts.ts'
import {
  brandsById,
  hasTcrBrand,
  insertBrand,
  lockRegistry,
  type MessagingBrandRow,
  newestBrands,
  saveBrand,
} from '../store/messaging.ts'
import type { Transaction } from '../store/transaction.ts'

export type BrandAnswer = { brand: MessagingBrandRow; receipt: Receipt } | InvalidRefusal | MissingRefusal

/** Notes who sends messages for an account, sent to the registry. Whoever was refused before may be sent anew. */
export const registerBrand = (
  ctx: Context,
  ban: string,
  input: {
    displayName: string
    kind: BrandKind
    vertical: BrandVertical
    website?: string | null | undefined
  },
): Promise<BrandAnswer> =>
  ctx.write(async (tx) => {
    const website = input.website?.trim() || null
    const flaw = flawInBrand({ displayName: input.displayName, website })
    if (flaw) return invalid(`input.${flaw.field}`, `input.${flaw.field} ${flaw.problem}.`)
    if (!(await lockAccount(tx, ctx.orgId, ban))) return missing('The billing account')
    if ((await closedOf(tx, ctx.orgId, [ban])).has(ban))
      return invalid('ban', 'The account has left us: nothing is sent for it any more.', 'ACCOUNT_OVER')
    const [newest] = await newestBrands(tx, ctx.orgId, [ban])
    if (newest && isBrandInUse(newest.status))
      return invalid('ban', 'The account has a brand already, and sends under one name.', 'HAS_BRAND')
    const at = ctx.clock.now()
    const brand: MessagingBrandRow = {
      ...{ id: newId(ctx.clock), ban, displayName: input.displayName.trim(), kind: input.kind },
      ...{ vertical: input.vertical, website, status: 'PENDING', tcrBrandId: null, reason: null },
      ...{ createdAt: at, updatedAt: at },
    }
    await insertBrand(tx, ctx.orgId, brand)
    return told(tx, { ...ctx, action: 'registerBrand' }, null, brand)
  })

/** Notes what the registry says about a brand. Told again, it changes nothing. */
export const decideBrand = (
  ctx: Context,
  decision: {
    id: string
    decision: 'REGISTERED' | 'REJECTED'
    tcrBrandId: string | null
    reason: string | null
  },
): Promise<BrandAnswer> =>
  ctx.write(async (tx) => {
    const { id, decision: status, tcrBrandId, reason } = decision
    const flaw = flawInDecision({ status, tcrId: tcrBrandId, reason }, 'tcrBrandId')
    if (flaw) return invalid(flaw.field, flaw.problem)
    await lockRegistry(tx, ctx.orgId)
    const before = await standingBrand(tx, ctx.orgId, id)
    if (!before) return missing('The brand')
    const after: MessagingBrandRow = {
      ...{ ...before, status, updatedAt: ctx.clock.now() },
      tcrBrandId: status === 'REGISTERED' ? tcrBrandId : null,
      reason: status === 'REJECTED' ? reason : null,
    }
    if (before.status === status && before.tcrBrandId === after.tcrBrandId && before.reason === after.reason)
      return { brand: before, receipt: await receiptOf(tx) }
    if (!brandMayBecome(before.status, status))
      return invalid('id', `The brand is ${before.status}: it does not become ${status}.`, 'DECIDED_ALREADY')
    if (after.tcrBrandId && (await hasTcrBrand(tx, ctx.orgId, after.tcrBrandId)))
      return invalid('tcrBrandId', 'That is the id of another brand.', 'TCR_ID_IN_USE')
    await saveBrand(tx, ctx.orgId, after)
    return told(tx, { ...ctx, action: 'decideBrand' }, before, after)
  })

/** The brand that is named, its account held until the transaction ends: nobody else changes it meanwhile. */
export const standingBrand = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<MessagingBrandRow | undefined> => {
  const [named] = isId(id) ? await brandsById(tx, orgId, [id]) : []
  if (!named) return undefined
  await lockAccount(tx, orgId, named.ban)
  return (await brandsById(tx, orgId, [id]))[0]
}

const told = async (
  tx: Transaction,
  { orgId, principal, action }: Context & { action: string },
  before: MessagingBrandRow | null,
  brand: MessagingBrandRow,
): Promise<BrandAnswer> => {
  const at = brand.updatedAt
  await audit(tx, {
    ...{ orgId, principal, action, at, subject: { type: 'MessagingBrand', id: brand.id } },
    ...{ before: before && { ...before }, after: { ...brand } },
  })
  await publish(tx, orgId, [brandChanged(brand, at)], at)
  return { brand, receipt: await receiptOf(tx) }
}
