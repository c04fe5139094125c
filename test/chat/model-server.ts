/** A language model for tests: a server that speaks OpenAI’s protocol for chats and answers as it is told. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openLanguageModel } from '#connectors/language-model/index.ts'
import type { Assistant } from '#gateway/chat/assistant.ts'
import { systemClock } from '#kernel/clock.ts'

/** What it answers: its words, a status, or nothing at all. */
export type Told = { words: string } | { status: number } | 'never'

export const startModel = async () => {
  const asked: string[] = []
  const script = { told: { words: '{}' } as Told }
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const { messages } = JSON.parse(body) as { messages: { role: string; content: unknown }[] }
      asked.push(JSON.stringify(messages.filter(({ role }) => role === 'user')))
      const { told } = script
      if (told === 'never') return void open.add(response)
      if ('status' in told) return void response.writeHead(told.status).end('{}')
      const choices = [
        { index: 0, message: { role: 'assistant', content: told.words }, finish_reason: 'stop' },
      ]
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
      const answer = { id: 'x', object: 'chat.completion', created: 1, model: 'small', choices, usage }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const model = openLanguageModel({ url, key: 'a key', name: 'small', isInside: true, clock: systemClock })
  return {
    script,
    /** What it was told of sentences, as JSON. */
    asked,
    /** The way to it that a gateway is given. */
    assistant: (more: Partial<Assistant> = {}): Assistant => ({
      write: model.write,
      isToldNames: false,
      ...more,
    }),
    [Symbol.asyncDispose]: async () => {
      for (const response of open) response.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
export type ModelServer = Awaited<ReturnType<typeof startModel>>
