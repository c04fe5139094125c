/** `/auth`: how browsers sign in, go to another organisation and sign out. What they hold is a cookie that no script can read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import { BadInput, Forbidden, type HubError, NotFound, Unauthenticated } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { SignInRefused } from '../errors.ts'
import { cookieOf, readCookie, SESSION, sessionOf } from '../identity/cookies.ts'
import type { Identity } from '../identity/index.ts'
import { type Edge, forwarded, mustBeOwnPage, originOf } from '../identity/origin.ts'
import { problemOf, sendProblem } from '../rest/problems.ts'
import { BEGUN_SECONDS, sealBegun } from '../sign-in/begun.ts'
import { openPace } from '../sign-in/pace.ts'
import { placeOf } from '../sign-in/place.ts'
import { openProvider, type ProviderOptions } from '../sign-in/provider.ts'
import { type Opened, openSessions } from '../sign-in/sessions.ts'
import { isFromThisMachine } from './landing.ts'
import { escaped, sendPage, wantsPage } from './plain-page.ts'

interface Options {
  identity: Identity
  /** Undefined: nobody signs in by browser, but for the demo. */
  provider: ProviderOptions | undefined
  isDemo: boolean
  edge: Edge
  hubUrl: string
  seal: PrincipalSeal
  secret: string
  clock: Clock
  /** How often a network may try to sign in. */
  triesPerMinute: number
}

const BEGUN = 'sign-in'
const CALLBACK = '/auth/callback'
const SESSION_PATH = '/auth/session'
const asked = z.object({
  to: z.string().max(2_000).optional(),
  org: z.string().min(1).max(100).optional(),
  as: z.literal('another').optional(),
})
const wished = z.object({ slug: z.string().min(1).max(100) })
const DEMO = { id: 'demo:admin', name: 'Demo admin', vouched: { org: 'demo', roles: ['admin'] } }

/** What somebody sees who could not sign in, with what they can do about it. */
const refusedPage = ({ code, message }: HubError, mayTry: boolean): { title: string; main: string } => {
  const isStranger = code === 'FORBIDDEN'
  const says = isStranger
    ? 'You have signed in, but you belong to no organisation here, or not to this one. Ask an administrator to invite the address that you sign in with.'
    : message
  const again = isStranger
    ? '<a href="/auth/sign-in?as=another">Sign in as somebody else</a> · '
    : '<a href="/auth/sign-in">Try again</a> · '
  return {
    title: 'You are not signed in',
    main: `<p>${escaped(says)}</p><p>${mayTry ? again : ''}<a href="/">To the first page</a></p><p class="quiet">${escaped(code)}</p>`,
  }
}

