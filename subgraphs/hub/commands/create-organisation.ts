import { publish } from '#events/outbox.ts'
import { newId } from '#kernel/ids.ts'
import type { Principal } from '#kernel/principal.ts'
import { EVERYTHING } from '#schema/roles.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import type { MemberRow } from '../domain/member.ts'
import { checkOrganisation, type WantedAdmin } from '../domain/organisation.ts'
import { organisationChanged } from '../domain/telling.ts'
import { adminsOf } from '../store/members.ts'
import { insertOrganisation, type OrganisationRow, organisation, routeOf } from '../store/organisations.ts'
import { addMember } from './add-member.ts'
import { inviteMember } from './invite-member.ts'

/** Whoever runs the hub, at its own machine: above every organisation, and a member of none. */
export const OPERATOR = 'system:operator'

export interface OrganisationReady {
  __typename: 'OrganisationReady'
  organisation: OrganisationRow
  /** Whether it was made now. */
  isNew: boolean
  /** Who was invited or added now. Null where the organisation has an administrator. */
  admin: Pick<MemberRow, 'state' | 'invitedUntil'> | null
}

type Around = Pick<Context, 'db' | 'clock' | 'vault' | 'published'>
type Wanted = Omit<OrganisationRow, 'id'>

/**
 * Makes an organisation with its first administrator. Safe to repeat: what is there stays, and as long as nobody administers it,
 * whoever is named then is invited. Refused where another organisation has the short name.
 */
export const createOrganisation = async (
  around: Around,
  { admin, ...asked }: Wanted & { admin: WantedAdmin },
): Promise<OrganisationReady | InvalidRefusal | MissingRefusal> => {
  const fault = checkOrganisation({ ...asked, admin })
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const wanted = { ...asked, name: asked.name.trim() }
  const isNew = await make(around, wanted)
  const found = await bySlug(around, wanted.slug)
  if (!found) return missing('The organisation')
  if (found.name !== wanted.name || found.timeZone !== wanted.timeZone)
    return invalid('slug', 'Another organisation has this short name. Take another one.', 'SLUG_TAKEN')
  const admins = await around.db.read(found.id, (tx) => adminsOf(tx, found.id))
  return admins.length > 0
    ? { __typename: 'OrganisationReady', organisation: found, isNew, admin: null }
    : invite(around, found, { admin, isNew })
}

/** Invites an administrator beside those whom an organisation has: for one whose administrators are all gone. */
export const inviteAdmin = async (
  around: Around,
  { slug, admin }: { slug: string; admin: WantedAdmin },
): Promise<OrganisationReady | InvalidRefusal | MissingRefusal> => {
  const found = await bySlug(around, slug)
  return found ? invite(around, found, { admin, isNew: false }) : missing('The organisation')
}

/** @returns false when an organisation has the short name already */
const make = async (around: Around, wanted: Wanted): Promise<boolean> => {
  const { db, clock } = around
  if (await db.relay((tx) => routeOf(tx, wanted.slug))) return false
  const made = { ...wanted, id: newId(clock) }
  const at = clock.now()
  const isNew = await db.transaction(made.id, async (tx) => {
    if (!(await insertOrganisation(tx, made, at))) return false
    const subject = { type: 'Organisation', id: made.id }
    const principal = { kind: 'system', id: OPERATOR } as const
    await audit(tx, {
      orgId: made.id,
      principal,
      action: 'createOrganisation',
      subject,
      after: { ...made },
      at,
    })
    await publish(tx, made.id, [organisationChanged(made)], at)
    return true
  })
  around.published()
  return isNew
}

const bySlug = async ({ db }: Around, slug: string): Promise<OrganisationRow | undefined> => {
  const orgId = await db.relay((tx) => routeOf(tx, slug))
  if (!orgId) return undefined
  const found = await db.read(orgId, (tx) => organisation(tx, orgId))
  return found && { id: orgId, slug, name: found.name, timeZone: found.timeZone }
}

const invite = async (
  around: Around,
  found: OrganisationRow,
  { admin, isNew }: { admin: WantedAdmin; isNew: boolean },
): Promise<OrganisationReady | InvalidRefusal> => {
  const orgId = found.id
  const principal: Principal = { kind: 'system', id: OPERATOR, orgId, scopes: [EVERYTHING] }
  const ctx = { ...around, orgId, principal }
  const roles = ['ADMIN'] as const
  const answer =
    'email' in admin
      ? await inviteMember(ctx, { ...admin, roles })
      : await addMember(ctx, { ...admin, roles })
  if (!('member' in answer)) return answer
  const { state, invitedUntil } = answer.member
  return { __typename: 'OrganisationReady', organisation: found, isNew, admin: { state, invitedUntil } }
}
