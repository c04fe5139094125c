import { event } from '#schema/events.ts'

/** What others are told of an organisation. */
export interface ToldOrganisation {
  id: string
  slug: string
  timeZone: string
}

/** An organisation as others are told of it. */
export const organisationChanged = ({ id, slug, timeZone }: ToldOrganisation) =>
  event('hub.organisation.changed', id, { organisationId: id, slug, timeZone })
