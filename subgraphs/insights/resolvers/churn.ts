import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { ChurnRisk, MutationResolvers, QueryResolvers } from '#schema/generated/insights.types.ts'
import { connection, isMoment, isWhole, keyset, type PageArgs, placeOf } from '#service/connection.ts'
import { trainChurnModel } from '../commands/train-churn-model.ts'
import type { Context } from '../context.ts'
import type { Churn } from '../domain/churn.ts'
import { factors } from '../domain/churn-factors.ts'
import type { ChurnModel, ChurnReport } from '../domain/churn-model.ts'
import { bandOf } from '../domain/confidence.ts'
import { HORIZON_DAYS } from '../domain/leaving.ts'
import { churnSteps } from '../store/churn-history.ts'
import { type ChurnMonthRow, monthsBefore } from '../store/churn-months.ts'
import { type ModelRow, modelsBefore } from '../store/models.ts'

const shownChurn = ({
  percentage,
  confidence,
  version,
  leftOn,
  method,
  factors: showing,
}: Churn): ChurnRisk => ({
  percentage: percentage === null ? null : `${percentage}`,
  horizonDays: HORIZON_DAYS,
  leftOn,
  confidence: `${confidence}`,
  band: bandOf(confidence),
  method,
  modelVersion: version,
  factors: showing.map(({ name, strength, method: by, points, value, sources }) => ({
    // What was found before factors said it themselves was found by one method.
    ...{ name, strength: `${strength}`, method: by ?? method, points: `${points}`, value: `${value}` },
    ...{ unit: factors[name].unit, sources },
  })),
})

export const churnOfCustomer = {
  churnRisk: async ({ id }: { id: string }, { asOf }: { asOf?: Date | null }, ctx: Context) => {
    const found = asOf
      ? (await ctx.churnThen.load(id, asOf))?.said
      : (await ctx.findings.load(id))?.values.churn
    return found ? shownChurn(found) : null
  },

  churnHistory: async (
    { id }: { id: string },
    { from, to, ...args }: PageArgs & { from: Date; to: Date },
    ctx: Context,
  ) => {
    if (to < from) throw BadInput.with({ field: 'to', reason: 'must not be before from' })
    const page = keyset(args, 1)
    const [after = null] = placeOf(page.after, isMoment) ?? []
    const ask = { from, to, after: after === null ? null : new Date(after), limit: page.limit }
    const rows = await ctx.db.read(ctx.orgId, (tx) => churnSteps(tx, ctx.orgId, id, ask))
    const steps = rows.map(({ asOf, said }) => ({ asOf, risk: said && shownChurn(said) }))
    return connection(steps, page, ({ asOf }) => [asOf.toISOString()])
  },
}

const digits = (value: number): string => value.toFixed(4)

const shownModel = ({ version, learnedAt, isHeld, learned, report }: ModelRow) => {
  const model = learned as ChurnModel
  const { auc, brier, calibrationError, brierBefore, ...counts } = report as ChurnReport
  return {
    ...{ version, learnedAt, isHeld, ...counts, auc: digits(auc), brier: digits(brier) },
    ...{ calibrationError: digits(calibrationError), brierBefore: digits(brierBefore) },
    calibration: model.calibration.name,
    weights: model.factors.map((factor, i) => ({ factor, weight: digits(model.weights[i]!) })),
  }
}

const shownMonth = ({ month, customers, expected, left, isOver }: ChurnMonthRow) => ({
  ...{ month, customers, expected: Number(expected).toFixed(1), left, isOver },
  meanRisk: customers > 0 ? ((100 * Number(expected)) / customers).toFixed(1) : null,
})

/** The first day of a month. */
const isMonth = (value: string | number | null): value is string =>
  typeof value === 'string' && value.endsWith('-01') && z.iso.date().safeParse(value).success

export const churnQueries: Pick<QueryResolvers, 'churnModels' | 'churnMonths'> = {
  churnModels: async (_, args, ctx) => {
    const page = keyset(args, 1)
    const [before = null] = placeOf(page.after, isWhole) ?? []
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      modelsBefore(tx, ctx.orgId, 'churn', { before, limit: page.limit }),
    )
    return connection(rows.map(shownModel), page, ({ version }) => [version])
  },

  churnMonths: async (_, args, ctx) => {
    const page = keyset(args, 1)
    const [before = null] = placeOf(page.after, isMonth) ?? []
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      monthsBefore(tx, ctx.orgId, { before, limit: page.limit }),
    )
    return connection(rows.map(shownMonth), page, ({ month }) => [month])
  },
}

export const churnMutations: Pick<MutationResolvers, 'trainChurnModel'> = {
  trainChurnModel: (_, _args, ctx) => trainChurnModel(ctx),
}
