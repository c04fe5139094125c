import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { TimelineTemplate, TimelineToken } from '../app-wire.ts'
import { jsonBody } from './asking.ts'
import { conflict, errorReply, invalid, notFound } from './errors.ts'

const KINDS = ['string', 'number', 'date', 'enumeration']
const MOST_TEMPLATES = 750
const MOST_TOKENS = 500

/** The kinds of event that the app has designed. */
export class TimelineTemplates {
  readonly #templates = new Map<string, TimelineTemplate>()
  readonly #now: () => number
  #given = 1_000_300

  constructor(now: () => number) {
    this.#now = now
  }

  find = (id: string): TimelineTemplate =>
    this.#templates.get(id) ?? notFound('resource not found', { id: [id] })

  /** `/integrators/timeline/v3/{appId}/event-templates` and below, once the developer's key is known to be right. */
  answer(request: SimRequest, rest: readonly string[]): SimReply {
    const [id, word, name] = rest
    const { method } = request
    if (id === undefined) {
      if (method === 'GET') return { status: 200, body: { results: [...this.#templates.values()] } }
      return method === 'POST' ? { status: 201, body: this.#make(request) } : methodNotAllowed()
    }
    if (word === 'tokens') return this.#tokens(request, this.find(id), name)
    if (word !== undefined) return notFound()
    const template = this.find(id)
    if (method === 'GET') return { status: 200, body: template }
    if (method === 'DELETE') {
      this.#templates.delete(id)
      return { status: 204 }
    }
    if (method !== 'PUT') return methodNotAllowed()
    const write = jsonBody<Partial<TimelineTemplate>>(request)
    if (!write.name) return invalid('name is required')
    const { headerTemplate, detailTemplate, tokens = [] } = write
    return {
      status: 200,
      body: this.#put({
        ...template,
        name: write.name,
        ...(headerTemplate === undefined ? {} : { headerTemplate }),
        ...(detailTemplate === undefined ? {} : { detailTemplate }),
        tokens: tokens.map((token) => this.#token(token)),
      }),
    }
  }

  #make(request: SimRequest): TimelineTemplate {
    const { name, objectType, headerTemplate, detailTemplate, tokens } =
      jsonBody<Partial<TimelineTemplate>>(request)
    if (!name) return invalid('name is required')
    if (!objectType) return invalid('objectType is required')
    if (this.#templates.size >= MOST_TEMPLATES) return invalid(`At most ${MOST_TEMPLATES} event templates`)
    this.#given += 1
    return this.#put({
      id: String(this.#given),
      name,
      objectType: objectType.toUpperCase(),
      ...(headerTemplate === undefined ? {} : { headerTemplate }),
      ...(detailTemplate === undefined ? {} : { detailTemplate }),
      tokens: (tokens ?? []).map((token) => this.#token(token)),
      createdAt: this.#at(),
      updatedAt: this.#at(),
    })
  }

  #tokens(request: SimRequest, template: TimelineTemplate, name: string | undefined): SimReply {
    const { method } = request
    if (name === undefined) {
      if (method !== 'POST') return methodNotAllowed()
      const token = this.#token(jsonBody<TimelineToken>(request))
      if (template.tokens.some((other) => other.name === token.name))
        return conflict(`A token named ${token.name} exists already.`)
      if (template.tokens.length >= MOST_TOKENS) return invalid(`At most ${MOST_TOKENS} tokens`)
      this.#put({ ...template, tokens: [...template.tokens, token] })
      return { status: 200, body: token }
    }
    const old = template.tokens.find((token) => token.name === name) ?? notFound()
    const others = template.tokens.filter((token) => token.name !== name)
    if (method === 'DELETE') {
      this.#put({ ...template, tokens: others })
      return { status: 204 }
    }
    if (method !== 'PUT') return methodNotAllowed()
    const { label, options, objectPropertyName } = jsonBody<Partial<TimelineToken>>(request)
    const changed: TimelineToken = {
      ...old,
      label: label ?? old.label,
      ...(options === undefined ? {} : { options }),
      ...(objectPropertyName === undefined ? {} : { objectPropertyName }),
      updatedAt: this.#at(),
    }
    this.#put({ ...template, tokens: [...others, changed] })
    return { status: 200, body: changed }
  }

  #token(token: TimelineToken): TimelineToken {
    if (!token.name || !token.label) return invalid('name and label of a token are required')
    if (!KINDS.includes(token.type)) return invalid(`${token.type} is not a type of token`)
    if (token.type === 'enumeration' && !token.options?.length) return invalid('An enumeration needs options')
    return { ...token, createdAt: token.createdAt ?? this.#at(), updatedAt: this.#at() }
  }
  #put(template: TimelineTemplate): TimelineTemplate {
    const kept = { ...template, updatedAt: this.#at() }
    this.#templates.set(kept.id, kept)
    return kept
  }
  #at = (): string => new Date(this.#now()).toISOString()
}

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })
