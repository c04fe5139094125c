import type { FastifyInstance } from 'fastify'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { intakeOf } from '#service/intake.ts'
import { type FinishAround, type Finished, finishConnection } from '../commands/finish-connection.ts'

/** Nothing of the page runs, loads or is framed; what it says is ours alone. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

interface Around extends FinishAround {
  seal: PrincipalSeal
  /** A portal was connected: its events may be moved. */
  published(): void
}

/**
 * `GET /hubspot/callback`: where HubSpot sends the browser back to. It answers a page of its own and leads nowhere, whatever the
 * address says.
 */
export const hubSpotCallback = (app: FastifyInstance, around: Around): void => {
  app.get('/hubspot/callback', async (request, reply) => {
    const { url } = await intakeOf(request, around.seal)
    const { searchParams } = new URL(url)
    // What comes twice says two things: neither counts.
    const only = (name: string) => {
      const values = searchParams.getAll(name)
      return values.length === 1 && values[0] ? values[0] : null
    }
    const back = {
      state: only('state'),
      code: only('code'),
      error: only('error'),
      cookies: request.headers.cookie,
    }
    const finished = await finishConnection(around, back)
    if (finished.isConnected) around.published()
    if (finished.cookie) void reply.header('set-cookie', finished.cookie)
    return reply
      .code(finished.status)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(pageOf(finished))
  })
}

const pageOf = ({ isConnected, message }: Finished): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="${POLICY.replace(" frame-ancestors 'none';", '')}">
<title>${isConnected ? 'HubSpot is connected' : 'HubSpot is not connected'}</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem }</style></head>
<body><h1>${isConnected ? 'HubSpot is connected' : 'HubSpot is not connected'}</h1>
<p>${escaped(message)}</p><p>You may close this window.</p></body></html>
`

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`)