/** Opens the door. */
export const signInDoor = (app: FastifyInstance, options: Options): void => {
  const { identity, edge, clock } = options
  const sessions = openSessions(options)
  const begun = sealBegun(options.secret, clock)
  const provider = options.provider && openProvider(options.provider)
  const pace = openPace({ clock, most: options.triesPerMinute })
  const originIn = ({ headers }: FastifyRequest): string => new URL(originOf(headers, edge)).origin

  /** Gives the browser its session in place of the one it may have had: what somebody has planted there is of no use. */
  const begin = async (request: FastifyRequest, reply: FastifyReply, { secret, endsAt }: Opened) => {
    const former = sessionOf(request.headers)
    if (former !== undefined && former !== secret) await sessions.end(former)
    const seconds = Math.max(0, Math.floor((new Date(endsAt).getTime() - clock.now().getTime()) / 1000))
    reply.header('set-cookie', cookieOf(SESSION, originIn(request), { value: secret, seconds }))
  }

  const route = (
    method: 'GET' | 'POST',
    url: string,
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ) =>
    app.route({
      ...{ method, url, exposeHeadRoute: false, bodyLimit: 4_096 },
      onRequest: async (request, reply) => {
        reply.header('cache-control', 'no-store')
        if (method === 'POST') mustBeOwnPage(request, edge)
        // Before anybody else is asked. Who is signed in is looked at by every page, and asked of hub as with each request.
        if (url !== SESSION_PATH) pace.take(forwarded(request.headers, 'for', edge) ?? request.ip)
      },
      errorHandler: (error, request, reply) => {
        const shown = app.publicError(error, request, reply)
        return wantsPage(request.headers.accept)
          ? sendPage(reply, refusedPage(shown, provider !== undefined))
          : sendProblem(reply, problemOf(shown))
      },
      handler,
    })

  /** Whose session the browser has; null without one that counts. */
  const personOf = async (request: FastifyRequest) => {
    const session = sessionOf(request.headers)
    if (session === undefined) return null
    try {
      const { name, roles, organisation } = await identity.callerOf(request, { session })
      return { name, roles, organisation }
    } catch (error) {
      if (Unauthenticated.is(error) || Forbidden.is(error)) return null
      throw error
    }
  }

  route('GET', SESSION_PATH, async (request, reply) => {
    const own = options.isDemo && isFromThisMachine(request) ? 'DEMO' : null
    const way = provider ? 'PROVIDER' : own
    return reply.send({ way, person: await personOf(request) })
  })

  route('GET', '/auth/sign-in', async (request, reply) => {
    if (!provider) throw NotFound.with({ what: 'An identity provider for browsers' })
    const { to, org, as } = asked.safeParse(request.query).data ?? {}
    const back = `${originIn(request)}${CALLBACK}`
    const { url, begun: started } = await provider.begin(back, as !== undefined)
    const value = await begun.seal({ ...started, to: placeOf(to), ...(org ? { org } : {}) })
    return reply
      .header('set-cookie', cookieOf(BEGUN, originIn(request), { value, seconds: BEGUN_SECONDS }))
      .redirect(url.href, 303)
  })

  route('GET', CALLBACK, async (request, reply) => {
    const sealed = readCookie(request.headers, BEGUN)
    // An answer is taken once, whatever becomes of it.
    reply.header('set-cookie', cookieOf(BEGUN, originIn(request)))
    const waiting = sealed === undefined ? undefined : await begun.open(sealed)
    if (!provider || !waiting) throw SignInRefused.with()
    const person = await provider.finish(new URL(request.url, originIn(request)), waiting)
    await begin(request, reply, await sessions.open(person, waiting.org))
    return reply.redirect(waiting.to, 303)
  })

  route('POST', '/auth/organisation', async (request, reply) => {
    const read = wished.safeParse(request.body)
    if (!read.success) throw BadInput.with({ field: 'body', reason: 'must be {"slug"}' })
    const secret = sessionOf(request.headers)
    if (secret === undefined) throw Unauthenticated.with()
    const { principal } = await identity.identify({ session: secret })
    const opened = await sessions.switchTo(read.data.slug, secret)
    identity.forget(principal.id)
    await begin(request, reply, opened)
    return reply.send({ organisation: opened.organisation })
  })

  route('POST', '/auth/sign-out', async (request, reply) => {
    const secret = sessionOf(request.headers)
    if (secret !== undefined) {
      const caller = await identity.identify({ session: secret }).catch(() => undefined)
      await sessions.end(secret)
      if (caller) identity.forget(caller.principal.id)
    }
    reply.header('set-cookie', cookieOf(SESSION, originIn(request)))
    const url = await provider?.signOutUrl(`${originIn(request)}/`).catch(() => undefined)
    return reply.send({ goTo: url?.href ?? '/' })
  })

  if (options.isDemo)
    route('POST', '/auth/demo', async (request, reply) => {
      if (!isFromThisMachine(request)) throw Forbidden.with()
      const opened = await sessions.open(DEMO)
      await begin(request, reply, opened)
      return reply.send({
        organisation: opened.organisation,
        says: 'This is the demo: you are signed in as its administrator, without a password.',
      })
    })
}
