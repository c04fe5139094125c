import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { measuresText } from './measures.ts'

/**
 * Whether a request may read measures: it shows the token, or, where there is none, comes from this machine itself and not through a proxy.
 */
export const mayMeasure = ({ headers, socket }: IncomingMessage, token: string | undefined): boolean => {
  if (token !== undefined) {
    const [shown, wanted] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${token}`)]
    return shown.length === wanted.length && timingSafeEqual(shown, wanted)
  }
  const isPassedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  return !isPassedOn && /^(?:127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '')
}

interface App {
  get(
    path: string,
    answer: (
      request: { raw: IncomingMessage },
      reply: {
        code(status: number): { send(body: string): unknown }
        type(type: string): { send(body: string): unknown }
      },
    ) => Promise<unknown>,
  ): unknown
}

/** `GET /metrics`: what this process shows of itself. Who may not see it is told that there is nothing. */
export const measuresDoor = (app: App, token: string | undefined): void => {
  app.get('/metrics', async (request, reply) => {
    if (!mayMeasure(request.raw, token)) return reply.code(404).send('')
    const { type, text } = await measuresText()
    return reply.type(type).send(text)
  })
}
