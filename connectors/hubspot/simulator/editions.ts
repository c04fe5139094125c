/** What an account has been bought as. */
export const EDITIONS = ['free', 'starter', 'professional', 'enterprise'] as const
export type Edition = (typeof EDITIONS)[number]

const CUSTOM_OBJECTS = [
  'crm.objects.custom.read',
  'crm.objects.custom.write',
  'crm.schemas.custom.read',
  'crm.schemas.custom.write',
]

/** Scopes that no app can have in an account, because it was not bought with what they open. */
export const beyond = (edition: Edition): readonly string[] =>
  edition === 'enterprise' ? [] : CUSTOM_OBJECTS

/** Scopes that a portal cannot give to an app of its own: only apps that are installed by consent put events on timelines. */
export const BEYOND_PRIVATE_APPS: readonly string[] = ['timeline']
