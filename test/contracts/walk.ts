import { randomUUID } from 'node:crypto'
import { Client } from '@hubspot/api-client'
import {
  createConfiguration,
  DefinitionConfigurationsApi,
  ServerConfiguration,
} from '@hubspot/api-client/lib/codegen/crm/associations/v4/schema/index.js'
import {
  DEMO_APP_ID,
  DEMO_DEVELOPER_API_KEY,
  DEMO_PORTAL,
  startHubSpotSimulator,
} from '#connectors/hubspot/simulator/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Control, controlOf } from '#test/kit/simulator.ts'

/** One request that the client has made, and what came back. */
export interface Exchange {
  /** `GET /crm/v3/objects/companies` */
  request: string
  status: number
  text: string
  headers: Readonly<Record<string, string>>
}

/** HubSpot's client, before a simulated portal that has the app installed. */
export interface Walk extends AsyncDisposable {
  client: Client
  /** Of the client's package, though the client itself does not hand it out. */
  definitionConfigurationsApi: DefinitionConfigurationsApi
  appId: number
  exchanges: Exchange[]
  /** Answers of the control plane. */
  sim: Control
  /** A text that nothing else has. */
  fresh(): string
  /** Makes a record with what its type requires and answers its id. */
  make(type: keyof typeof LEAST, properties?: Record<string, string>): Promise<string>
  /** The tokens of another install of the app. */
  install(): Promise<{ access_token: string; refresh_token: string }>
}

/** What calls of one method of the client look like. What it returns is compared with what was sent. */
export type Cases = Readonly<Record<string, (walk: Walk) => Promise<unknown>>>

/** The least that a record of each type needs; `#` is made unique. */
export const LEAST = {
  companies: { name: 'Company #' },
  contacts: { email: '#@contract-walk.com' },
  deals: { dealname: 'Deal #', dealstage: 'appointmentscheduled' },
  tickets: { subject: 'Ticket #', hs_pipeline_stage: '1' },
  tasks: { hs_task_subject: 'Task #', hs_timestamp: '2026-11-20T10:00:00.000Z' },
  notes: { hs_note_body: 'Note #', hs_timestamp: '2026-11-20T10:00:00.000Z' },
} as const satisfies Record<string, Record<string, string>>

/** The properties of a record of a type with something unique in them. */
export const least = (type: keyof typeof LEAST, unique: string): Record<string, string> =>
  Object.fromEntries(Object.entries(LEAST[type]).map(([name, value]) => [name, value.replace('#', unique)]))

interface Context {
  getUrl(): string
  getHttpMethod(): string
  httpStatusCode: number
  headers: Record<string, string>
  body: { text(): Promise<string> }
}

// The client's requests go one after another here, so that an answer belongs to the last request.
const recordInto = (exchanges: Exchange[]) => {
  let asked = ''
  return {
    async pre<T>(context: T): Promise<T> {
      const { getHttpMethod, getUrl } = context as Context
      asked = `${getHttpMethod.call(context)} ${new URL(getUrl.call(context)).pathname}`
      return context
    },
    async post<T>(context: T): Promise<T> {
      const { httpStatusCode, body, headers } = context as Context
      const text = await body.text()
      exchanges.push({ request: asked, status: httpStatusCode, text, headers })
      body.text = () => Promise.resolve(text)
      return context
    },
  }
}

/** Starts a portal and opens the client before it. */
export const openWalk = async (): Promise<Walk> => {
  const simulator = await startHubSpotSimulator({ port: 0, companies: 30, clock: systemClock })
  const exchanges: Exchange[] = []
  const sim = controlOf(simulator.url)
  await sim('limits', { oauth: 1_000_000, search: 1_000_000 })
  const install = () =>
    sim<{ access_token: string; refresh_token: string }>('oauth', { install: DEMO_PORTAL })
  const { access_token: accessToken } = await install()
  const recorder = recordInto(exchanges)
  const client = new Client({
    accessToken,
    developerApiKey: DEMO_DEVELOPER_API_KEY,
    basePath: simulator.url,
    middleware: [recorder],
  })
  const definitionConfigurationsApi = new DefinitionConfigurationsApi(
    createConfiguration({
      baseServer: new ServerConfiguration(simulator.url, {}),
      authMethods: { oauth2: { accessToken } },
      promiseMiddleware: [recorder],
    }),
  )
  const fresh = () => `walk-${randomUUID().slice(0, 12)}`
  return {
    client,
    definitionConfigurationsApi,
    appId: DEMO_APP_ID,
    exchanges,
    sim,
    fresh,
    install,
    async make(type, properties = {}) {
      const made = await client.crm.objects.basicApi.create(type, {
        properties: { ...least(type, fresh()), ...properties },
        associations: [],
      })
      return made.id
    },
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}
