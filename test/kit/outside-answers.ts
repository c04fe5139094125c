/** A server on this machine that plays somebody outside, such as a language model, and answers as the test says. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered: JSON, or a status with headers and any text, or nothing at all. */
export type OutsideAnswer =
  | { json: unknown }
  | { status: number; headers?: Record<string, string>; text?: string }
  | 'never'

/** What it was asked. */
export interface OutsideAsked {
  path: string
  key: string | undefined
  body: string
}

/** Starts it. @param answer what it says to what it is asked */
export const outsideAnswers = async (answer: (asked: OutsideAsked) => OutsideAnswer) => {
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const told = answer({ path: request.url ?? '', key: request.headers.authorization, body })
      if (told === 'never') return void open.add(response)
      if ('json' in told)
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(told.json))
      response.writeHead(told.status, told.headers ?? {}).end(told.text ?? '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const response of open) response.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A language model's answer, as servers give it that speak OpenAI’s protocol for chats. */
export const written = (content: string): OutsideAnswer => ({
  json: {
    ...{ id: 'x', object: 'chat.completion', created: 1, model: 'small-model' },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  },
})
