import { ControlRefusal } from '#connectors/simulator/index.ts'

/** Where the simulator may behave in more than one way, because HubSpot does or because nobody is sure. */
export interface Behaviour {
  /** How far search lags behind the records, milliseconds. */
  indexLagMs: number
  /** Whether merging companies or contacts gives the survivor a new id. */
  mergedRecordId: 'new' | 'primary'
  /** How many entries an inline association list holds before it is paged. */
  inlineAssociationCap: number
  /** How long an access token is good, seconds. */
  accessTokenSeconds: number
  /** How long the code of a consent is good, seconds. */
  authorizationCodeSeconds: number
  /** Whether every refresh answers another refresh token, after which the one before is dead. */
  rotateRefreshTokens: boolean
  /** Whether the answer of a token request leaves the refresh token out. */
  omitRefreshToken: boolean
  /** Scopes that no portal can grant. */
  withheldScopes: readonly string[]
  /** What webhooks call the source of a change that was made by the API. */
  apiChangeSource: 'INTEGRATION' | 'API'
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  indexLagMs: 0,
  mergedRecordId: 'new',
  inlineAssociationCap: 100,
  accessTokenSeconds: 1_800,
  authorizationCodeSeconds: 60,
  rotateRefreshTokens: false,
  omitRefreshToken: false,
  withheldScopes: [],
  apiChangeSource: 'INTEGRATION',
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const oneOf =
  (...words: string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && words.includes(value)
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')

const CHECKS: Readonly<Record<keyof Behaviour, (value: unknown) => boolean>> = {
  indexLagMs: isCount,
  mergedRecordId: oneOf('new', 'primary'),
  inlineAssociationCap: isCount,
  accessTokenSeconds: isCount,
  authorizationCodeSeconds: isCount,
  rotateRefreshTokens: isFlag,
  omitRefreshToken: isFlag,
  withheldScopes: isNames,
  apiChangeSource: oneOf('INTEGRATION', 'API'),
}

/** Turns one setting; false when there is none of that name. Throws ControlRefusal for a value that it does not take. */
export const behave = (behaviour: Behaviour, name: string, value: unknown): boolean => {
  if (!Object.hasOwn(CHECKS, name)) return false
  if (!CHECKS[name as keyof Behaviour](value))
    throw new ControlRefusal(`there is no setting ${name} that takes ${JSON.stringify(value)}`)
  Object.assign(behaviour, { [name]: value })
  return true
}
