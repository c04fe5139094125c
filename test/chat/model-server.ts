/** A language model for tests of the chat: it answers as it is told. */
import { openLanguageModel } from '#connectors/language-model/index.ts'
import type { Assistant } from '#gateway/chat/assistant.ts'
import { systemClock } from '#kernel/clock.ts'
import { type OutsideAnswer, outsideAnswers, written } from '../kit/outside-answers.ts'

/** What it answers: its words, a status, or nothing at all. */
export type Told = { words: string } | { status: number } | 'never'

const answerOf = (told: Told): OutsideAnswer => {
  if (told === 'never') return told
  return 'status' in told ? { ...told, text: '{}' } : written(told.words)
}

export const startModel = async () => {
  const asked: string[] = []
  const script = { told: { words: '{}' } as Told }
  const server = await outsideAnswers(({ body }) => {
    const { messages } = JSON.parse(body) as { messages: { role: string; content: unknown }[] }
    asked.push(JSON.stringify(messages.filter(({ role }) => role === 'user')))
    return answerOf(script.told)
  })
  const url = `${server.url}/v1`
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
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
export type ModelServer = Awaited<ReturnType<typeof startModel>>
