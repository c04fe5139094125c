import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { APP_CASES } from './cases/app.ts'
import { ASSOCIATION_CASES } from './cases/associations.ts'
import { PIPELINE_CASES } from './cases/pipelines.ts'
import { RECORD_CASES } from './cases/records.ts'
import { SEGMENT_CASES } from './cases/segments.ts'
import { SETUP_CASES } from './cases/setup.ts'
import { CLIENT_METHODS } from './client-methods.ts'
import { REFUSAL, SHAPES } from './shapes.ts'
import { type Cases, type Exchange, openWalk, type Walk } from './walk.ts'

const CASES: Cases = {
  ...RECORD_CASES,
  ...ASSOCIATION_CASES,
  ...SETUP_CASES,
  ...PIPELINE_CASES,
  ...SEGMENT_CASES,
  ...APP_CASES,
}

// Codes that the client would take and that HubSpot has not been seen to answer with.
const UNSEEN: Readonly<Record<string, number[]>> = { 'crm.timeline.eventsApi.createBatch': [200] }

// Fields that HubSpot's own pages show and that the client's models leave out.
const UNREAD: Readonly<Record<string, string[]>> = {
  'crm-object-schemas': ['restorable'],
  configurations: ['fromObjectTypeId', 'toObjectTypeId'],
}

const partOf = (walk: Walk, path: string): object =>
  path.endsWith('definitionConfigurationsApi')
    ? walk.definitionConfigurationsApi
    : path.split('.').reduce((part, name) => (part as Record<string, object>)[name]!, walk.client as object)

const templateOf = (request: string): RegExp =>
  new RegExp(
    `^${request
      .replaceAll(/\{\w+\}/g, '[^/]+')
      .replaceAll('.', '\\.')
      .replace(/\/\??$/, '/?')}$`,
  )

// Models know under which name each of their fields travels.
interface Model {
  getAttributeTypeMap?(): { name: string; baseName: string }[]
}
const namesOf = (value: object): ReadonlyMap<string, string> =>
  new Map((value.constructor as Model).getAttributeTypeMap?.().map(({ name, baseName }) => [name, baseName]))

/** What the client made of an answer, as HubSpot would have written it. */
const written = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(written)
  if (typeof value !== 'object' || value === null) return value
  const names = namesOf(value)
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined ? [] : [[names.get(name) ?? name, written(inner)]],
    ),
  )
}

/** An answer without what the client cannot see of it. */
const readable = ({ request, text }: Exchange): unknown => {
  const unread = Object.entries(UNREAD).flatMap(([part, names]) => (request.includes(part) ? names : []))
  return JSON.parse(text, (name, value) => (unread.includes(name) ? undefined : value))
}

const checkShape = ({ request, status, text }: Exchange): void => {
  if (status === 204) expect(text, request).toBe('')
  if (text === '') return
  const shape = status >= 400 ? REFUSAL : SHAPES.find(([pattern]) => pattern.test(request))?.[1]
  expect(shape, `no shape for ${request}`).toBeDefined()
  const parsed = shape!.safeParse(JSON.parse(text))
  expect(parsed.error?.message, `${request} ${text.slice(0, 400)}`).toBeUndefined()
}

// What is left of the limit is told by everything that a portal's token opens, except by searches.
const checkLimits = ({ request, headers }: Exchange): void => {
  const isPortals = /^\w+ \/(crm|crm-object-schemas|integrators\/timeline\/v3\/events)\b/.test(request)
  const tells = headers['x-hubspot-ratelimit-remaining'] !== undefined
  expect(tells, request).toBe(isPortals && !/objects\/\w+\/search$/.test(request))
}

describe("the simulator answers every method of HubSpot's client", () => {
  let walk: Walk
  beforeAll(async () => {
    walk = await openWalk()
  })
  afterAll(() => walk[Symbol.asyncDispose]())

  it('has a case for every method, and no other', () => {
    expect(Object.keys(CASES).sort()).toEqual(CLIENT_METHODS.map(([name]) => name).sort())
  })

  it('knows every method of each part of the client that the hub uses', () => {
    const listed = Map.groupBy(CLIENT_METHODS, ([name]) => name.slice(0, name.lastIndexOf('.')))
    for (const [path, methods] of listed) {
      const api = partOf(walk, path)
      const has = Object.getOwnPropertyNames(Object.getPrototypeOf(api)).filter(
        (name) => name !== 'constructor' && !name.includes('Conversion') && !name.endsWith('WithHttpInfo'),
      )
      expect(
        methods.map(([name]) => name.slice(path.length + 1)),
        path,
      ).toEqual(expect.arrayContaining(has))
    }
  })

  for (const [name, request, codes] of CLIENT_METHODS)
    it(`${name}: ${request} answers ${codes.join(' or ')}`, async () => {
      walk.exchanges.length = 0
      const answer = await CASES[name]!(walk)
      const own = walk.exchanges.filter((each) => templateOf(request).test(each.request))
      const seen = own.filter(({ status }) => status < 400).map(({ status }) => status)
      for (const { status } of own) if (status < 400) expect(codes).toContain(status)
      expect([...seen, ...(UNSEEN[name] ?? [])]).toEqual(expect.arrayContaining([...codes]))
      for (const exchange of walk.exchanges) {
        checkShape(exchange)
        checkLimits(exchange)
      }
      if (answer === undefined) return
      // A field that the client's model does not have is lost on the way: HubSpot has no such field, or the hub cannot see it.
      expect(written(answer)).toEqual(readable(walk.exchanges.at(-1)!))
    })
})
