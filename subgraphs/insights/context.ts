import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { isId } from '#kernel/ids.ts'
import { type BaseContext, type Write, writing } from '#service/context.ts'
import type { Jobs } from '#service/jobs.ts'
import { keyed, type Loader, loader } from '#service/loader.ts'
import type { CourseRow, Look } from './domain/course.ts'
import { type ChurnStepRow, churnBy } from './store/churn-history.ts'
import { standingsOf } from './store/courses.ts'
import { enrichmentsOf, type KeptEnrichment } from './store/enrichments.ts'
import { type FindingsRow, findingsOf } from './store/findings.ts'
import { type HealthRow, healthBy, type Standing, standingOf } from './store/health.ts'
import {
  countInsightsOf,
  type InsightChoice,
  type InsightPage,
  insightPages,
  type Placed,
} from './store/insight-pages.ts'
import { type InsightRow, insightsById, newestInsights } from './store/insights.ts'
import { type HeldSettings, heldSettings } from './store/settings.ts'
import type { Outside } from './sync/outside.ts'

/** What every resolver of this subgraph has at hand. Loaders live as long as the request. */
export interface Context extends BaseContext {
  db: Database<DB>
  write: Write<DB>
  jobs: Jobs
  standing: Loader<string, Standing, void>
  /** By the moment it is asked of. */
  healthThen: Loader<string, HealthRow, Date>
  findings: Loader<string, FindingsRow, void>
  /** What was said of customers' leaving, by the moment it is asked of. */
  churnThen: Loader<string, ChurnStepRow, Date>
  /** By organisation: there is one. */
  settings: Loader<string, HeldSettings, void>
  courses: { load(look: Look): Promise<CourseRow | null> }
  insights: Loader<string, InsightRow, void>
  /** The newest of each detector about a customer. */
  newestInsights: Loader<string, InsightRow[], void>
  insightPages: Loader<string, Placed[], InsightPage>
  insightCounts: Loader<string, number, InsightChoice>
  enrichments: Loader<string, KeptEnrichment, void>
  /** Who outside can be asked about customers. */
  reachable: Outside['reachable']
}

export const contextOf = (
  db: Database<DB>,
  published: () => void,
  base: BaseContext,
  jobs: Jobs,
  { reachable }: Outside,
): Context => ({
  ...base,
  db,
  jobs,
  write: writing(db, base.orgId, published),
  standing: loader(async (ids) => {
    const rows = await db.read(base.orgId, (tx) => standingOf(tx, base.orgId, ids))
    return new Map(rows.map((row) => [row.customerId, row]))
  }),
  healthThen: loader((ids, at) => db.read(base.orgId, (tx) => healthBy(tx, base.orgId, ids, at))),
  churnThen: loader((ids, at) => db.read(base.orgId, (tx) => churnBy(tx, base.orgId, ids, at))),
  findings: loader((ids) => db.read(base.orgId, (tx) => findingsOf(tx, base.orgId, ids))),
  settings: loader(
    async () => new Map([[base.orgId, await db.read(base.orgId, (tx) => heldSettings(tx, base.orgId))]]),
  ),
  courses: courseLoader(db, base.orgId),
  insights: loader((ids) => db.read(base.orgId, (tx) => insightsById(tx, base.orgId, ids.filter(isId)))),
  newestInsights: loader((ids) => db.read(base.orgId, (tx) => newestInsights(tx, base.orgId, ids))),
  insightPages: loader((ids, page) => db.read(base.orgId, (tx) => insightPages(tx, base.orgId, ids, page))),
  insightCounts: loader((ids, choice) =>
    db.read(base.orgId, (tx) => countInsightsOf(tx, base.orgId, ids, choice)),
  ),
  enrichments: loader((ids) => db.read(base.orgId, (tx) => enrichmentsOf(tx, base.orgId, ids))),
  reachable,
})

/** Courses by whose and when: those asked for in one turn in one statement, however many moments they are looked at from. */
const courseLoader = (db: Database<DB>, orgId: string): Context['courses'] => {
  const nameOf = ({ customerId, at }: Look) => `${at.toISOString()} ${customerId}`
  const looks = new Map<string, Look>()
  const byName = loader<string, CourseRow>(async (names) => {
    const asked = names.map((name) => looks.get(name)!)
    return keyed(await db.read(orgId, (tx) => standingsOf(tx, orgId, asked)), nameOf)
  })
  return {
    load: (look) => {
      looks.set(nameOf(look), look)
      return byName.load(nameOf(look))
    },
  }
}
