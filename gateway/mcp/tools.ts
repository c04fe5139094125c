/** The tools of assistants: everyday operations under their own names, and two tools for all the others. */
import {
  type CallToolResult,
  ErrorCode,
  type Tool as Listed,
  McpError,
} from '@modelcontextprotocol/sdk/types.js'
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql'
import { z } from 'zod'
import { BadInput, type HubError, NotFound } from '#kernel/errors.ts'
import { PlanNeedsVendor } from '#kernel/planning.ts'
import { holds, type Principal } from '#kernel/principal.ts'
import type { Operation } from '#operations/manifest.ts'
import { CONFIRM, type Tool } from '#operations/tools.ts'
import type { Executor, RequestContext } from '../execute.ts'
import { shownPlan } from '../planning.ts'
import { refusalOf } from '../refusals.ts'
import type { FindTools } from './search.ts'

/** Whose call it is. */
export interface Call {
  principal: Principal
  /** What an operation takes along; a read ends when nobody waits for it any more. */
  context(isRead: boolean): RequestContext
}

export interface Toolbox {
  /** The tools that this caller may use. */
  list(principal: Principal): Listed[]
  /** @throws McpError when there is no such tool. Everything else that goes wrong is in the result. */
  call(name: string, args: Record<string, unknown>, call: Call): Promise<CallToolResult>
}

const SEARCH = 'search_operations'
const RUN = 'run_operation'
const MOST_FOUND = 10

const searchArguments = z.strictObject({
  text: z.string().min(1).max(500).describe('What you want to know or do, in a few words.'),
  most: z.int().min(1).max(MOST_FOUND).default(5).describe('How many to answer at most.'),
})
const runArguments = z.strictObject({
  name: z.string().max(200).describe('The name of the operation, as search_operations answers it.'),
  arguments: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Its arguments, as the operation’s inputSchema has them.'),
  confirm: z.string().max(10_000).optional().describe(String(CONFIRM.description)),
})

const schemaOf = (type: z.ZodType): Listed['inputSchema'] => {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' })
  return schema as Listed['inputSchema']
}

const GENERAL: Listed[] = [
  {
    name: SEARCH,
    title: 'Find an operation',
    description:
      'Find operations of the hub beyond the tools listed here, by what they are for. Answers their names and what they take; run them with run_operation.',
    inputSchema: schemaOf(searchArguments),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  {
    name: RUN,
    title: 'Run an operation',
    description:
      'Run an operation that search_operations has found. One that changes something answers a plan first; it is done once that is confirmed.',
    inputSchema: schemaOf(runArguments),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  },
]

const shown = ({ name, title, description, inputSchema, annotations }: Tool): Listed => ({
  ...{ name, title, description, inputSchema: inputSchema as Listed['inputSchema'], annotations },
})

/** An answer for programs, and the same as text for those that read nothing else. */
const answer = (content: Record<string, unknown>, isError = false): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(content) }],
  structuredContent: content,
  ...(isError ? { isError } : {}),
})

interface Trouble {
  code: string
  message: string
  [more: string]: unknown
}
const failed = (error: Trouble): CallToolResult => answer({ error }, true)
const asTrouble = ({ code, message }: HubError): Trouble => ({ code, message })

