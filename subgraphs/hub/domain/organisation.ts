import { type Fault, fault } from './fault.ts'
import { checkName, checkPerson, emailAs, NO_EMAIL } from './member.ts'

/** Who is to administer an organisation: whoever signs in with a confirmed address, or somebody by their id at the identity provider. */
export type WantedAdmin = { name: string } & ({ email: string } | { personId: string })

const SLUG = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const LONGEST_NAME = 200

/** What is wrong with an organisation that somebody wants to make, or with whom they name for it. */
export const checkOrganisation = (asked: {
  slug: string
  name: string
  timeZone: string
  admin: WantedAdmin
}): Fault | null => {
  if (!SLUG.test(asked.slug))
    return fault('slug', 'Give 2 to 63 small letters, digits and hyphens, a letter first, such as acme.')
  if (asked.name.trim().length === 0 || asked.name.trim().length > LONGEST_NAME)
    return fault('name', `Give a name of 1 to ${LONGEST_NAME} characters.`)
  if (!isTimeZone(asked.timeZone))
    return fault('timeZone', 'Give a time zone by its IANA name, such as Europe/Berlin.')
  const { admin } = asked
  if ('personId' in admin) return checkPerson(admin.personId) ?? checkName(admin.name)
  return emailAs(admin.email) === null ? NO_EMAIL : checkName(admin.name)
}

const isTimeZone = (name: string): boolean => {
  // Offsets such as +02:00 are taken too, but know no summer time.
  if (!/^[A-Z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
