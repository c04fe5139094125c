import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Graph, openGateway, post, startGraph } from '#test/kit/gateway.ts'

let graph: Graph
beforeAll(async () => {
  graph = await startGraph()
})
afterAll(() => graph[Symbol.asyncDispose]())

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(graph.gateway.url + path, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe.each(['/', '/graphiql', '/docs'])('the page at %s', (path) => {
  it('loads everything from this hub', async () => {
    const page = await get(path)
    expect(page.status).toBe(200)
    const links = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!)
    const files = links.filter((link) => /\.(js|css)$/.test(link))
    expect(files.length).toBeGreaterThan(1)
    for (const link of links.filter((link) => !link.startsWith('data:'))) {
      expect(link).toMatch(/^\/(?!\/)/)
      const asset = await get(link)
      expect(`${link} ${asset.status}`).toBe(`${link} 200`)
      expect(asset.text.length).toBeGreaterThan(10)
    }
  })
})

describe('the landing page', () => {
  it('runs no script but its own', async () => {
    const { headers, text } = await get('/')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(text).not.toMatch(/<script(?![^>]*src=)|style="|\son\w+="/)
  })

  it('shows a first query that runs', async () => {
    const operations = JSON.parse((await get('/landing/operations.json')).text)
    const { token } = JSON.parse((await get('/landing/demo-token')).text)
    const { body } = await post(`${graph.gateway.url}/graphql`, { query: operations.UnifiedCustomers }, token)
    expect(body.errors).toBeUndefined()
    expect(body.data).toMatchObject({
      customers: { nodes: [{ rfqs: {}, trunks: {}, health: {} }, {}, {}, {}, {}] },
    })
  })
})

describe('the page of the REST door', () => {
  it.each(['/docs', '/problems', '/problems/not-found'])(
    'at %s lets nothing run or be loaded that is not a file of this hub, be it that a text of it were a script',
    async (path) => {
      const { headers, text } = await get(path, { accept: 'text/html' })
      expect(headers.get('content-type')).toContain('text/html')
      const policy = headers.get('content-security-policy') ?? ''
      const rules = Object.fromEntries(
        policy.split('; ').map((rule) => rule.split(/ (.*)/, 2) as [string, string]),
      )
      expect(rules).toMatchObject({
        ...{ 'default-src': "'none'", 'style-src': "'self'", 'base-uri': "'none'", 'form-action': "'none'" },
        'frame-ancestors': "'none'",
      })
      expect([undefined, "'self'"]).toContain(rules['script-src'])
      expect(text).not.toMatch(/<script(?![^>]*src="\/)|<style|style="|\son\w+=|https?:\/\//)
    },
  )

  it('loads and tells nothing elsewhere', async () => {
    const { headers } = await get('/docs')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(headers.get('content-security-policy')).toContain("connect-src 'self';")
    expect((await get('/docs/start.js')).text).toContain('validatorUrl: null')
  })
})

describe('the demo’s token', () => {
  it('only reads', async () => {
    const { token } = JSON.parse((await get('/landing/demo-token')).text)
    expect(decodeJwt(token).roles).toEqual(['readonly'])
  })

  it('is given to this machine’s own page only', async () => {
    expect((await get('/landing/demo-token', { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    // What a page elsewhere can do that gives its own name the address 127.0.0.1.
    const { port } = graph.gateway
    const { stdout } = await promisify(execFile)(process.execPath, [
      '-e',
      `require('http').get({ port: ${port}, path: '/landing/demo-token', headers: { host: 'evil.example' } }, (r) => { console.log(r.statusCode); r.destroy() })`,
    ])
    expect(stdout.trim()).toBe('403')
  })

  it('does not exist where an identity provider is configured', async () => {
    const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
    const { issuer, audience, jwks } = graph.issuer
    await using gateway = await openGateway(graph.issuer, urls, {
      identity: { issuer, audience, keys: { jwks } },
    })
    expect((await fetch(`${gateway.url}/landing/demo-token`)).status).toBe(403)
  })
})

describe('npm run token', () => {
  it('prints a token of the home’s issuer and nothing else', async () => {
    const file = join(import.meta.dirname, '../../gateway/identity/token.ts')
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [file, '--role', 'readonly', '--org', 'demo'],
      {
        env: { TRIBUTARY_HOME: graph.home },
      },
    )
    expect(stderr).toBe('')
    const { body } = await graph.ask('{ viewer { id } }', {}, stdout.trim())
    expect(body.data).toEqual({ viewer: { id: 'demo:readonly' } })
  })
})
