import { ScopeMissing, VendorRefused, VendorUnavailable, vendorAnswer } from '#connectors/hubspot/index.ts'
import { isHubError } from '#kernel/errors.ts'
import { NeedsReauth, ScopesChanged } from '#sync/errors.ts'
import { type Outcome, type Trouble, unanswered, ungranted, unmade } from '../domain/provisioning.ts'

export const MADE: Outcome = { state: 'MADE', message: null, fix: null }
export const THERE: Outcome = { state: 'THERE', message: null, fix: null }
export const notMade = (trouble: Trouble): Outcome => ({ state: 'NOT_MADE', ...trouble })

/**
 * Tries to make one thing in a portal. Where HubSpot refuses or does not answer, looks whether it is there: what was lacking a moment
 * ago and is there after a lost answer is what we made.
 * @throws what is not about this thing alone, such as HUB_CONNECTION_NEEDS_REAUTH
 */
export const attempt = async (
  name: string,
  make: () => Promise<Outcome>,
  look: () => Promise<boolean>,
): Promise<Outcome> => {
  try {
    return await make()
  } catch (error) {
    if (!isOwn(error)) throw error
    if (!(await looked(look))) return notMade(troubleOf(name, error))
    return VendorUnavailable.is(error) ? MADE : THERE
  }
}

/** What is there; undefined when HubSpot does not tell. */
export const looked = async <T>(look: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await look()
  } catch (error) {
    if (!isOwn(error)) throw error
    return undefined
  }
}

/** Whether an error is told of the thing it met, and everything else goes on. */
export const isOwn = (error: unknown): boolean => isHubError(error) && !NeedsReauth.is(error)

/** Why something was not made, for people. */
export const troubleOf = (name: string, error: unknown): Trouble => {
  if (ScopesChanged.is(error) || ScopeMissing.is(error)) return ungranted(name, scopesIn(error))
  if (!VendorRefused.is(error)) return unanswered(name)
  const answer = vendorAnswer(error)
  return unmade({ name, category: answer?.category ?? error.code, message: answer?.message ?? null })
}

/** The scopes that a refusal names, however deep it stands behind what was thrown. */
export const scopesIn = (error: unknown): readonly string[] => {
  for (let each = error; each instanceof Error; each = each.cause) {
    const scopes = vendorAnswer(each)?.scopes
    if (scopes && scopes.length > 0) return scopes
  }
  return ['a scope it does not name']
}
