/** A real identity provider, and browsers that sign in there as people do: they follow redirections, keep cookies and send forms. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

export const CLIENT = { id: 'tributary', secret: 'what the hub and its provider share' }

export interface TestProvider extends AsyncDisposable {
  issuer: string
  /** Tells it where the hub is: browsers are sent back there and nowhere else. */
  serves(hubUrl: string): void
}

/** Starts a provider that lets everybody in under the name they give, as `<name>@company.example`; confirmed unless it begins with x. */
export const startProvider = async (): Promise<TestProvider> => {
  let handler: RequestListener = (_, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => handler(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    serves: (hubUrl) => {
      handler = new Provider(issuer, configurationFor(hubUrl)).callback()
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const configurationFor = (hubUrl: string) => ({
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: [`${hubUrl}/auth/callback`],
      post_logout_redirect_uris: [`${hubUrl}/`],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['only for this test'] },
  findAccount: (_: unknown, sub: string) => ({
    accountId: sub,
    claims: () => ({
      sub,
      name: `Name of ${sub}`,
      email: `${sub}@company.example`,
      email_verified: !sub.startsWith('x'),
    }),
  }),
})

export interface Browser {
  /** One request, with the cookies of its origin. */
  request(
    url: string,
    init?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Response>
  /** Goes to an address and wherever it leads, signing in by a name where that is asked for. @returns the addresses, the last answer */
  visit(url: string, login: string): Promise<{ places: string[]; last: Response }>
  /** The cookies that an origin has set: as they were set, and as they are sent. */
  cookies(origin: string): Map<string, { value: string; attributes: string }>
}

const MOST_STEPS = 20

export const openBrowser = (): Browser => {
  const jar = new Map<string, Map<string, { value: string; attributes: string }>>()
  const cookies = (origin: string) => {
    const found = jar.get(origin) ?? new Map()
    jar.set(origin, found)
    return found
  }
  const request: Browser['request'] = async (url, init = {}) => {
    const { origin } = new URL(url)
    const sent = [...cookies(origin)].map(([name, { value }]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...(sent ? { cookie: sent } : {}), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value, attributes] = /^([^=]+)=([^;]*);?(.*)$/.exec(line) as unknown as string[]
      if (!value || /max-age=0\b/i.test(attributes!) || /1970/.test(attributes!)) cookies(origin).delete(name)
      else cookies(origin).set(name, { value, attributes })
    }
    return response
  }
  return {
    request,
    cookies,
    visit: async (url, login) => {
      const places: string[] = []
      let next = url
      const page = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
      let form: { method: string; headers: Record<string, string>; body: string } | undefined
      for (let step = 0; step < MOST_STEPS; step++) {
        places.push(next)
        const last = await request(next, form ?? page)
        form = undefined
        const location = last.headers.get('location')
        if (location) {
          next = new URL(location, next).href
          continue
        }
        const text = last.headers.get('content-type')?.includes('html') ? await last.clone().text() : ''
        const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1]
        const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1]
        if (!action || !prompt || !next.includes('/interaction/')) return { places, last }
        next = new URL(action, next).href
        const fields: Record<string, string> =
          prompt === 'login' ? { prompt, login, password: 'any' } : { prompt }
        const body = new URLSearchParams(fields).toString()
        form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }
      }
      throw new Error(`it leads on and on: ${places.join(' ')}`)
    },
  }
}
