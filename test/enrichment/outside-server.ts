import type { OutsideConfig } from '#subgraphs/insights/sync/outside.ts'
import { type OutsideAnswer, type OutsideAsked, outsideAnswers, written } from '../kit/outside-answers.ts'

export const RESEARCH_KEY = 'a key of the research service'
export const MODEL_KEY = 'a key of the language model'

interface Fact {
  key: string
  text: string
}

/** A server on this machine that is a research service and a language model, and answers as the test says. */
export const outsideServer = async () => {
  const asked: OutsideAsked[] = []
  const script = {
    research: (): OutsideAnswer => ({ json: { facts: [] } }),
    /** @param facts what the model is to word */
    model: (facts: readonly Fact[]): OutsideAnswer =>
      wording(facts.map(({ key, text }) => ({ claim: key, text }))),
  }
  const server = await outsideAnswers((one) => {
    asked.push(one)
    return one.path === '/research' ? script.research() : script.model(factsIn(one.body))
  })
  const { url } = server
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
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
export type OutsideServer = Awaited<ReturnType<typeof outsideServer>>

/** The facts that a model was given. */
const factsIn = (body: string): Fact[] => {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] }
  return JSON.parse(messages.find(({ role }) => role === 'user')!.content).facts
}

/** A model that answers as it was asked to. */
export const wording = (sentences: readonly { claim: string; text: string }[]): OutsideAnswer =>
  written(JSON.stringify({ sentences }))