/** Opens the tools over the catalogue. */
export const openToolbox = (options: {
  executor: Executor
  tools: readonly Tool[]
  operations: readonly Operation[]
  find: FindTools
}): Toolbox => {
  const { executor, find } = options
  const operations = new Map(options.operations.map((operation) => [operation.name, operation]))
  const tools = new Map(options.tools.map((tool) => [tool.name, tool]))
  const everyday = options.tools.filter((tool) => tool.everyday)

  const run = async (tool: Tool, given: Record<string, unknown>, call: Call): Promise<CallToolResult> => {
    const { confirm, ...variables } = given
    const stranger = Object.keys(given).find((name) => !(name in tool.inputSchema.properties))
    if (stranger !== undefined)
      return failed(asTrouble(BadInput.with({ field: stranger, reason: 'is no argument of this tool' })))
    if (confirm !== undefined && typeof confirm !== 'string')
      return failed(asTrouble(BadInput.with({ field: 'confirm', reason: 'is the token of a plan' })))
    const { text } = operations.get(tool.name)!
    const ask = { query: text, operationName: tool.name, variables }
    const context = call.context(tool.kind === 'query')
    if (tool.kind === 'query') return read(await executor.run(ask, context))
    return confirm === undefined
      ? planned(await executor.planOf(ask, context))
      : confirmed(await executor.confirm(ask, confirm, context))
  }

  const read = ({ data, errors }: FormattedExecutionResult): CallToolResult => {
    const whole = { ...(data ? { data } : {}), ...(errors ? { errors } : {}) }
    const isNothing = Object.values(data ?? {}).every((value) => value === null)
    if (errors && isNothing) return failed(troubleOf(errors))
    return isNothing
      ? failed(asTrouble(NotFound.with({ what: 'What you asked for' })))
      : (refused(data) ?? answer(whole))
  }

  const planned = (result: FormattedExecutionResult): CallToolResult => {
    const { data, errors } = result
    if (errors) return failed(troubleOf(errors))
    const refusal = refused(data)
    if (refusal) return refusal
    const plan = shownPlan(result)
    if (!plan?.confirm) return failed({ code: PlanNeedsVendor.code, message: UNPLANNABLE })
    const next = `Nothing is changed yet. To do it, call again with the same arguments and \`confirm\`: the token of the plan. It is good until ${plan.confirm.expiresAt}.`
    return answer({ plan, data, next })
  }

  const confirmed = (result: FormattedExecutionResult): CallToolResult => {
    const { data, errors } = result
    if (errors) return failed(troubleOf(errors))
    const plan = shownPlan(result)
    return refused(data) ?? answer({ data, ...(plan ? { done: plan } : {}) })
  }

  const refused = (data: FormattedExecutionResult['data']): CallToolResult | undefined => {
    for (const body of Object.values(data ?? {})) {
      const found = refusalOf(executor.snapshot.schema, body)
      if (found) return failed({ code: found.code, message: found.message, ...found.more })
    }
    return undefined
  }

  const mayUse =
    (principal: Principal) =>
    ({ scopes }: Tool) =>
      holds(principal, scopes)

  const search = (given: Record<string, unknown>, { principal }: Call): CallToolResult => {
    const read = searchArguments.safeParse(given)
    if (!read.success) return failed(unfit(read.error))
    const found = find(read.data.text, read.data.most, mayUse(principal))
    return answer({ operations: found.map(shown) })
  }

  const runNamed = async (given: Record<string, unknown>, call: Call): Promise<CallToolResult> => {
    const read = runArguments.safeParse(given)
    if (!read.success) return failed(unfit(read.error))
    const { name, arguments: args, confirm } = read.data
    const tool = tools.get(name)
    if (!tool)
      return failed(
        asTrouble(BadInput.with({ field: 'name', reason: `is no operation: find it with ${SEARCH}` })),
      )
    return run(tool, { ...args, ...(confirm === undefined ? {} : { confirm }) }, call)
  }

  return {
    list: (principal) => [...everyday.filter(mayUse(principal)).map(shown), ...GENERAL],
    call: async (name, args, call) => {
      if (name === SEARCH) return search(args, call)
      if (name === RUN) return runNamed(args, call)
      const tool = tools.get(name)
      if (!tool)
        throw new McpError(ErrorCode.InvalidParams, `There is no such tool. Find operations with ${SEARCH}.`)
      return run(tool, args, call)
    },
  }
}

/** Assistants may not skip the plan, so what cannot be planned is not theirs to do. */
const UNPLANNABLE =
  'What this would change cannot be told beforehand, so it cannot be done from here. Ask a person to do it.'

/** What a call failed by. After PLAN_MOVED it brings the new plan with its own token. */
const troubleOf = (errors: readonly GraphQLFormattedError[]): Trouble => {
  const [first] = errors
  const { code, ...more } = first?.extensions ?? {}
  const message = code === PlanNeedsVendor.code ? UNPLANNABLE : (first?.message ?? '')
  return { code: String(code ?? 'INTERNAL'), message, ...more }
}

const unfit = ({ issues }: z.ZodError): Trouble => {
  const [issue] = issues
  const field =
    issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'arguments')
  return asTrouble(BadInput.with({ field, reason: issue?.message ?? 'does not fit' }))
}
