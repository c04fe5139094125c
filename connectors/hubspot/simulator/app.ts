import { createHmac, timingSafeEqual } from 'node:crypto'

/** The app that customers install: what its developer has entered at HubSpot. */
export interface SimulatedApp {
  appId: number
  name: string
  clientId: string
  /** Also what webhooks are signed with. */
  clientSecret: string
  /** Opens the app's own settings: webhooks, timeline templates. */
  developerApiKey: string
  /** Where consent may lead back to. Undefined takes every address of this machine, as HubSpot does while an app is developed. */
  redirectUris?: readonly string[]
}

export const DEMO_APP_ID = 1_160_452
export const DEMO_CLIENT_ID = '6f0c1d52-3a7e-4b6d-9a51-5d1f0c7be204'
export const DEMO_CLIENT_SECRET = 'b8a4e1d7-90c2-4f35-8e66-2c7d3f1a9b50'
export const DEMO_DEVELOPER_API_KEY = 'd3v0a1b2-6c7d-4e8f-9a0b-1c2d3e4f5a6b'

/** The app that the simulator knows when it is told of no other. */
export const DEMO_APP: SimulatedApp = {
  appId: DEMO_APP_ID,
  name: 'Tributary',
  clientId: DEMO_CLIENT_ID,
  clientSecret: DEMO_CLIENT_SECRET,
  developerApiKey: DEMO_DEVELOPER_API_KEY,
}

const LOCAL = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/

/** Whether consent may lead to an address. */
export const mayRedirect = (app: SimulatedApp, address: string): boolean =>
  app.redirectUris === undefined ? LOCAL.test(address) : app.redirectUris.includes(address)

const seal = (app: SimulatedApp, text: string): string =>
  createHmac('sha256', app.clientSecret).update(text).digest('base64url')

/** What a refresh token says of itself. */
export interface RefreshClaims {
  portal: string
  userId: number
  scopes: string[]
  /** Tells two tokens of one portal apart. */
  nonce: string
}

// Sealed rather than remembered: a customer's grant must outlive the simulator's process, as it outlives HubSpot's.
/** A refresh token that says what it grants. */
export const refreshTokenOf = (app: SimulatedApp, claims: RefreshClaims): string => {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `na1-${text}.${seal(app, text)}`
}

/** What a refresh token grants; undefined for one that this app was never given. */
export const readRefreshToken = (app: SimulatedApp, token: string): RefreshClaims | undefined => {
  const [text, mark] = token.replace(/^na1-/, '').split('.')
  if (text === undefined || mark === undefined) return undefined
  const [given, right] = [Buffer.from(mark), Buffer.from(seal(app, text))]
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as RefreshClaims
}
