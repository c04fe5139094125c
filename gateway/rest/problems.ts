import type { FastifyReply } from 'fastify'
import type { FormattedExecutionResult } from 'graphql'
import type { HubError } from '#kernel/errors.ts'
import { loadProblems, problemTitle, problemType, refusalName, refusalStatus } from '#operations/problems.ts'

/** A problem of RFC 9457, with the hub's own members beside it. */
export interface Problem extends Record<string, unknown> {
  /** An address of the hub's own, below which the kind of problem is described. */
  type: string
  title: string
  status: number
  detail: string
  code: string
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** All kinds of problems: what stands behind their `type`. */
export const problemKinds = loadProblems()
const statuses = new Map(problemKinds.flatMap(({ code, status }) => (code === null ? [] : [[code, status]])))
/** Codes that Apollo and graphql-js have for what a caller sent. */
const ABOUT_THE_REQUEST = new Set(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'BAD_REQUEST'])
const GENERAL = 'INTERNAL'

/** The problem of an error of ours. */
export const problemOf = (error: HubError, more: Record<string, unknown> = {}): Problem =>
  made(error.code, error.code, error.status, error.message, more)

/** The problem of the first error of an operation that answered nothing. */
export const problemOfErrors = (errors: FormattedExecutionResult['errors']): Problem => {
  const [first] = errors ?? []
  const { code: sent, ...more } = first?.extensions ?? {}
  const code = typeof sent === 'string' ? sent : GENERAL
  if (ABOUT_THE_REQUEST.has(code)) return made('BAD_INPUT', code, 400, first?.message ?? '', more)
  const status = statuses.get(code)
  // A code that is listed nowhere would lead to a page that is not there.
  return made(status === undefined ? GENERAL : code, code, status ?? 500, first?.message ?? '', more)
}

/** The problem of a refusal of the graph, by its type. */
export const problemOfRefusal = ({
  __typename,
  code,
  message,
  ...more
}: Record<string, unknown>): Problem => {
  const type = String(__typename)
  return made(refusalName(type), String(code), refusalStatus(type), String(message), more)
}

const made = (
  kind: string,
  code: string,
  status: number,
  detail: string,
  more: Record<string, unknown>,
): Problem => {
  const problem = { type: problemType(kind), title: problemTitle(kind), status, detail, code }
  // A refusal may have a field of such a name, as a port order has its status: its sentence tells that.
  return { ...problem, ...more, ...problem }
}

/** Problems that are over in a moment. Of what else goes by later, the limits say when. */
const SOON = new Set(
  problemKinds
    .filter(({ status, retry }) => retry === 'later' && [409, 502, 503].includes(status))
    .map(({ type }) => type),
)

/** What stands beside a problem. Whoever may send the same again soon is told so. */
export const problemHeaders = ({ type, status }: Problem): Record<string, string> => ({
  'content-type': PROBLEM_TYPE,
  ...(status === 503 || SOON.has(type) ? { 'retry-after': '1' } : {}),
})

/** Sends a problem. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply => {
  const { 'retry-after': after, ...headers } = problemHeaders(problem)
  if (after !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', after)
  return reply.code(problem.status).headers(headers).send(JSON.stringify(problem))
}
