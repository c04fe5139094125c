/** `/chat`: sentences, answered by operations of the catalogue; as JSON, or step by step as server-sent events. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { LONGEST_SENTENCE } from '#chat/contract.ts'
import type { Clock } from '#kernel/clock.ts'
import { BadInput } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { catalogueInterpreter } from '#operations/interpreter.ts'
import type { Manifest } from '#operations/manifest.ts'
import { type Chat, openChat, type Progress, type Reply } from '../chat/answering.ts'
import type { Assistant } from '../chat/assistant.ts'
import { openMemory } from '../chat/memory.ts'
import { publicError } from '../errors.ts'
import type { Executor, RequestContext } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'
import type { OpenEventStream } from './event-stream.ts'

interface Options {
  executor: Executor
  identity: Identity
  manifest: Manifest
  hubUrl: string
  seal: PrincipalSeal
  clock: Clock
  openEventStream: OpenEventStream
  /** A language model that helps where the grammar does not get on. */
  assistant?: Assistant | undefined
}

const BODY_BYTES = 16 * 1024
/** What is longer is no sentence: it is told so with its length, but not read. */
const MOST_TEXT = 4_000

const said = z.strictObject({
  text: z.string().max(MOST_TEXT),
  conversationId: z.uuid().nullish(),
})
const confirmed = z.strictObject({
  confirm: z.strictObject({
    token: z.string().min(1).max(4_000),
    operation: z.string().max(100),
    variables: z.record(z.string(), z.unknown()).default({}),
  }),
})
const body = z.union([said, confirmed])

const BODY = `must be {"text": up to ${LONGEST_SENTENCE} characters, "conversationId"?} or {"confirm": {"token", "operation", "variables"}}`

/** Opens the door. */
export const chatDoor = (app: FastifyInstance, options: Options): void => {
  const { executor, identity, manifest, openEventStream } = options
  const chat = openChat({
    ...options,
    interpreter: catalogueInterpreter(),
    operations: new Map(manifest.operations.map((operation) => [operation.name, operation])),
    memory: openMemory(options),
  })
  app.route({
    method: 'POST',
    url: '/chat',
    bodyLimit: BODY_BYTES,
    onRequest: async (request) => {
      request.visitor = await callerOf(request, identity)
    },
    handler: async (request, reply) => {
      const read = body.safeParse(request.body)
      // Not in zod's words: they could quote what was said.
      if (!read.success) throw BadInput.with({ field: 'body', reason: BODY })
      const isConfirmed = 'confirm' in read.data
      const context = contextOf(request, reply, request.visitor as Caller, executor, { isRead: !isConfirmed })
      if (!wantsEvents(request.headers.accept)) {
        const answer = await answerTo(chat, read.data, context)
        tellBeside(reply, context)
        return reply.header('cache-control', 'no-store').send(answer)
      }
      const stream = openEventStream(reply)
      const tell: Progress = (event, what) => void stream.send({ event, data: JSON.stringify(what) })
      try {
        const answer = await answerTo(chat, read.data, context, tell)
        stream.end({ event: 'answer', data: JSON.stringify(answer) })
      } catch (error) {
        const { message, extensions } = publicError(error, executor.log)
        stream.end({ event: 'error', data: JSON.stringify({ message, code: extensions?.code }) })
      }
      return reply
    },
  })
}

const wantsEvents = (accept: string | undefined): boolean => accept?.includes('text/event-stream') === true

const answerTo = (
  chat: Chat,
  asked: z.infer<typeof body>,
  context: RequestContext,
  progress?: Progress,
): Promise<Reply> =>
  'confirm' in asked
    ? chat.confirm(asked.confirm, context)
    : chat.answer({ text: asked.text, conversationId: asked.conversationId ?? null }, context, progress)
