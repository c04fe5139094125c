import { event } from '#schema/events.ts'
import type { MemberRow } from './member.ts'

/** What others are told of an organisation. */
export interface ToldOrganisation {
  id: string
  slug: string
  timeZone: string
}

/** An organisation as others are told of it. */
export const organisationChanged = ({ id, slug, timeZone }: ToldOrganisation) =>
  event('hub.organisation.changed', id, { organisationId: id, slug, timeZone })

/** A member as others are told of them: by ids alone. */
export const memberChanged = ({
  id: memberId,
  personId,
  state,
}: Pick<MemberRow, 'id' | 'personId' | 'state'>) =>
  event('hub.member.changed', personId ?? memberId, { memberId, personId, state })

/** The end of a session, told by whose it was. */
export const sessionEnded = (personId: string, sessionId: string) =>
  event('hub.session.ended', personId, { sessionId })
