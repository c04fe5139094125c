import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OutsideConfig } from '#subgraphs/insights/sync/outside.ts'

export const RESEARCH_KEY = 'a key of the research service'
export const MODEL_KEY = 'a key of the language model'

/** What is answered: JSON, or a status with headers and any text, or nothing at all. */
type Answer =
  | { json: unknown }
  | { status: number; headers?: Record<string, string>; text?: string }
  | 'never'

interface Fact {
  key: string
  text: string
}

/** A server on this machine that is a research service and a language model, and answers as the test says. */
export const outsideServer = async () => {
  const asked: { path: string; key: string | undefined; body: string }[] = []
  const script = {
    research: (): Answer => ({ json: { facts: [] } }),
    /** @param facts what the model is to word */
    model: (facts: readonly Fact[]): Answer => wording(facts.map(({ key, text }) => ({ claim: key, text }))),
  }
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const path = request.url ?? ''
      asked.push({ path, key: request.headers.authorization, body })
      const answer = path === '/research' ? script.research() : script.model(factsIn(body))
      if (answer === 'never') return void open.add(response)
      const { status, headers, text } =
        'json' in answer
          ? {
              status: 200,
              headers: { 'content-type': 'application/json' },
              text: JSON.stringify(answer.json),
            }
          : { headers: {}, text: '', ...answer }
      response.writeHead(status, headers).end(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config: Required<OutsideConfig> = {
    research: { url: `${url}/research`, key: RESEARCH_KEY, costPerCall: '0.01' },
    model: { url: `${url}/v1`, key: MODEL_KEY, name: 'small-model', costPerCall: '0.002' },
  }
  return {
    config,
    script,
    asked,
    /** How often each was asked. */
    counts: () => ({
      research: asked.filter(({ path }) => path === '/research').length,
      model: asked.filter(({ path }) => path === '/v1/chat/completions').length,
    }),
    [Symbol.asyncDispose]: async () => {
      for (const response of open) response.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
export type OutsideServer = Awaited<ReturnType<typeof outsideServer>>

/** The facts that a model was given. */
const factsIn = (body: string): Fact[] => {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] }
  return JSON.parse(messages.find(({ role }) => role === 'user')!.content).facts
}

/** A model's answer as such servers give it. */
export const written = (content: string): Answer => ({
  json: {
    ...{ id: 'x', object: 'chat.completion', created: 1, model: 'small-model' },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  },
})

/** A model that answers as it was asked to. */
export const wording = (sentences: readonly { claim: string; text: string }[]): Answer =>
  written(JSON.stringify({ sentences }))
