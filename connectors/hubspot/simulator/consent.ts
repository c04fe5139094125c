import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { mayRedirect } from './app.ts'
import type { OAuthGround } from './oauth.ts'

/** What an app asks a customer for. */
interface Asked {
  redirectUri: string
  required: string[]
  optional: string[]
  state: string | null
  challenge?: string
}

const page = (status: number, title: string, inner: string): SimReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color: #213343 }
  fieldset { border: 1px solid #cbd6e2; border-radius: 4px; margin: 1rem 0; padding: .5rem 1rem }
  label { display: block; padding: .15rem 0 }
  button { font: inherit; padding: .5rem 1.25rem; border-radius: 4px; border: 1px solid #ff5c35; background: #fff; cursor: pointer }
  button[value=allow] { background: #ff5c35; color: #fff }
  code { font-size: .9em }
</style></head><body><h1>${title}</h1>${inner}</body></html>`,
})

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`)

const refused = (why: string): SimReply =>
  page(400, 'We couldn’t complete the connection', `<p>${escaped(why)}</p>`)

const words = (text: string | null): string[] => [...new Set((text ?? '').split(/\s+/).filter(Boolean))]

const asked = ({ credentials: { app } }: OAuthGround, query: URLSearchParams): Asked | string => {
  const redirectUri = query.get('redirect_uri') ?? ''
  const required = words(query.get('scope'))
  const challenge = query.get('code_challenge')
  if (query.get('client_id') !== app.clientId) return 'Authorization failed because the client ID is unknown.'
  if (!mayRedirect(app, redirectUri))
    return `Authorization failed because the redirect URL “${redirectUri}” doesn’t match the app’s registered redirect URL.`
  if (required.length === 0) return 'Authorization failed because no scopes were requested.'
  return {
    redirectUri,
    required,
    optional: words(query.get('optional_scope')),
    state: query.get('state'),
    ...(challenge === null ? {} : { challenge }),
  }
}

const back = (asked: Asked, answer: Record<string, string>): SimReply => {
  const target = new URL(asked.redirectUri)
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value)
  if (asked.state !== null) target.searchParams.set('state', asked.state)
  return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' } }
}

const denied = (ask: Asked): SimReply =>
  back(ask, { error: 'access_denied', error_description: 'The user denied access' })

const allowed = (ground: OAuthGround, ask: Asked, portal: string, optional: readonly string[]): SimReply => {
  if (!ground.hasPortal(portal)) return refused(`There is no account ${portal}.`)
  // A portal may lack what an optional scope is for; then it is left out without a word.
  const withheld = new Set(ground.withheldFrom(portal))
  const scopes = [...ask.required, ...ask.optional.filter((scope) => optional.includes(scope))].filter(
    (scope) => !withheld.has(scope),
  )
  const missing = ask.required.filter((scope) => withheld.has(scope))
  if (missing.length > 0)
    return refused(`Authorization failed because the account cannot grant ${missing.join(', ')}.`)
  const { redirectUri, challenge } = ask
  const code = ground.credentials.consent({
    portal,
    redirectUri,
    scopes,
    ...(challenge === undefined ? {} : { challenge }),
  })
  return back(ask, { code })
}

/**
 * `GET /oauth/authorize`: the page on which a user of a portal lets the app in, or not. Whoever has no browser adds
 * `auto=<portal>` or `auto=deny`, or posts the page's form: `portal`, `decision` (`allow` or `deny`), `optional` scopes.
 */
export const authorize = (
  ground: OAuthGround,
  request: SimRequest,
  portals: readonly { id: string; name: string }[],
): SimReply => {
  const ask = asked(ground, request.query)
  if (typeof ask === 'string') return refused(ask)
  if (request.method === 'POST') {
    const form = new URLSearchParams(request.body)
    return form.get('decision') === 'allow'
      ? allowed(ground, ask, form.get('portal') ?? '', form.getAll('optional'))
      : denied(ask)
  }
  const auto = request.query.get('auto')
  if (auto !== null) return auto === 'deny' ? denied(ask) : allowed(ground, ask, auto, ask.optional)
  return page(
    200,
    `Connect ${escaped(ground.credentials.app.name)} to HubSpot`,
    consentForm(request, ask, portals),
  )
}

const consentForm = (
  request: SimRequest,
  ask: Asked,
  portals: readonly { id: string; name: string }[],
): string => `
<p>This is a simulated HubSpot. Choose the account to connect; the app will be able to:</p>
<ul>${ask.required.map((scope) => `<li><code>${escaped(scope)}</code></li>`).join('')}</ul>
<form method="post" action="${escaped(request.target)}">
<fieldset><legend>Account</legend>${portals
  .map(
    ({ id, name }, i) =>
      `<label><input type="radio" name="portal" value="${escaped(id)}"${i === 0 ? ' checked' : ''}> ${escaped(name)} (${escaped(id)})</label>`,
  )
  .join('')}</fieldset>
${
  ask.optional.length === 0
    ? ''
    : `<fieldset><legend>Optional</legend>${ask.optional
        .map(
          (scope) =>
            `<label><input type="checkbox" name="optional" value="${escaped(scope)}" checked> <code>${escaped(scope)}</code></label>`,
        )
        .join('')}</fieldset>`
}
<p>You will be sent back to <code>${escaped(new URL(ask.redirectUri).host)}</code>.</p>
<button name="decision" value="allow">Connect app</button>
<button name="decision" value="deny">Cancel</button>
</form>`
