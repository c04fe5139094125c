import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import {
  type Checks,
  changeRules,
  checkRules,
  differences,
  type PolicyChange,
  type PolicyFault,
  type Rules,
} from './policy-rules.ts'
import type { PolicyPlace, PolicyVersion, PolicyVersions } from './policy-versions.ts'
import { type FileForm, readFile } from './settings-file.ts'
import type { Asking, Telling } from './vendor.ts'

/** What is the vendor's own about who wins; `Around` is what its rules depend on beside themselves. */
export interface Policing<R extends Rules, Around> extends Telling {
  /** What the graph calls a connection. */
  integration: string
  versions: PolicyVersions<R>
  /** Undefined when there is no such connection. @param locks whether nobody else changes it until the transaction ends */
  around(tx: object, place: PolicyPlace, locks: boolean): Promise<Around | undefined>
  checks(around: Around): Checks<R>
  /** What else a version sets off. */
  changed?(tx: object, place: PolicyPlace, rules: { before: R; after: R }, at: Date): Promise<void>
}

/** What saving a policy comes to. */
export type PolicySaved<R extends Rules> =
  | { missing: true }
  | { fault: PolicyFault }
  | { currentVersion: number }
  | { policy: PolicyVersion<R>; receipt: Receipt }

/**
 * Decides who wins where the other system and the hub have both changed something, from the next decision on. Saving what holds already
 * makes no version.
 */
export const savePolicy =
  <R extends Rules, Around>(vendor: Policing<R, Around>) =>
  (
    ctx: Asking,
    ask: { integrationId: string; expectedVersion: number; change: PolicyChange },
  ): Promise<PolicySaved<R>> =>
    ctx.write(async (tx): Promise<PolicySaved<R>> => {
      const held = await heldPolicy(vendor, tx, ctx.orgId, ask.integrationId)
      if (!held) return { missing: true }
      const { current, around } = held
      if (current.version !== ask.expectedVersion) return { currentVersion: current.version }
      const changed = changeRules(current.rules, ask.change, vendor.checks(around))
      if ('fault' in changed) return changed
      const policy = await keep(vendor, tx, ctx, { verb: 'savePolicy', current, rules: changed.rules })
      return { policy, receipt: await receiptOf(tx) }
    })

/** What reading a file as a policy comes to. */
export type PolicyImported<R extends Rules> =
  | { missing: true }
  | { wrong: string }
  | { changed: number; policy: PolicyVersion<R>; receipt: Receipt | null }

/** Puts the rules of a file in the place of a connection's. @param ask.dryRun says what would happen and does nothing */
export const importPolicy =
  <R extends Rules, Around>(vendor: Policing<R, Around> & { form: FileForm<R> }) =>
  (
    ctx: Asking,
    ask: { integrationId: string; document: string; dryRun: boolean },
  ): Promise<PolicyImported<R>> =>
    ctx.write(async (tx): Promise<PolicyImported<R>> => {
      const held = await heldPolicy(vendor, tx, ctx.orgId, ask.integrationId)
      if (!held) return { missing: true }
      const { current, around } = held
      const read = readFile(ask.document, vendor.form)
      if ('wrong' in read) return read
      const checked = checkRules(read.content, vendor.checks(around))
      if ('fault' in checked) return { wrong: checked.fault.message }
      const changed = Object.keys(differences(current.rules, checked.rules)).length
      if (ask.dryRun) return { changed, policy: current, receipt: null }
      const policy = await keep(vendor, tx, ctx, { verb: 'importPolicy', current, rules: checked.rules })
      return { changed, policy, receipt: await receiptOf(tx) }
    })

/** A connection's policy, which nobody else changes until the transaction ends. */
const heldPolicy = async <R extends Rules, Around>(
  vendor: Policing<R, Around>,
  tx: object,
  orgId: string,
  integrationId: string,
): Promise<{ current: PolicyVersion<R>; around: Around } | undefined> => {
  const place = { orgId, integrationId }
  const around = isId(integrationId) ? await vendor.around(tx, place, true) : undefined
  return around && { current: await vendor.versions.policyOf(tx, place), around }
}

const keep = async <R extends Rules, Around>(
  vendor: Policing<R, Around>,
  tx: object,
  { orgId, principal, clock }: Asking,
  { verb, current, rules }: { verb: 'savePolicy' | 'importPolicy'; current: PolicyVersion<R>; rules: R },
): Promise<PolicyVersion<R>> => {
  const differing = differences(current.rules, rules)
  if (Object.keys(differing).length === 0) return current
  const at = clock.now()
  const { integrationId } = current
  const next = { integrationId, version: current.version + 1, rules, savedAt: at, savedBy: principal.id }
  await vendor.versions.addPolicy(tx, orgId, next)
  await vendor.changed?.(tx, { orgId, integrationId }, { before: current.rules, after: rules }, at)
  const side = (n: 0 | 1) =>
    Object.fromEntries(Object.entries(differing).map(([name, values]) => [name, values[n]]))
  await audit(tx, {
    orgId,
    principal,
    action: vendor.actions[verb],
    subject: { type: vendor.integration, id: integrationId },
    before: { version: current.version, ...side(0) },
    after: { version: next.version, ...side(1) },
    at,
  })
  return next
}
