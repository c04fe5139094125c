import type { ChangeRecords } from '../context.ts'
import { type AssignmentRule, ruleFor, type Unowned } from '../domain/assignment.ts'
import { goesOut } from '../domain/going-out.ts'
import { mappingOf } from '../domain/mapping.ts'
import { activeOwners, assignmentRulesOf, unownedContacts } from '../store/assignment-rules.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'

export const CONTACTS_AT_ONCE = 1000

/** Contacts of a portal that nobody looks after, a page at a time. */
export async function* unownedPages(
  tx: Transaction,
  place: { orgId: string; integrationId: string },
): AsyncGenerator<Unowned[]> {
  for (let after: string | null = null; ; ) {
    const page: Unowned[] = await unownedContacts(tx, place, { after, limit: CONTACTS_AT_ONCE })
    yield page
    if (page.length < CONTACTS_AT_ONCE) return
    after = page.at(-1)?.id ?? null
  }
}

/** Whether contacts of a portal are given to colleagues without anybody asking. */
export const assigns = (portal: IntegrationRow): boolean => portal.auto_assign && goesOut(portal)

/**
 * Gives contacts that nobody looks after to colleagues, by the portal's rules: here at once, in HubSpot within moments, unless
 * somebody there was quicker. Safe to repeat: who has an owner is passed over. Nothing where it is not switched on.
 * @returns how many were given to somebody
 */
export const assignContacts = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { portal, ids, at }: { portal: IntegrationRow; ids: readonly string[]; at: Date },
): Promise<number> => {
  const { org_id: orgId, id: integrationId } = portal
  if (!assigns(portal)) return 0
  const place = { orgId, integrationId, type: 'contacts' as const }
  const rules = (await assignmentRulesOf(tx, orgId, [integrationId])).get(integrationId) ?? []
  if (rules.length === 0) return 0
  const { fields } = mappingIn(await mappingsOf(tx, orgId, [integrationId]), integrationId, 'contacts')
  const [property = 'hubspot_owner_id'] = mappingOf('contacts', 'owner', fields).properties
  const writable = await writableProperties(tx, place, 'contacts')
  if (writable.refusalOf(property)) return 0
  const owners = await activeOwners(
    tx,
    place,
    rules.map(({ ownerId }) => ownerId),
  )
  const updates = (await unownedContacts(tx, place, { ids })).flatMap((who) => {
    const owner = ownerFor(rules, owners, who)
    return owner === undefined ? [] : [{ localId: who.id, values: { [property]: owner } }]
  })
  if (updates.length === 0) return 0
  return (await changeRecords(tx, place, { updates }, at, { isUrgent: false })).noted.length
}

/** The colleague's id in HubSpot; undefined when no rule fits, or who it names has left. */
const ownerFor = (
  rules: readonly AssignmentRule[],
  owners: ReadonlyMap<string, string>,
  who: Unowned,
): string | undefined => {
  const rule = ruleFor(rules, who)
  return rule === undefined ? undefined : owners.get(rules[rule]?.ownerId ?? '')
}
