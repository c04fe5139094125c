/**
 * reply   what a sentence is answered: data, a plan, a question back, or a refusal
 * What reads is run. What changes something is planned, and done only by the plan's own token: no sentence confirms anything.
 */
import { type FormattedExecutionResult, getOperationAST, getVariableValues, parse } from 'graphql'
import type { Choice, Intent, Meaning } from '#chat/contract.ts'
import type { Interpreter } from '#chat/interpret.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Operation } from '#operations/manifest.ts'
import type { Executor, RequestContext } from '../execute.ts'
import { costOf } from '../limits/cost.ts'
import { type ShownPlan, shownPlan } from '../planning.ts'
import { refusalOf } from '../refusals.ts'
import { type Assistant, askAssistant } from './assistant.ts'
import { finder } from './finding.ts'
import type { Memory, SaidTurn } from './memory.ts'
import { listedIn, sentenceOf } from './sentences.ts'

export interface Reply {
  kind: 'ANSWER' | 'PLAN' | 'QUESTION' | 'REFUSAL'
  sentence: string
  /** Why nothing was done, for programs. */
  code?: string
  /** What was understood, whether it was run or not. */
  operation: { name: string; document: string; variables: Record<string, unknown> } | null
  /** How many records it could touch at most. */
  cost: number | null
  confidence: number
  data?: unknown
  /** What of the data is missing, and why. */
  errors?: { message: string; code: string }[]
  plan?: {
    rows: ShownPlan['rows']
    events: ShownPlan['events']
    jobs: ShownPlan['jobs']
    apiCalls: number
    hash: string
    confirmToken: string
    expires: string
  }
  choices?: { label: string; operation?: string; id?: string }[]
  conversationId: string | null
}

/** What is told while a sentence is being answered. */
export type Progress = (step: 'understood' | 'resolved' | 'running', what: Record<string, unknown>) => void

export interface Chat {
  answer(
    said: { text: string; conversationId: string | null },
    context: RequestContext,
    progress?: Progress,
  ): Promise<Reply>
  /** Does what was planned, if it still comes to the same. */
  confirm(
    confirmed: { token: string; operation: string; variables: Record<string, unknown> },
    context: RequestContext,
  ): Promise<Reply>
}

interface Options {
  executor: Executor
  interpreter: Interpreter
  operations: ReadonlyMap<string, Operation>
  memory: Memory
  clock: Clock
  assistant?: Assistant | undefined
}

const HELPED = new Set(['NOT_UNDERSTOOD', 'AMBIGUOUS'])

/** Opens the chat over the graph. */
export const openChat = (options: Options): Chat => {
  const { executor, interpreter, operations, memory, clock } = options
  const { answers } = interpreter.language

  const meaningOf = async (
    text: string,
    before: Awaited<ReturnType<Memory['recall']>>,
    context: RequestContext,
  ): Promise<Meaning> => {
    const find = finder(executor, operations, context)
    const meaning = await interpreter.interpret({ text, now: clock.now(), ...before, find })
    const isHelped =
      meaning.kind !== 'OPERATION' &&
      HELPED.has(meaning.why) &&
      meaning.choices.every(({ subject }) => !subject)
    if (!options.assistant || !isHelped) return meaning
    const around = { interpreter, find, signal: context.signal, log: context.log }
    return (await askAssistant(options.assistant, text, around)) ?? meaning
  }

  const confirm: Chat['confirm'] = async ({ token, operation: name, variables }, context) => {
    const operation = operations.get(name)
    const intent = interpreter.intents.get(name)
    if (operation?.kind !== 'mutation' || !intent) return refusal(answers.onlyPlanned, 'BAD_INPUT')
    const ask = { query: operation.text, operationName: name, variables }
    const result = await executor.confirm(ask, token, context)
    return outcome(options, intent, variables, result, 1)
  }

  return {
    confirm,
    answer: async ({ text, conversationId }, context, progress = () => undefined) => {
      const { principal } = context.caller
      const before = await memory.recall(principal, conversationId)
      const meaning = await meaningOf(text, before, context)
      const isDone = meaning.kind === 'OPERATION'
      progress('understood', { kind: meaning.kind, operation: isDone ? meaning.intent.name : null })
      let reply: Reply
      let listed: Choice[] = isDone ? [] : meaning.choices
      if (isDone) {
        const { intent, variables, subjects, confidence } = meaning
        progress('resolved', { variables, subjects })
        progress('running', { isChange: intent.isChange })
        const ask = { query: intent.document, operationName: intent.name, variables }
        const result = intent.isChange
          ? await executor.planOf(ask, context)
          : await executor.run(ask, context)
        reply = outcome(options, intent, variables, result, confidence)
        if (reply.kind === 'ANSWER' && result.data) listed = listedIn(result.data)
      } else reply = replyTo(meaning)
      const turn: SaidTurn = {
        ...{ said: text, kind: reply.kind, sentence: reply.sentence },
        operation: meaning.intent?.name ?? null,
        variables: meaning.variables ?? {},
        subjects: meaning.subjects,
        isAsked: meaning.kind === 'QUESTION',
        choices: listed,
      }
      return { ...reply, conversationId: await memory.say(principal, conversationId, turn) }
    },
  }
}

