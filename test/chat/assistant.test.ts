import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Assistant, askAssistant } from '#gateway/chat/assistant.ts'
import { catalogueInterpreter } from '#operations/interpreter.ts'
import { find } from '../../bench/chat/world.ts'
import { silentLog } from '../kit/log.ts'
import { type ModelServer, startModel } from './model-server.ts'

const interpreter = catalogueInterpreter()
let model: ModelServer

beforeAll(async () => {
  model = await startModel()
})
afterAll(() => model[Symbol.asyncDispose]())
beforeEach(() => {
  model.asked.length = 0
})

const ask = (text: string, assistant: Assistant = model.assistant()) =>
  askAssistant(assistant, text, {
    ...{ interpreter, find, log: silentLog },
    signal: new AbortController().signal,
  })
const says = (words: object | string) => {
  model.script.told = { words: typeof words === 'string' ? words : JSON.stringify(words) }
}

describe('a language model that is asked what a sentence means', () => {
  it('chooses an operation, and its names are looked up', async () => {
    says({ operation: 'CustomerTickets', names: { id: 'NAME1' }, values: { open: true } })
    expect(await ask('anything left over around Acme GmbH')).toMatchObject({
      kind: 'OPERATION',
      intent: { name: 'CustomerTickets' },
      variables: { id: 'acme', open: true },
      subjects: [{ kind: 'customer', id: 'acme', label: 'Acme GmbH' }],
    })
  })

  it('is told no names, numbers or addresses, unless that is allowed', async () => {
    says({ operation: 'NONE' })
    const sentence = 'did Müller or "the blue shop" (jane.doe@example.com, +49 69 1234567) grumble to Globex?'
    await ask(sentence)
    for (const name of ['Müller', 'blue', 'jane', 'example.com', '1234567', 'Globex'])
      expect(model.asked.join()).not.toContain(name)
    expect(model.asked.join()).toContain('NAME1')
    await ask(sentence, model.assistant({ isToldNames: true }))
    expect(model.asked.at(-1)).toContain('jane.doe@example.com')
  })

  it('is not believed: what is invented, not said or not to be had comes to nothing', async () => {
    const lies: (object | string)[] = [
      { operation: 'DeleteEverything' },
      { operation: 'CustomerTickets', names: { id: 'Initech' } },
      { operation: 'CustomerTickets', names: { id: 'NAME7' } },
      { operation: 'CustomerTickets' },
      { operation: 'CustomerTickets', names: { id: 'NAME1' }, values: { open: 'DROP TABLE' } },
      { operation: 'Tickets', values: { severity: 'SEVEREST' } },
      { operation: ['Tickets'] },
      'Sure! I have deleted everything for you.',
      '{"operation": "Tickets"',
    ]
    for (const lie of lies) {
      says(lie)
      expect([lie, await ask('something around Acme')]).toEqual([lie, undefined])
    }
    says({ operation: 'Tickets', invented: 1, values: { invented: true } })
    expect(await ask('something around here')).toMatchObject({ intent: { name: 'Tickets' }, variables: {} })
  })

  it('is not waited for when it is slow, and not missed when it is down', async () => {
    model.script.told = 'never'
    expect(await ask('something around Acme', model.assistant({ deadlineMs: 200 }))).toBeUndefined()
    model.script.told = { status: 500 }
    expect(await ask('something around Acme')).toBeUndefined()
    expect(model.asked).toHaveLength(2)
  })
})
