/**
 * plan   what a mutation would do, told by the subgraphs that ran it to its end and undid it: see kernel/planning.ts
 * part   what one fetch of the mutation does in one subgraph; a document may have several, one after the other
 */
import { createHash } from 'node:crypto'
import { type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql'
import { isHubError } from '#kernel/errors.ts'
import { PlanMoved } from '#kernel/planning.ts'
import type { Confirmable, Confirmations, PlannedParts } from './confirmations.ts'
import { asGraphQLError } from './errors.ts'
import type { RequestContext } from './execute.ts'

/** Only plan it · do it, as this token confirms. */
export type PlanningWish = { kind: 'plan' } | { kind: 'confirm'; token: string }

export const CONFIRM_HEADER = 'x-hub-confirm'

/** What a subgraph says of its part. */
interface PartPlan {
  hash: string
  rows: { table: string; operation: string; count: number }[]
  events: { name: string; count: number; keys: string[] }[]
  jobs: { name: string; count: number }[]
  calls: number
}

/** What everybody is shown of a plan, in `extensions.plan`. */
export interface ShownPlan {
  hash: string
  rows: (PartPlan['rows'][number] & { part: string })[]
  events: (PartPlan['events'][number] & { part: string })[]
  jobs: (PartPlan['jobs'][number] & { part: string })[]
  calls: number
  /** Absent once it was done. */
  confirm?: { token: string; expiresAt: string }
}

/** Collects the plans of a mutation's parts while it runs. */
export class Parts {
  /** What was confirmed; null when it is only planned. */
  readonly expects: PlannedParts | null
  readonly #plans: [part: string, plan: PartPlan | undefined][] = []

  constructor(expects: PlannedParts | null) {
    this.expects = expects
  }

  /** The hash that the part about to be asked must come to. */
  next(part: string): string {
    const [name, hash] = this.expects?.[this.#plans.length] ?? []
    // Another one than was planned: no plan has such a hash.
    return name === part && hash !== undefined ? hash : 'another part'
  }

  /** Takes what a subgraph answered to a mutation. */
  took(part: string, answer: object): void {
    this.#plans.push([part, (answer as { extensions?: { plan?: PartPlan } }).extensions?.plan])
  }

  /** The hashes, in order; undefined when a part could not be planned, or there was none. */
  get hashes(): PlannedParts | undefined {
    const known = this.#plans.flatMap(([part, plan]) => (plan ? [[part, plan.hash] as const] : []))
    return known.length > 0 && known.length === this.#plans.length ? known : undefined
  }

  /** What all parts do together. */
  shown(): ShownPlan {
    const hash = createHash('sha256').update(JSON.stringify(this.hashes)).digest('hex')
    const shown: ShownPlan = { hash, rows: [], events: [], jobs: [], calls: 0 }
    for (const [part, plan] of this.#plans) {
      if (!plan) continue
      shown.rows.push(...plan.rows.map((row) => ({ part, ...row })))
      shown.events.push(...plan.events.map((event) => ({ part, ...event })))
      shown.jobs.push(...plan.jobs.map((job) => ({ part, ...job })))
      shown.calls += plan.calls
    }
    return shown
  }
}

/** The plan in the answer to a mutation; undefined when it was simply done. */
export const shownPlan = ({ extensions }: FormattedExecutionResult): ShownPlan | undefined =>
  extensions?.plan as ShownPlan | undefined

type Asked = Omit<Confirmable, 'principal'>
type Go = (context: RequestContext) => Promise<ExecutionResult>

/** Runs a mutation as it is wished. Never throws: what went wrong is in the result. */
export type PlannedRuns = (
  go: Go,
  asked: Asked,
  wish: PlanningWish,
  context: RequestContext,
) => Promise<ExecutionResult>

/** How mutations are planned and confirmed. */
export const planRuns = (confirmations: Confirmations): PlannedRuns => {
  const withToken = async (parts: Parts, asked: Confirmable): Promise<ShownPlan | undefined> => {
    const { hashes } = parts
    return hashes && { ...parts.shown(), confirm: await confirmations.issue(asked, hashes) }
  }

  const plan = async (go: Go, asked: Confirmable, context: RequestContext) => {
    const parts = new Parts(null)
    const result = await go({ ...context, parts })
    const shown = await withToken(parts, asked)
    return { parts, result: shown ? { ...result, extensions: { plan: shown } } : result, shown }
  }

  const moved = (shown: ShownPlan | undefined): ExecutionResult => {
    const { message, code, status } = PlanMoved.with()
    const extensions = { code, http: { status }, ...(shown ? { plan: shown } : {}) }
    return { data: null, errors: [new GraphQLError(message, { extensions })] }
  }

  const confirm = async (go: Go, asked: Confirmable, token: string, context: RequestContext) => {
    const confirmed = await confirmations.read(token, asked)
    if (confirmed.parts.length > 1) {
      // What the first part does is done when the second one turns out to have moved: so all are looked at before.
      const again = await plan(go, asked, context)
      if (JSON.stringify(again.parts.hashes) !== JSON.stringify(confirmed.parts))
        return again.shown ? moved(again.shown) : again.result
    }
    await confirmations.spend(confirmed)
    const parts = new Parts(confirmed.parts)
    const result = await go({ ...context, parts })
    const hasMoved = result.errors?.some(({ extensions }) => extensions.code === PlanMoved.code)
    if (hasMoved && confirmed.parts.length === 1) return moved(await withToken(parts, asked))
    return parts.hashes && !hasMoved ? { ...result, extensions: { plan: parts.shown() } } : result
  }

  return async (go, asked, wish, context) => {
    const confirmable = { ...asked, principal: context.caller.principal }
    try {
      if (wish.kind === 'plan') return (await plan(go, confirmable, context)).result
      return await confirm(go, confirmable, wish.token, context)
    } catch (error) {
      if (!isHubError(error)) throw error
      return { errors: [asGraphQLError(error)] }
    }
  }
}