const refusal = (sentence: string, code: string): Reply => ({
  ...{ kind: 'REFUSAL', sentence, code, operation: null, cost: null, confidence: 0, conversationId: null },
})

const replyTo = (meaning: Extract<Meaning, { why: string }>): Reply => {
  const { kind, why: code, sentence, choices, confidence } = meaning
  return {
    ...{ kind, sentence, code, operation: null, cost: null, confidence, conversationId: null },
    choices: choices.map(({ label, operation, subject }) => ({
      label,
      ...(operation ? { operation } : {}),
      ...(subject ? { id: subject.id } : {}),
    })),
  }
}

const costIn = (
  { snapshot, limits }: Executor,
  { document: text, name }: Intent,
  sent: Record<string, unknown>,
): number | null => {
  const document = parse(text)
  const operation = getOperationAST(document, name)
  if (!operation) return null
  const { coerced } = getVariableValues(snapshot.schema, operation.variableDefinitions ?? [], sent)
  const { schema, sizes } = snapshot
  return coerced
    ? costOf(document, operation, { schema, sizes, variables: coerced, most: limits.cost })
    : null
}

/** What came of running or planning an operation. */
const outcome = (
  { executor, interpreter }: Options,
  intent: Intent,
  variables: Record<string, unknown>,
  result: FormattedExecutionResult,
  confidence: number,
): Reply => {
  const { data, errors = [] } = result
  const { answers } = interpreter.language
  const about = {
    operation: { name: intent.name, document: intent.document, variables },
    cost: costIn(executor, intent, variables),
    confidence,
    conversationId: null,
  }
  const told = errors.map(({ message, extensions }) => ({
    message,
    code: String(extensions?.code ?? 'INTERNAL'),
  }))
  const [first] = told
  const plan = shownPlan(result)
  const refused = Object.values(data ?? {})
    .map((body) => refusalOf(executor.snapshot.schema, body))
    .find((one) => one)
  if (refused) return { ...about, kind: 'REFUSAL', sentence: refused.message, code: refused.code, data }
  if (intent.isChange && plan?.confirm) {
    const { rows, events, jobs, calls, hash, confirm } = plan
    const sentence = answers.planned(intent.description)
    const shown = {
      rows,
      events,
      jobs,
      apiCalls: calls,
      hash,
      confirmToken: confirm.token,
      expires: confirm.expiresAt,
    }
    // A plan that has moved comes with its error: what is shown is the new one.
    if (first) return { ...about, kind: 'PLAN', sentence: first.message, code: first.code, plan: shown }
    return { ...about, kind: 'PLAN', sentence, plan: shown, data }
  }
  const isEmpty = !data || Object.values(data).every((value) => value === null)
  if (first && isEmpty)
    return { ...about, kind: 'REFUSAL', sentence: first.message, code: first.code, errors: told }
  const sentence = intent.isChange
    ? answers.done(intent.description)
    : sentenceOf(intent, variables, data ?? {}, answers)
  return { ...about, kind: 'ANSWER', sentence, data, ...(first ? { errors: told } : {}) }
}
